// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "auth/jwt.h"
#include "auth/key_source.h"
#include "http/errors.h"
#include "msg/external_ids.h"
#include "msg/options.h"

namespace msgd {

struct JwtSignInOptions {
  JwtRules rules{};
  bool trust_phone{false};  ///< `phone_number` was proven to the issuer.
  KeySourceOptions keys{};
  std::function<msg::Time()> clock{msg::Options{}.clock};
};

/// Sign-in of the users of another application, which it vouches for with tokens of its own.
///
/// Thread safety: all calls from any thread.
class JwtSignIn {
 public:
  explicit JwtSignIn(JwtSignInOptions options)
      : options_(std::move(options)), keys_(options_.keys) {}

  /// Whom a token stands for. 401 for every cause that lies in the token, which the log tells at
  /// level debug; 503 while there are no keys, or those that it needs are being fetched. May wait
  /// for that, one caller at most once a minute.
  Outcome<msg::ExternalPerson> verify(std::string_view token);

  KeySource& keys() { return keys_; }
  const std::string& issuer() const { return options_.rules.issuer; }

  /// In the format of Prometheus.
  void append_metrics(std::string& out) const;

 private:
  Outcome<JwtClaims> read(std::string_view token);

  const JwtSignInOptions options_;
  KeySource keys_;
  std::atomic<std::int64_t> accepted_{0};
  std::atomic<std::int64_t> refused_{0};
};

}  // namespace msgd
