// SPDX-License-Identifier: Apache-2.0
// Removing a member while they send: 10,000 times over all stores.
#include <algorithm>
#include <barrier>
#include <thread>

#include "contract.h"

namespace msg::test {
namespace {

/// What a member who is being removed managed to send.
struct Sent {
  std::vector<Message> acknowledged;
  std::optional<Error> refusal;
};

class RemovalRaceContract : public Contract {
 protected:
  /// Until it is refused.
  Sent send_on(Messenger& messenger, int round) {
    Sent sent;
    for (int i = 0; !sent.refusal; ++i) {
      auto one = messenger.send({.conversation = room_,
                                 .sender = bob_.id,
                                 .content = "x",
                                 .client_id = std::to_string(round) + '.' + std::to_string(i)});
      if (one) {
        sent.acknowledged.push_back(*std::move(one));
      } else {
        sent.refusal = std::move(one).error();
      }
    }
    return sent;
  }

  void expect_fair(int round, const Member& removed, const Sent& sent) {
    ASSERT_TRUE(removed.visible_until);
    EXPECT_EQ(sent.refusal->code, Code::permission_denied);
    const auto secret = send(alice_, room_, "not for bob");
    EXPECT_GT(secret.id.seq, *removed.visible_until);
    for (const auto& message : sent.acknowledged) {
      EXPECT_LE(message.id.seq, *removed.visible_until) << "round " << round;
    }
    // All that was acknowledged is there, and nothing else of this round's.
    const auto count = static_cast<int>(sent.acknowledged.size());
    const auto page = must(
        messenger_->history(alice_.id, {.conversation = room_, .limit = std::min(count + 2, 200)}));
    const auto of_bob = std::ranges::count_if(page.items, [&](const Message& message) {
      return message.sender == bob_.id && message.id.seq > before_;
    });
    if (count < 199) {
      EXPECT_EQ(of_bob, count) << "round " << round;
    }
    const auto seen = must(messenger_->history(bob_.id, {.conversation = room_, .limit = 1}));
    if (!seen.items.empty()) {
      EXPECT_NE(seen.items.front().id, secret.id);
    }
    EXPECT_TRUE(refuses(messenger_->load_message(bob_.id, secret.id), Code::not_found));
    before_ = secret.id.seq;
  }

  /// bob sends through `messenger`, and is removed through the first one.
  void race(Messenger& messenger, int rounds) {
    Sent sent;
    std::barrier meet(2);
    std::thread sender([&] {
      for (int round = 0; round < rounds; ++round) {
        meet.arrive_and_wait();  // bob is a member
        sent = send_on(messenger, round);
        meet.arrive_and_wait();
      }
    });
    for (int round = 0; round < rounds; ++round) {
      must(messenger_->add_member(alice_.id, room_, bob_.id, Role::member));
      meet.arrive_and_wait();
      const auto removed = must(messenger_->remove_member(alice_.id, room_, bob_.id));
      meet.arrive_and_wait();
      expect_fair(round, removed, sent);
    }
    sender.join();
  }

  User alice_ = add_user("alice");
  User bob_ = add_user("bob");
  ConversationId room_ = group(alice_, {});
  Seq before_{};
};

TEST_P(RemovalRaceContract, NothingIsSentAfterwardsAndNothingAcknowledgedIsLost) {
  race(*messenger_, GetParam().durable ? 1'000 : 7'000);
}

MSG_FOR_EACH_BACKEND(RemovalRaceContract);

/// The sender's messages go through another process.
class SharedRemovalRaceContract : public RemovalRaceContract {};

TEST_P(SharedRemovalRaceContract, NorThroughAnotherProcess) {
  Options options = options_;
  options.node = 1;
  race(*must(open(GetParam().url(directory_), options)), 300);
}

MSG_FOR_EACH_SHARED_BACKEND(SharedRemovalRaceContract);

}  // namespace
}  // namespace msg::test
