// SPDX-License-Identifier: Apache-2.0
#include "feed/causal_queue.h"

#include <algorithm>
#include <utility>

namespace msg {
namespace {

constexpr std::size_t kContentUnit = 256;

std::size_t size_of(const NewsItem& item) {
  const auto* const event = std::get_if<std::shared_ptr<Event>>(&item);
  if (event == nullptr) return 1;
  const auto* const sent = std::get_if<MessageEvent>(&(*event)->body);
  return sent == nullptr ? 1 : 1 + sent->message.content.size() / kContentUnit;
}

std::size_t size_of(const News& news) {
  std::size_t size = 1;
  for (const NewsItem& item : news.items) size += size_of(item);
  return size;
}

}  // namespace

void CausalQueue::add(News&& news) {
  if (news.last <= reached_.horizon.up_to.at(news.writer)) return;
  const std::size_t size = size_of(news);
  const Version last = news.last;
  if (waiting_.at(news.writer).try_emplace(last, std::move(news)).second) size_ += size;
}

std::optional<News> CausalQueue::take() {
  if (size_ == 0) return std::nullopt;
  for (auto& waiting : waiting_) {
    if (!waiting.empty() && is_turn_of(waiting.begin()->second)) return extract(waiting);
  }
  return std::nullopt;
}

std::optional<News> CausalQueue::take_out_of_order() {
  if (size_ == 0) return std::nullopt;
  return extract(*std::ranges::find_if(waiting_, [](const auto& w) { return !w.empty(); }));
}

void CausalQueue::told(const News& news) {
  reached_.horizon.up_to.at(news.writer) = news.last;
  reached_.tags.at(news.writer) = news.life;
}

void CausalQueue::jump(const Position& position) {
  reached_ = position;
  for (std::size_t writer = 0; writer < kWritersMax; ++writer) {
    Waiting& waiting = waiting_.at(writer);
    while (!waiting.empty() && waiting.begin()->first <= reached_.horizon.up_to.at(writer)) {
      (void)extract(waiting);
    }
  }
}

std::optional<std::chrono::steady_clock::time_point> CausalQueue::waits_since() const {
  if (size_ == 0) return std::nullopt;
  auto first = std::chrono::steady_clock::time_point::max();
  for (const auto& waiting : waiting_) {
    if (!waiting.empty()) first = std::min(first, waiting.begin()->second.heard_at);
  }
  return first;
}

bool CausalQueue::is_turn_of(const News& news) const {
  if (news.before != reached_.horizon.up_to.at(news.writer)) return false;
  for (std::size_t i = 0; i < kWritersMax; ++i) {
    if (i != news.writer && news.built_on.up_to.at(i) > reached_.horizon.up_to.at(i)) return false;
  }
  return true;
}

News CausalQueue::extract(Waiting& waiting) {
  News news = std::move(waiting.extract(waiting.begin()).mapped());
  size_ -= size_of(news);
  return news;
}

}  // namespace msg
