// SPDX-License-Identifier: Apache-2.0
#include "jwt_setup.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "net/http_client.h"
#include "ops/log.h"

namespace msgd {
namespace {

using Text = std::expected<std::string, std::string>;

bool is_url(std::string_view place) {
  return place.starts_with("https://") || place.starts_with("http://");
}

Text read_file(const std::string& path) {
  struct stat status{};
  std::ifstream file(path, std::ios::binary);
  if (!file || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return std::unexpected("it cannot be read");
  }
  if (std::cmp_greater(status.st_size, kKeySetBytesMax)) {
    return std::unexpected(fmt::format("it has more than {} bytes", kKeySetBytesMax));
  }
  std::string text(std::istreambuf_iterator<char>(file), {});
  // Public keys need not be hidden; a secret does.
  const bool is_open = (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
  if (is_open && text.find("\"oct\"") != std::string::npos) {
    return std::unexpected("it has a secret and must be its owner's only (chmod 600)");
  }
  return text;
}

std::expected<KeySourceOptions, std::string> source_of(const Config& config) {
  const std::string& place = config.jwt_keys;
  KeySourceOptions options;
  options.pause = config.jwt_fetch_pause;
  if (!is_url(place)) {
    options.fetch = [place] { return read_file(place); };
    options.secrets = Secrets::allowed;
    options.refresh_every.reset();
    return options;
  }
  auto opened = HttpClient::open({.url = place, .body_bytes_max = kKeySetBytesMax});
  if (!opened) return std::unexpected("jwt-keys " + opened.error() + ".");
  std::shared_ptr<HttpClient> client = *std::move(opened);
  options.fetch = [client]() -> Text {
    auto answer = client->get({{"Accept", "application/json"}});
    if (!answer) return std::unexpected(std::move(answer.error()));
    if (answer->status != 200)
      return std::unexpected(fmt::format("it answered {}", answer->status));
    return std::move(answer->body);
  };
  return options;
}

}  // namespace

std::string check_jwt(const Config& config) {
  const bool is_named = !config.jwt_issuer.empty() || !config.jwt_audiences.empty();
  if (config.jwt_keys.empty()) {
    return is_named ? "Tokens of an issuer need jwt-keys: what they are verified with." : "";
  }
  if (config.jwt_issuer.empty() || config.jwt_audiences.empty()) {
    return "jwt-keys needs a jwt-issuer and a jwt-audience: without them tokens that were made for "
           "others would be taken.";
  }
  if (config.jwt_issuer.size() > msg::kExternalIdBytesMax) {
    return "jwt-issuer has at most 255 bytes.";
  }
  auto options = source_of(config);
  if (!options) return options.error();
  if (is_url(config.jwt_keys)) return {};
  if (const auto loaded = KeySource(*std::move(options)).load(); !loaded) {
    return fmt::format("The keys in {}: {}.", config.jwt_keys, loaded.error());
  }
  return {};
}

std::expected<std::unique_ptr<JwtSignIn>, std::string> open_jwt_sign_in(const Config& config) {
  if (config.jwt_keys.empty()) return nullptr;
  auto source = source_of(config);
  if (!source) return std::unexpected(std::move(source.error()));
  auto jwt = std::make_unique<JwtSignIn>(
      JwtSignInOptions{.rules = {.issuer = config.jwt_issuer,
                                 .audiences = config.jwt_audiences,
                                 .lifetime_max = config.jwt_lifetime_max},
                       .trust_phone = config.jwt_trust_phone,
                       .keys = *std::move(source)});
  const auto loaded = jwt->keys().load();
  if (!loaded && !is_url(config.jwt_keys)) {
    return std::unexpected(fmt::format("The keys in {}: {}.", config.jwt_keys, loaded.error()));
  }
  if (!loaded) {
    log_warn("jwt.keys_not_fetched", {{"from", config.jwt_keys}, {"why", loaded.error()}});
  }
  return jwt;
}

}  // namespace msgd
