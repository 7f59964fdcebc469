// SPDX-License-Identifier: Apache-2.0
// One rule for all pages that carry content: as many items, in their order, as stay within
// Limits::page_bytes_max, and always the first.
#include "contract.h"

namespace msg::test {
namespace {

using Sizes = std::vector<std::size_t>;
using Pages = std::vector<Sizes>;

/// Sums that are the bound, that pass it by one, and one item that is larger by itself.
const Sizes kSizes{600, 400, 1, 1500, 1, 999, 500, 500};
const Pages kPages{{600, 400}, {1}, {1500}, {1, 999}, {500, 500}};
const Pages kPagesFromTheEnd{{500, 500}, {999, 1}, {1500}, {1, 400}, {600}};
constexpr std::size_t kBound = 1000;

class PageBytesContract : public Contract {
 protected:
  void begin(std::size_t page_bytes_max) {
    options_.limits.page_bytes_max = page_bytes_max;
    reopen();
    alice_ = add_user("alice");
  }
  /// One message of each size, each in a conversation of its own.
  void send_to_many() {
    for (const std::size_t size : kSizes) {
      const auto peer = add_user("peer" + std::to_string(peers_++));
      send(peer, direct(alice_, peer), std::string(size, 'x'));
    }
  }
  /// Goes through all pages; `limit` is never what ends one.
  Pages history_pages(ConversationId chat, Order order) {
    Pages pages;
    HistoryRequest request{.conversation = chat, .limit = 100, .cursor = {}, .order = order};
    for (bool more = true; more;) {
      const auto page = must(messenger_->history(alice_.id, request));
      Sizes& sizes = pages.emplace_back();
      for (const auto& message : page.items) sizes.push_back(message.content.size());
      request.cursor = page.next;
      more = page.has_more;
    }
    return pages;
  }

  User alice_;

 private:
  int peers_{0};
};

TEST_P(PageBytesContract, HistoryStaysWithinThem) {
  begin(kBound);
  const auto chat = direct(alice_, alice_);
  for (const std::size_t size : kSizes) send(alice_, chat, std::string(size, 'x'));
  EXPECT_EQ(history_pages(chat, Order::oldest_first), kPages);
  EXPECT_EQ(history_pages(chat, Order::newest_first), kPagesFromTheEnd);
}

TEST_P(PageBytesContract, ConversationsStayWithinThem) {
  begin(kBound);
  send_to_many();
  Pages pages;
  PageRequest request{.limit = 100, .cursor = {}};
  for (bool more = true; more;) {
    const auto page = must(messenger_->list_conversations(alice_.id, request));
    Sizes& sizes = pages.emplace_back();
    for (const auto& view : page.items) sizes.push_back(view.last_message->content.size());
    request.cursor = page.next;
    more = page.has_more;
  }
  EXPECT_EQ(pages, kPagesFromTheEnd) << "the latest comes first";
}

TEST_P(PageBytesContract, SyncStaysWithinThem) {
  begin(2 * kBound);  // each message comes as the last of its conversation, too
  send_to_many();
  Pages pages;
  SyncRequest request{.limit = 100, .cursor = {}};
  for (bool more = true; more;) {
    const auto page = must(messenger_->sync(alice_.id, request));
    Sizes& sizes = pages.emplace_back();
    for (const auto& delta : page.conversations) {
      sizes.push_back(delta.messages.at(0).content.size());
    }
    request.cursor = page.cursor;
    more = page.has_more;
  }
  EXPECT_EQ(pages, kPages);
}

MSG_FOR_EACH_BACKEND(PageBytesContract);

}  // namespace
}  // namespace msg::test
