// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "msg/types.h"
#include "msgctl/outbox.h"
#include "msgctl/progress.h"

namespace msgctl {

// What the model wants asked of the server.
struct AskSend {
  std::string client_id, content;
};
struct AskMark {
  msg::MessageState state{};
  msg::Seq up_to{};
};
struct AskNewer {
  msg::Seq after{};
};
struct AskOlder {
  msg::Seq before{};
};
struct AskTyping {};
using Ask = std::variant<AskSend, AskMark, AskNewer, AskOlder, AskTyping>;

/// What the server answered instead of doing what was asked.
struct Refusal {
  std::string code, detail;
  std::chrono::milliseconds retry_after{0};
  /// Nothing is wrong with the request; the same one may succeed later.
  bool passing() const {
    return code == "overloaded" || code == "rate_limited" || code == "unavailable";
  }
};

// What a person should see.
struct ShowMessage {
  msg::Message message;
};
/// One that was shown is another now: edited or deleted.
struct ShowChange {
  msg::Message message;
};
/// How far own messages got: everything up to `message` is `state`.
struct ShowProgress {
  msg::MessageState state{};
  OwnMessage message;
};
struct ShowOlder {
  std::vector<msg::Message> messages;  ///< Oldest first.
  bool more{false};
};
struct ShowTyping {
  std::vector<msg::UserId> users;  ///< Everybody who is writing now; empty: nobody any more.
};
/// A message that the server will not take.
struct ShowRefused {
  OutboxEntry entry;
  Refusal why;
};
struct ShowMember {
  msg::UserId user{};
  bool joined{};
};
using Show = std::variant<ShowMessage, ShowChange, ShowProgress, ShowOlder, ShowTyping, ShowRefused,
                          ShowMember>;

/// One conversation as one device knows it: which messages were seen, which wait to be sent, how
/// far own ones got, who is writing. Pure: time, events and answers come in by calls; what to ask
/// and what to show is taken out with take_asks() and take_shows() after each.
///
/// Messages are shown once, in the order of their seq, without holes: one that comes before its
/// predecessors waits until they have been fetched. What becomes of one is shown if it was. What
/// was typed goes out once, in order, however often the connection breaks: one at a time, each
/// again under its client_id until it is settled. Asks are paced below the server's limit of 100
/// frames per second.
///
/// Thread safety: none.
class ChatModel {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  explicit ChatModel(msg::UserId me) : me_(me) {}

  // The connection
  // ---------------------------------------------------------------------------------
  /// The conversation as it was found. `page`: the newest messages, oldest first, all of them
  /// shown; `before`: everything up to it is older than the page. To be called once, first.
  void opened(const std::vector<msg::Member>& members, std::vector<msg::Message> page,
              msg::Seq before, Moment now);
  /// Everything missed has arrived; from here on asks are answered.
  void online(Moment now);
  /// Nothing that was asked will be answered any more.
  void offline(Moment now);

  // Events, and what sync brought
  // --------------------------------------------------------------------
  void message(msg::Message message, Moment now);
  /// A message as it is now, which may have been shown before.
  void changed(msg::Message message);
  void member(const msg::Member& member, Moment now);
  void typing(msg::UserId user, std::chrono::milliseconds expires_in, Moment now);

  // Answers --------------------------------------------------------------------------------------
  void sent(const msg::Message& message, Moment now);
  void send_refused(const std::string& client_id, const Refusal& refusal, Moment now);
  void marked(const msg::Member& member, Moment now);
  void mark_refused(const AskMark& mark, const Refusal& refusal, Moment now);
  void newer(std::vector<msg::Message> messages, bool more, Moment now);
  void older(std::vector<msg::Message> messages, bool more);
  void fetch_refused(const Refusal& refusal, Moment now);

  // The person -----------------------------------------------------------------------------------
  /// False when the outbox is full and nothing was taken.
  [[nodiscard]] bool type(std::string client_id, std::string content, Moment now);
  /// A key was pressed and the line is not empty.
  void keystroke(Moment now);
  /// Messages up to `seq` have been put before the person.
  void seen(msg::Seq seq, Moment now);
  /// False when there is nobody to ask or nothing to go on from.
  [[nodiscard]] bool want_older();
  void tick(Moment now);

  std::vector<Ask> take_asks() { return std::exchange(asks_, {}); }
  std::vector<Show> take_shows() { return std::exchange(shows_, {}); }

  /// When tick() is due; nothing when only an event can change something.
  std::optional<Moment> next_tick() const;
  /// It was opened, and all that was typed and seen is settled with the server.
  bool idle() const;
  bool has_room() const { return !outbox_.full(); }
  std::size_t waiting() const { return outbox_.size(); }
  bool is_online() const { return online_; }
  const std::map<msg::UserId, msg::Member>& members() const { return members_; }
  const Progress& progress() const { return progress_; }

 private:
  void show(msg::Message message);
  void hold(msg::Message message);
  void drain();
  void pump(Moment now);
  void pump_marks(Moment now);
  void report_progress();
  void report_typing();
  bool may_ask(Moment now);
  void wait_after(const Refusal& refusal, Moment now);

  msg::UserId me_;
  bool online_{false};
  bool opened_{false};

  msg::Seq shown_{};                       ///< Everything up to it was shown.
  std::optional<msg::Seq> oldest_{};       ///< The first one shown, from where /older goes on.
  std::map<msg::Seq, msg::Message> held_;  ///< Behind a hole.
  bool fetching_{false};
  msg::Seq stored_{};  ///< The newest own message that an answer told of.

  Outbox outbox_;
  Progress progress_;
  std::map<msg::UserId, msg::Member> members_;
  std::map<msg::UserId, Moment> typing_;

  struct Watermark {
    msg::Seq wanted{}, confirmed{};
  };
  Watermark delivered_, read_;
  bool marking_{false};

  std::optional<Moment> said_typing_;
  bool wants_typing_{false};
  Moment not_before_{};    ///< After an `overloaded`.
  Moment paced_{};         ///< When the bucket of asks is full again.
  bool held_back_{false};  ///< Something waits for a moment, not for an answer.

  std::vector<Ask> asks_;
  std::vector<Show> shows_;
};

}  // namespace msgctl
