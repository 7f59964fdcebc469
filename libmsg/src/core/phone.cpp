// SPDX-License-Identifier: Apache-2.0
#include "core/phone.h"

#include <algorithm>
#include <array>
#include <optional>

namespace msg {
namespace {

/// Country codes in use (ITU-T E.164, assigned list), less the one- and two-digit ones below.
constexpr std::array<std::string_view, 2> kOneDigit{"1", "7"};
constexpr std::array<std::string_view, 44> kTwoDigits{
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46",
    "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63",
    "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98"};
constexpr std::string_view kThreeDigits =
    "211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237 "
    "238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 "
    "262 263 264 265 266 267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 "
    "370 371 372 373 374 375 376 377 378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 "
    "502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 "
    "676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 "
    "870 878 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 "
    "976 977 979 992 993 994 995 996 998 ";

/// How many digits the country code has; 0: no country has it.
std::size_t country_code_size(std::string_view digits) {
  const auto contains = [](const auto& codes, std::string_view code) {
    return std::ranges::find(codes, code) != codes.end();
  };
  if (contains(kOneDigit, digits.substr(0, 1))) return 1;
  if (contains(kTwoDigits, digits.substr(0, 2))) return 2;
  const auto place = kThreeDigits.find(digits.substr(0, 3));
  return place != std::string_view::npos && place % 4 == 0 ? 3 : 0;
}

/// Italy and its enclaves dial their leading zero from abroad too.
bool keeps_trunk_zero(std::string_view digits) {
  return digits.starts_with("39") || digits.starts_with("378");
}

bool is_separator(char c) {
  return std::string_view(" .-/()\t").contains(c);
}

std::unexpected<Error> refuse(std::string detail) {
  return fail(Code::invalid_argument, std::move(detail), "phone");
}

/// Digits behind the international prefix; nothing when there is another character.
std::optional<std::string> collect_digits(std::string_view text) {
  std::string digits;
  while (!text.empty()) {
    if (text.starts_with("(0)") && !keeps_trunk_zero(digits)) {
      text.remove_prefix(3);
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (!is_separator(c)) {
      return std::nullopt;
    }
  }
  return digits;
}

}  // namespace

Result<std::string> normalize_phone(std::string_view text) {
  constexpr std::size_t kTextMax = 64;  // far above any spelling, so that work is bounded
  if (text.size() > kTextMax) return refuse("A phone number has at most 15 digits.");
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.starts_with("tel:")) text.remove_prefix(4);
  if (text.starts_with("+")) {
    text.remove_prefix(1);
  } else if (text.starts_with("00")) {
    text.remove_prefix(2);
  } else {
    return refuse("A phone number starts with + and a country code.");
  }
  const auto digits = collect_digits(text);
  if (!digits) {
    return refuse("A phone number has only digits, spaces, dots, dashes, slashes and parentheses.");
  }
  if (digits->size() < 7 || digits->size() > 15) {
    return refuse("A phone number has 7 to 15 digits with its country code.");
  }
  if (country_code_size(*digits) == 0) return refuse("No country has that country code.");
  return "+" + *digits;
}

std::string_view country_code_of(std::string_view phone) {
  const std::string_view digits = phone.substr(1);
  return digits.substr(0, country_code_size(digits));
}

}  // namespace msg
