// SPDX-License-Identifier: Apache-2.0
#include "net/http_head.h"
#include "net/utf8.h"

namespace msgd {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { literal, space };

bool decode(std::string_view text, Plus plus, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
      i += 2;
    } else if (c == '+' && plus == Plus::space) {
      c = ' ';
    }
    out.push_back(c);
  }
  return is_utf8(out);
}

}  // namespace

std::optional<HttpTarget> decode_target(std::string_view target) {
  if (target != "*" && !target.starts_with('/')) {
    const std::size_t authority = target.find("//");
    if (authority == std::string_view::npos) return std::nullopt;
    const std::size_t path = target.find_first_of("/?", authority + 2);
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  HttpTarget result;
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  // Decoded it would be a separator to whoever splits the path, and is none.
  if (path.find("%2F") != path.npos || path.find("%2f") != path.npos) return std::nullopt;
  if (!decode(path, Plus::literal, result.path)) return std::nullopt;
  if (result.path.empty()) result.path.push_back('/');
  if (question == std::string_view::npos) return result;
  std::string_view query = target.substr(question + 1);
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto& [name, value] = result.query.emplace_back();
    if (!decode(pair.substr(0, equals), Plus::space, name)) return std::nullopt;
    if (equals != std::string_view::npos && !decode(pair.substr(equals + 1), Plus::space, value)) {
      return std::nullopt;
    }
  }
  return result;
}

}  // namespace msgd
