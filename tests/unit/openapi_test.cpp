// SPDX-License-Identifier: Apache-2.0
#include "http/openapi.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "http/router.h"

namespace msgd {
namespace {

namespace json = boost::json;
using Operations = std::set<std::string>;

const json::object& document() {
  static const json::value parsed = json::parse(openapi_document());
  return parsed.as_object();
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// The operations of a path; one that is another name refers to the first.
const json::object& operations_of(const json::value& item) {
  const auto* ref = item.as_object().if_contains("$ref");
  if (ref == nullptr) return item.as_object();
  static const json::value whole(document());
  return whole.at_pointer(std::string_view(ref->as_string()).substr(1)).as_object();
}

TEST(OpenApi, HasExactlyTheOperationsOfTheRouteTable) {
  Operations described;
  for (const auto& path : document().at("paths").as_object()) {
    for (const auto& item : operations_of(path.value())) {
      if (item.key() == "parameters") continue;
      described.insert(upper(item.key()) + ' ' + std::string{path.key()});
    }
  }
  Operations served;
  for (const Route& route : routes()) {
    served.insert(std::string{route.method} + ' ' + std::string{route.pattern});
  }
  EXPECT_THAT(described, testing::ContainerEq(served));
}

void collect_refs(const json::value& value, std::set<std::string>& refs) {
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object) {
      if (member.key() == "$ref") refs.insert(std::string{member.value().as_string()});
      collect_refs(member.value(), refs);
    }
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) collect_refs(item, refs);
  }
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  const json::value whole(document());
  std::set<std::string> refs;
  collect_refs(whole, refs);
  EXPECT_FALSE(refs.empty());
  for (const auto& ref : refs) {
    ASSERT_TRUE(ref.starts_with("#/")) << ref;
    boost::system::error_code ec;
    EXPECT_NE(whole.find_pointer(ref.substr(1), ec), nullptr) << ref;
  }
}

/// The scopes of which a key needs one, nothing where no key does.
std::optional<msg::KeyScopes> scopes_in(const json::array& security) {
  std::optional<msg::KeyScopes> scopes;
  for (const auto& way : security) {
    const auto* words = way.as_object().if_contains("key");
    if (words == nullptr) continue;
    if (!scopes) scopes.emplace();
    for (const auto& word : words->as_array()) {
      scopes->add(msg::parse_key_scope(std::string_view(word.as_string())).value());
    }
  }
  return scopes;
}

TEST(OpenApi, SaysWhichScopesAKeyNeeds) {
  for (const Route& route : routes()) {
    const auto& path = operations_of(document().at("paths").at(std::string(route.pattern)));
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto& operation = path.at(method).as_object();
    const auto* own = operation.if_contains("security");
    const auto scopes = scopes_in((own ? *own : document().at("security")).as_array());
    if (route.access == Access::none) {
      EXPECT_FALSE(scopes) << route.pattern;
    } else if (scopes) {
      EXPECT_EQ(scopes->bits(), route.scopes.bits()) << route.method << ' ' << route.pattern;
    } else {
      EXPECT_EQ(route.access, Access::any) << route.pattern << ": for sessions only";
    }
  }
}

TEST(OpenApi, EveryOperationHasAnIdAndAnAnswer) {
  std::set<std::string> ids;
  for (const auto& path : document().at("paths").as_object()) {
    for (const auto& item : path.value().as_object()) {
      if (item.key() == "parameters" || item.key() == "$ref") continue;
      const auto& operation = item.value().as_object();
      EXPECT_TRUE(ids.insert(std::string{operation.at("operationId").as_string()}).second);
      EXPECT_FALSE(operation.at("responses").as_object().empty()) << path.key();
    }
  }
}

}  // namespace
}  // namespace msgd
