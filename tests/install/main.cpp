// SPDX-License-Identifier: Apache-2.0
// The least that proves a usable installation: open every store, send, read back.
#include <cstdio>
#include <string_view>

#include "msg/messenger.h"

namespace {

msg::Result<void> talk(std::string_view url) {
  MSG_TRY(auto messenger, msg::open(url));
  MSG_TRY(auto alice, messenger->register_user({.phone = "+14155550100", .username = "alice"}));
  MSG_TRY(auto bob, messenger->register_user({.phone = "+14155550101", .username = "bob"}));
  MSG_TRY(auto direct, messenger->open_direct(alice.id, bob.id));
  MSG_TRY(auto sent,
          messenger->send({.conversation = direct.id, .sender = alice.id, .content = "hi"}));
  MSG_TRY(auto page, messenger->history(bob.id, {.conversation = direct.id}));
  if (page.items.size() != 1 || page.items[0].id != sent.id || page.items[0].content != "hi") {
    return msg::fail(msg::Code::corrupt, "read back something else");
  }
  return {};
}

}  // namespace

int main() {
  for (std::string_view url : {"memory:", "sqlite:outside.db", "rocksdb:outside"}) {
    if (auto done = talk(url); !done) {
      std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(url.size()), url.data(),
                   done.error().detail.c_str());
      return 1;
    }
  }
  return 0;
}
