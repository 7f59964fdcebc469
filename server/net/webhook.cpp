// SPDX-License-Identifier: Apache-2.0
#include "net/webhook.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <thread>
#include <utility>

#include "net/http_client.h"

namespace msgd {
namespace {

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string make_delivery_id() {
  std::array<unsigned char, 16> bytes{};
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  return to_hex(bytes.data(), bytes.size());
}

}  // namespace

std::string webhook_signature(std::string_view secret, std::int64_t unix_seconds,
                              std::string_view body) {
  const std::string text = fmt::format("{}.{}", unix_seconds, body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  ::HMAC(::EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
  return fmt::format("t={},v1={}", unix_seconds, to_hex(mac.data(), size));
}

Webhook::Webhook(WebhookOptions options, std::unique_ptr<HttpClient> client)
    : options_(std::move(options)), client_(std::move(client)) {}
Webhook::~Webhook() = default;

std::expected<std::unique_ptr<Webhook>, std::string> Webhook::open(WebhookOptions options) {
  auto client = HttpClient::open({.url = options.url, .timeout = options.timeout});
  if (!client) return std::unexpected("The webhook for codes " + client.error() + ".");
  return std::unique_ptr<Webhook>(new Webhook(std::move(options), *std::move(client)));
}

std::expected<void, std::string> Webhook::post(std::string_view body) {
  const std::string delivery = make_delivery_id();
  std::string why;
  for (int i = 0; i < options_.attempts_max; ++i) {
    // Between attempts only time helps; the thread is the sender's own.
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(250) * (1 << i));
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto answer =
        client_->post({{"Content-Type", "application/json"},
                       {"X-Msg-Delivery", delivery},
                       {"X-Msg-Signature",
                        webhook_signature(options_.secret, now.time_since_epoch().count(), body)}},
                      body);
    if (answer && answer->status >= 200 && answer->status < 300) return {};
    why = answer ? fmt::format("it answered {}", answer->status) : answer.error();
    if (answer && answer->status < 500 && answer->status != 429) break;
  }
  return std::unexpected(std::move(why));
}

}  // namespace msgd
