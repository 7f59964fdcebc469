// SPDX-License-Identifier: Apache-2.0
#include "messenger/view_reader.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "messenger/personal.h"

namespace msg {
namespace {

constexpr std::size_t kPagesAhead = 4;

}  // namespace

ViewReader::ViewReader(Snapshot& snapshot, const Limits& limits) : snapshot_(snapshot) {
  const auto message_bytes = std::max<std::size_t>(limits.content_bytes_max, 1);
  ahead_max_ = kPagesAhead * std::max<std::size_t>(limits.page_bytes_max / message_bytes, 1);
}

Result<ConversationView> ViewReader::next() {
  const Access& access = *accesses_.at(next_);
  std::optional<Message> last_message;
  if (last_message_id(access)) {
    if (ahead_.empty()) MSG_CHECK(read_ahead());
    last_message = std::move(ahead_.front());
    ahead_.pop_front();
    if (last_message) {
      MSG_CHECK(rewind(snapshot_, access, *last_message));
      MSG_CHECK(take_out_hidden(snapshot_, access, {&*last_message, 1}));
    }
  }
  ++next_;
  return make_view(access, std::move(last_message));
}

Result<void> ViewReader::read_ahead() {
  std::vector<MessageId> ids;
  for (std::size_t i = next_; i < accesses_.size() && ids.size() < ahead_max_; ++i) {
    if (const auto id = last_message_id(*accesses_[i])) ids.push_back(*id);
  }
  MSG_TRY(auto messages, snapshot_.find_messages(ids));
  ahead_.assign(std::move_iterator(messages.begin()), std::move_iterator(messages.end()));
  return {};
}

}  // namespace msg
