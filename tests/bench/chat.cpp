// SPDX-License-Identifier: Apache-2.0
#include "chat.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <semaphore>
#include <thread>
#include <utility>

#include "sample.h"

namespace msg::bench {

Chat::Chat(const std::string& url, Options options)
    : messenger_(must(open(url, std::move(options)))), alice_(make_user()), bob_(make_user()) {}

UserId Chat::make_user() {
  const auto number = users_.fetch_add(1);
  return must(messenger_->register_user({.phone = "+1415" + std::to_string(5'000'000 + number)}))
      .id;
}

ConversationId Chat::make_group(UserId owner, const std::vector<UserId>& others) {
  return must(messenger_->create_group(owner, {.title = "Room", .users = others})).id;
}

Drafts::Drafts(std::vector<ConversationId> rooms, std::vector<UserId> senders)
    : rooms_(std::move(rooms)), senders_(std::move(senders)) {
  static std::atomic<int> instances{0};
  key_ = "k" + std::to_string(++instances) + "-";
}

Draft Drafts::next() {
  const auto number = count_.fetch_add(1, std::memory_order_relaxed);
  const auto place = static_cast<std::size_t>(number);
  return {.conversation = rooms_[place % rooms_.size()],
          .sender = senders_[place % senders_.size()],
          .content = sample_text(number),
          .client_id = key_ + std::to_string(number)};
}

Sample send_pipelined(Messenger& messenger, Drafts& drafts, int window, double seconds) {
  std::counting_semaphore<> free(window);
  std::vector<float> latencies;  // the committing thread's, until all have come back
  const Stopwatch watch;
  std::int64_t sent = 0;
  for (double now = 0; now < seconds; ++sent) {
    free.acquire();
    now = watch.seconds();
    messenger.send_async(drafts.next(), [&, now](const Result<Message>& result) {
      if (!result) give_up(result.error());
      latencies.push_back(static_cast<float>((watch.seconds() - now) * 1e6));
      free.release();
    });
  }
  for (int i = 0; i < window; ++i) free.acquire();
  Sample sample = watch.sample(sent);
  sample.latencies_us = std::move(latencies);
  return sample;
}

void load(Messenger& messenger, Drafts& drafts, std::int64_t count,
          const std::function<void(std::int64_t)>& told) {
  constexpr int kWindow = 4096;
  constexpr std::int64_t kTellEvery = 1024;
  std::counting_semaphore<> free(kWindow);
  for (std::int64_t i = 0; i < count; ++i) {
    free.acquire();
    messenger.send_async(drafts.next(), [&](const Result<Message>& result) {
      if (!result) give_up(result.error());
      free.release();
    });
    if (told && (i + 1) % kTellEvery == 0) told(i + 1);
  }
  for (int i = 0; i < kWindow; ++i) free.acquire();
  if (told) told(count);
}

void in_parallel(int count, const std::function<void(int)>& work) {
  constexpr int kThreads = 64;
  std::atomic<int> next{0};
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < std::min(kThreads, count); ++thread) {
    threads.emplace_back([&] {
      for (int i = next++; i < count; i = next++) work(i);
    });
  }
}

void give_up(const Error& error) {
  std::fprintf(stderr, "%s: %s\n", std::string(to_string(error.code)).c_str(),
               error.detail.c_str());
  std::_Exit(1);
}

}  // namespace msg::bench
