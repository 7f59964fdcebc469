// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "msg/messenger.h"
#include "power/disk.h"
#include "power/ledger.h"
#include "power/stores.h"

namespace msg::power {

/// How the programs of these tests open a store: small and quick.
Options options();
std::string phone_of(int person);
std::string key_of(std::size_t number);
Draft draft_of(const Ledger& ledger, std::size_t number, ConversationId chat,
               const std::array<UserId, kPeople>& people);

/// Two people who use a store on a disk, and note in the ledger what they are told.
///
/// Every call may fail; then the ledger says that its outcome is open, and `errors` why. What
/// contradicts an earlier answer is a complaint.
///
/// Thread safety: one thread; poll_during_commits() lets the committing thread in for reader 1.
class Clients {
 public:
  Clients(Kind kind, Disk& disk, Ledger& ledger) : kind_(kind), disk_(disk), ledger_(ledger) {}
  ~Clients() { close(); }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  /// Opens the store, and makes people and conversation when they are missing.
  bool open();
  void close();
  bool is_open() const { return messenger_ != nullptr; }

  void send(int sender, std::size_t bytes = 0, std::size_t count = 1);
  /// Everything that was ever sent, once more, oldest first: each answer as before.
  void send_again();
  void mark(int reader, bool read);
  void poll(int reader);
  void login(int person);
  void write_back();
  void poll_during_commits();

  /// Where each opening began that came to its end.
  std::vector<Position> openings;
  std::vector<std::string> errors;
  std::vector<std::string> complaints;

 private:
  void note_answer(std::size_t number, const Result<Message>& answer);
  Ledger::Page last_page(int reader);
  void poll_now(int reader);
  void complain(std::string text) {
    const std::scoped_lock lock(mutex_);
    complaints.push_back(std::move(text));
  }
  template <class T>
  bool ok(const Result<T>& result) {
    const std::scoped_lock lock(mutex_);
    if (!result) errors.push_back(result.error().detail);
    return result.has_value();
  }

  Kind kind_;
  Disk& disk_;
  Ledger& ledger_;
  std::unique_ptr<Messenger> messenger_;
  std::array<UserId, kPeople> people_{};
  ConversationId chat_{};
  std::int64_t newest_{0};  // that an answer named
  std::mutex mutex_;        // of the pages, errors and complaints
};

}  // namespace msg::power
