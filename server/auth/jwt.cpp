// SPDX-License-Identifier: Apache-2.0
#include "auth/jwt.h"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <utility>

#include "auth/base64url.h"
#include "http/json_read.h"

namespace msgd {
namespace {

namespace json = boost::json;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr std::size_t kHeaderBytesMax = 1024;     // encoded, as all of these
constexpr std::size_t kSignatureBytesMax = 1400;  // RSA of 8192 bits has 1366
constexpr std::size_t kSubjectBytesMax = 255;
constexpr std::size_t kAudiencesMax = 32;
/// 9999-12-31: what comes later is a mistake, such as milliseconds.
constexpr double kTimeMax = 253'402'300'799;

std::unexpected<JwtRefusal> refuse(std::string_view why) {
  return std::unexpected(JwtRefusal{.why = why});
}

/// header "." payload "." signature, each not empty.
struct Segments {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< header "." payload
};

std::expected<Segments, JwtRefusal> split(std::string_view token) {
  if (token.size() > kJwtBytesMax) return refuse("too long");
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refuse("not three segments");
  }
  Segments parts{.header = token.substr(0, first),
                 .payload = token.substr(first + 1, second - first - 1),
                 .signature = token.substr(second + 1),
                 .signed_text = token.substr(0, second)};
  if (parts.header.empty() || parts.payload.empty() || parts.signature.empty()) {
    return refuse("an empty segment");
  }
  if (parts.header.size() > kHeaderBytesMax || parts.signature.size() > kSignatureBytesMax) {
    return refuse("a segment is too long");
  }
  return parts;
}

std::expected<json::object, JwtRefusal> read_object(std::string_view segment) {
  const auto text = decode_base64url(segment);
  if (!text) return refuse("not base64url");
  auto object = parse_object(*text);
  if (!object) return refuse("not a JSON object, or a member twice");
  return *std::move(object);
}

/// Absent, or a text. Anything else is neither.
struct Claim {
  bool is_there{false};
  std::optional<std::string_view> value{};
};

Claim claim_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return {};
  if (!value->is_string()) return {.is_there = true};
  return {.is_there = true,
          .value = std::string_view(value->get_string().data(), value->get_string().size())};
}

bool is_token_type(std::string_view type) {
  constexpr std::array<std::string_view, 2> kinds = {"jwt", "at+jwt"};
  std::string lower(type);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return std::ranges::find(kinds, lower) != kinds.end();
}

/// The key that the header names, which it fits in every way.
std::expected<const VerificationKey*, JwtRefusal> find_key(const json::object& header,
                                                           const KeySet& keys) {
  if (header.contains("crit")) return refuse("an extension that must be understood");
  if (header.contains("b64")) return refuse("a payload that is not encoded");
  if (const Claim type = claim_at(header, "typ"); type.is_there) {
    if (!type.value || !is_token_type(*type.value)) return refuse("of another type");
  }
  const Claim algorithm = claim_at(header, "alg");
  if (!algorithm.value) return refuse("without an algorithm");
  const Claim kid = claim_at(header, "kid");
  if (kid.is_there && (!kid.value || kid.value->empty() || kid.value->size() > kKeyIdBytesMax)) {
    return refuse("kid is not a text of 1 to 256 bytes");
  }
  const VerificationKey* key = keys.find(kid.value.value_or(""));
  if (key == nullptr && !kid.is_there) return refuse("no kid, and several keys");
  if (key == nullptr) {
    return std::unexpected(JwtRefusal{.why = "names an unknown key", .unknown_key = true});
  }
  if (*algorithm.value != to_string(key->algorithm()))
    return refuse("not the algorithm of its key");
  return key;
}

/// A NumericDate: seconds since 1970, maybe with a fraction, which is dropped.
struct Date {
  bool is_there{false};
  std::optional<system_clock::time_point> value{};
};

