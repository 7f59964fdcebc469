// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace msgd {

class HttpClient;

struct WebhookOptions {
  std::string url;                           ///< https, or http to this machine.
  std::string secret;                        ///< Signs what is posted.
  std::chrono::milliseconds timeout{5'000};  ///< Of one attempt.
  int attempts_max{3};                       ///< At failures of the network, 429 and 5xx.
};

/// Posts JSON to an operator's program. Each post is signed, so that the program knows who it is
/// from:
///
///     X-Msg-Signature: t=SECONDS,v1=HEX     HEX = HMAC-SHA256(secret, SECONDS "." body)
///     X-Msg-Delivery: ID                    the same in each attempt
///
/// As HttpClient asks; of the answer no more than its head is looked at.
///
/// Thread safety: all calls from any thread; they wait for their own connections.
class Webhook {
 public:
  /// The error is a sentence for the operator.
  static std::expected<std::unique_ptr<Webhook>, std::string> open(WebhookOptions options);
  ~Webhook();

  /// Delivered when answered with 2xx. The error says why not, without what was posted.
  std::expected<void, std::string> post(std::string_view body);

 private:
  Webhook(WebhookOptions options, std::unique_ptr<HttpClient> client);

  const WebhookOptions options_;
  const std::unique_ptr<HttpClient> client_;
};

/// The value of X-Msg-Signature.
std::string webhook_signature(std::string_view secret, std::int64_t unix_seconds,
                              std::string_view body);

}  // namespace msgd
