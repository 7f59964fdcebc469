// SPDX-License-Identifier: Apache-2.0
#include "http/router.h"

#include <optional>
#include <set>

namespace msgd {
namespace {

std::string_view cut_segment(std::string_view& path) {
  path.remove_prefix(1);  // the slash
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool is_parameter(std::string_view segment) {
  return segment.starts_with('{');
}

/// The parameters when the path fits; `fixed` counts the segments that are equal to the pattern's.
std::optional<PathParams> match(std::string_view pattern, std::string_view path, int& fixed) {
  PathParams params;
  std::size_t count = 0;
  fixed = 0;
  while (!pattern.empty() && path.starts_with('/')) {
    const auto expected = cut_segment(pattern);
    const auto found = cut_segment(path);
    if (is_parameter(expected)) {
      if (found.empty()) return std::nullopt;
      params.at(count++) = found;
    } else if (expected == found) {
      ++fixed;
    } else {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return params;
}

}  // namespace

Outcome<Match> Router::find(std::string_view method, std::string_view path) const {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match best;
  int best_fixed = -1;
  bool path_known = false;
  for (const Route& route : table_) {
    int fixed = 0;
    const auto params = match(route.pattern, path, fixed);
    if (!params) continue;
    path_known = true;
    if (route.method != wanted || fixed <= best_fixed) continue;
    best = {&route, *params};
    best_fixed = fixed;
  }
  if (best.route != nullptr) return best;
  if (!path_known) return std::unexpected(not_found());
  return std::unexpected(
      Problem{405, "method_not_allowed", "This path does not have this method; see Allow."});
}

std::string Router::allowed(std::string_view path) const {
  std::set<std::string_view> methods;
  for (const Route& route : table_) {
    int fixed = 0;
    if (!match(route.pattern, path, fixed)) continue;
    methods.insert(route.method);
    if (route.method == "GET") methods.insert("HEAD");
  }
  if (methods.empty()) return {};
  methods.insert("OPTIONS");
  std::string list;
  for (const auto method : methods) {
    if (!list.empty()) list += ", ";
    list += method;
  }
  return list;
}

}  // namespace msgd