Date date_at(const json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  if (value == nullptr) return {};
  Date date{.is_there = true};
  if (!value->is_number()) return date;
  const auto number = value->is_double()   ? value->get_double()
                      : value->is_uint64() ? static_cast<double>(value->get_uint64())
                                           : static_cast<double>(value->get_int64());
  if (number >= 0 && number <= kTimeMax) {
    date.value = system_clock::time_point(seconds(static_cast<std::int64_t>(std::floor(number))));
  }
  return date;
}

std::string_view check_times(const json::object& claims, const JwtRules& rules,
                             system_clock::time_point now) {
  const Date expires = date_at(claims, "exp");
  if (!expires.value) return "without a time at which it expires";
  if (*expires.value + kJwtLeeway <= now) return "expired";
  if (*expires.value > now + rules.lifetime_max + kJwtLeeway) return "expires too late";
  const Date begins = date_at(claims, "nbf");
  if (begins.is_there && !begins.value) return "nbf is no time";
  if (begins.value && *begins.value > now + kJwtLeeway) return "not valid yet";
  const Date issued = date_at(claims, "iat");
  if (issued.is_there && !issued.value) return "iat is no time";
  if (issued.value && *issued.value > now + kJwtLeeway) return "issued in the future";
  if (issued.value && *expires.value - *issued.value > rules.lifetime_max) return "lives too long";
  return {};
}

bool is_for_us(const json::object& claims, const JwtRules& rules) {
  const auto is_ours = [&](const json::value& value) {
    return value.is_string() &&
           std::ranges::find(rules.audiences, std::string_view(value.get_string().data(),
                                                               value.get_string().size())) !=
               rules.audiences.end();
  };
  const auto* audience = claims.if_contains("aud");
  if (audience == nullptr) return false;
  if (const auto* list = audience->if_array()) {
    return list->size() <= kAudiencesMax && std::ranges::any_of(*list, is_ours);
  }
  return is_ours(*audience);
}

bool is_subject(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return !text.empty() && text.size() <= kSubjectBytesMax && std::ranges::none_of(text, is_control);
}

std::expected<JwtClaims, JwtRefusal> read_claims(const json::object& claims, const JwtRules& rules,
                                                 system_clock::time_point now) {
  if (claim_at(claims, "iss").value != std::string_view(rules.issuer)) {
    return refuse("of another issuer");
  }
  if (!is_for_us(claims, rules)) return refuse("for another audience");
  if (const auto why = check_times(claims, rules, now); !why.empty()) return refuse(why);
  const Claim subject = claim_at(claims, "sub");
  if (!subject.value || !is_subject(*subject.value)) {
    return refuse("sub is not a text of 1 to 255 bytes");
  }
  JwtClaims good{.subject = std::string(*subject.value)};
  if (const Claim name = claim_at(claims, "name"); name.value) good.name = *name.value;
  if (const Claim phone = claim_at(claims, "phone_number"); phone.value) good.phone = *phone.value;
  if (const auto* verified = claims.if_contains("phone_number_verified")) {
    good.phone_verified = verified->is_bool() && verified->get_bool();
  }
  return good;
}

}  // namespace

std::expected<JwtClaims, JwtRefusal> verify_jwt(std::string_view token, const KeySet& keys,
                                                const JwtRules& rules,
                                                system_clock::time_point now) {
  const auto parts = split(token);
  if (!parts) return std::unexpected(parts.error());
  const auto header = read_object(parts->header);
  if (!header) return std::unexpected(header.error());
  const auto key = find_key(*header, keys);
  if (!key) return std::unexpected(key.error());
  const auto signature = decode_base64url(parts->signature);
  if (!signature || !(*key)->verify(parts->signed_text, *signature)) {
    return refuse("not signed by its key");
  }
  const auto claims = read_object(parts->payload);
  if (!claims) return std::unexpected(claims.error());
  return read_claims(*claims, rules, now);
}

}  // namespace msgd
