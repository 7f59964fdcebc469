// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "messenger/impl.h"
#include "msg/sign_in.h"
#include "sign_in/budgets.h"
#include "sign_in/code_keys.h"
#include "sign_in/code_queue.h"
#include "sign_in/phone_state.h"
#include "sign_in/pins.h"

namespace msg {

/// A number that a request id leads to, in the commit that looks at the code.
struct FoundPhone {
  std::string phone;
  PhoneState state;
};

struct SignIn::Impl {
  Impl(MessengerInside::Impl& inside_, SignInOptions given, CodeSender sender)
      : inside(inside_),
        options(std::move(given)),
        keys(inside.store->identity()),
        queue(std::move(sender), options, inside.options.log),
        pins(options),
        addresses(options.requests_per_address, options.addresses_max),
        prefixes(options.sends_per_prefix, options.addresses_max),
        countries(options.sends_per_country, 256),
        all(options.sends_in_all, 1) {}

  // sign_in.cpp: sending
  Result<void> admit(const std::string& network, Time now);
  bool reserve(const std::string& phone, Time now);
  void note_sent(const std::string& phone, Time now);
  Result<bool> store_code(const SideOwner& owner, const std::string& phone, const PendingCode& code,
                          bool may_send);
  void watch_conversion(Time now);
  void log(const std::string& line) const;

  // proof.cpp: looking at a code
  struct Proof {
    RequestId request;
    CodeHash hash{};
  };
  Result<Proof> read_proof(const ProvenPhone& given) const;
  /// unknown requests are refused without a commit.
  Result<void> require_request(const Proof& proof);
  /// Within a commit. A wrong code is counted there, so it is no error of the work.
  struct Looked {
    Judgement judgement;
    FoundPhone found;
  };
  Result<Looked> look(Batch& batch, const Proof& proof);
  Result<void> put_state(Batch& batch, const Proof& proof, const FoundPhone& found);
  Result<void> refusal(const Judgement& judgement);

  MessengerInside::Impl& inside;
  const SignInOptions options;
  const CodeKeys keys;
  CodeQueue queue;
  PinHasher pins;

  mutable std::mutex mutex;  ///< Of what follows.
  Budget addresses;
  Budget prefixes;
  Budget countries;
  Budget all;
  Conversion conversion;
  SignInCounters counted;
  std::optional<Time> alarmed;
};

std::unexpected<Error> wrong_code();
std::unexpected<Error> too_many_guesses(std::chrono::milliseconds wait);

}  // namespace msg
