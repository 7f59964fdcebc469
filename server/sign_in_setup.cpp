// SPDX-License-Identifier: Apache-2.0
#include "sign_in_setup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "net/webhook.h"
#include "ops/code_sender.h"

namespace msgd {
namespace {

constexpr std::size_t kSecretBytesMin = 16;

std::expected<std::string, std::string> read_secret(const std::string& path) {
  struct stat status{};
  std::ifstream file(path, std::ios::binary);
  if (!file || ::stat(path.c_str(), &status) != 0) {
    return std::unexpected("Cannot read " + path + ".");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(path + " must be its owner's only (chmod 600).");
  }
  std::string secret(std::istreambuf_iterator<char>(file), {});
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.size() < kSecretBytesMin) {
    return std::unexpected(fmt::format("{} has less than {} bytes.", path, kSecretBytesMin));
  }
  return secret;
}

std::expected<msg::CodeSender, std::string> sender_of(const Config& config) {
  if (config.code_webhook.empty()) return code_logger();
  auto secret = read_secret(config.code_webhook_secret_file);
  if (!secret) return std::unexpected(secret.error());
  auto opened = Webhook::open({.url = config.code_webhook, .secret = *std::move(secret)});
  if (!opened) return std::unexpected(opened.error());
  std::shared_ptr<Webhook> webhook = *std::move(opened);
  return code_sender([webhook](const std::string& body) {
    const auto posted = webhook->post(body);
    return posted ? std::string{} : posted.error();
  });
}

void append(std::string& out, std::string_view name, std::string_view type, std::int64_t value) {
  fmt::format_to(std::back_inserter(out), "# TYPE msgd_{0} {1}\nmsgd_{0} {2}\n", name, type, value);
}

}  // namespace

std::expected<std::unique_ptr<msg::SignIn>, std::string> open_sign_in(msg::Messenger& messenger,
                                                                      const Config& config) {
  if (config.code_webhook.empty() && !config.dev) return nullptr;
  auto sender = sender_of(config);
  if (!sender) return std::unexpected(sender.error());
  msg::SignInOptions options;
  options.countries = config.sign_in_countries;
  if (options.countries.empty()) options.countries = {"*"};  // --dev: others have to say it
  options.code_lifetime = config.code_lifetime;
  options.recycle_after = config.recycle_after;
  options.sends_per_day = config.codes_per_number;
  options.requests_per_address = config.codes_per_address;
  options.sends_per_prefix = config.codes_per_prefix;
  options.sends_per_country = config.codes_per_country;
  options.sends_in_all = config.codes_in_all;
  auto opened = msg::SignIn::open(messenger, std::move(options), *std::move(sender));
  if (!opened) return std::unexpected(opened.error().detail);
  return *std::move(opened);
}

void append_sign_in_metrics(std::string& out, const msg::SignInCounters& counters) {
  append(out, "codes_requested_total", "counter", counters.requested);
  append(out, "codes_sent_total", "counter", counters.sent);
  append(out, "codes_not_delivered_total", "counter", counters.send_failures);
  append(out, "codes_withheld_total", "counter", counters.withheld);
  append(out, "codes_refused_address_total", "counter", counters.refused_address);
  append(out, "codes_refused_overload_total", "counter", counters.refused_overload);
  append(out, "sign_ins_total", "counter", counters.verified);
  append(out, "codes_wrong_total", "counter", counters.wrong_codes);
  append(out, "pins_wrong_total", "counter", counters.wrong_pins);
  append(out, "code_conversion_alarm", "gauge", counters.conversion_alarm ? 1 : 0);
}

}  // namespace msgd
