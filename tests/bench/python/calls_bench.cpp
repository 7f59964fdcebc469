// SPDX-License-Identifier: Apache-2.0
// The C++ half of calls_bench.py: the same calls, and four threads that write.
//   calls_bench calls | calls_bench threads URL MESSAGES-EACH
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "msg/messenger.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCalls = 20'000;

struct Chat {
  std::unique_ptr<msg::Messenger> messenger;
  msg::UserId alice;
  msg::ConversationId talk;
};

Chat open(std::string_view url) {
  auto messenger = msg::open(url).value();
  const auto alice = messenger->register_user({.phone = "+1 415 555 0101"}).value().id;
  const auto bob = messenger->register_user({.phone = "+1 415 555 0102"}).value().id;
  const auto talk = messenger->open_direct(alice, bob).value().id;
  return {std::move(messenger), alice, talk};
}

template <class Call>
double per_call_us(Call call, int calls = kCalls) {
  const auto begun = Clock::now();
  for (int i = 0; i < calls; ++i) call();
  return std::chrono::duration<double, std::micro>(Clock::now() - begun).count() / calls;
}

void calls() {
  const Chat chat = open("memory:");
  msg::Messenger& m = *chat.messenger;
  const msg::Draft draft{.conversation = chat.talk, .sender = chat.alice, .content = "hello"};
  const auto first = m.send(draft).value().id;
  std::printf("load_user %f\n", per_call_us([&] { (void)m.load_user(chat.alice).value(); }));
  std::printf("load_message %f\n",
              per_call_us([&] { (void)m.load_message(chat.alice, first).value(); }));
  std::printf("send %f\n", per_call_us([&] { (void)m.send(draft).value(); }));
  const std::vector<msg::Draft> drafts(1000, draft);
  std::printf("send_many/message %f\n", per_call_us([&] { (void)m.send_many(drafts); }, 20) / 1000);
  const msg::HistoryRequest page{.conversation = chat.talk, .limit = 200};
  const double history = per_call_us([&] { (void)m.history(chat.alice, page).value(); }, 200) / 200;
  std::printf("history/message %f\nexport/message %f\n", history, history);
}

void threads(std::string_view url, int each) {
  const Chat chat = open(url);
  const msg::Draft draft{
      .conversation = chat.talk, .sender = chat.alice, .content = std::string(100, 'x')};
  const auto begun = Clock::now();
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i) {
      writers.emplace_back([&] {
        for (int n = 0; n < each; ++n) (void)chat.messenger->send(draft).value();
      });
    }
  }
  const std::chrono::duration<double> took = Clock::now() - begun;
  std::printf("rate %f\n", 4 * each / took.count());
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && arguments[0] == "calls") {
    calls();
  } else if (arguments.size() == 3 && arguments[0] == "threads") {
    threads(arguments[1], std::atoi(argv[3]));
  } else {
    return 2;
  }
}
