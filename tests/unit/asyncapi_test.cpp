// SPDX-License-Identifier: Apache-2.0
#include "live/asyncapi.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <set>
#include <string>

#include "http/openapi.h"
#include "live/ws_protocol.h"

namespace msgd {
namespace {

namespace json = boost::json;

const json::value& document() {
  static const json::value parsed = json::parse(asyncapi_document());
  return parsed;
}

TEST(AsyncApi, ReceivesExactlyTheOpsOfTheProtocol) {
  std::set<std::string> described;
  for (const auto& operation : document().at("operations").as_object()) {
    if (operation.value().at("action").as_string() == "receive") described.insert(operation.key());
  }
  std::set<std::string> known;
  for (const auto name : op_names()) known.insert(std::string{name});
  EXPECT_THAT(described, testing::ContainerEq(known));
}

TEST(AsyncApi, EveryOperationExchangesMessagesOfTheChannel) {
  std::set<std::string> exchanged;
  const auto collect = [&](const json::value& messages) {
    for (const auto& message : messages.as_array()) {
      exchanged.insert(std::string{message.at("$ref").as_string()});
    }
  };
  for (const auto& operation : document().at("operations").as_object()) {
    const auto& value = operation.value().as_object();
    collect(value.at("messages"));
    const bool answered = value.contains("reply");
    EXPECT_EQ(answered, value.at("action").as_string() == "receive") << operation.key();
    if (answered) collect(value.at("reply").at("messages"));
  }
  std::set<std::string> offered;
  for (const auto& message : document().at_pointer("/channels/session/messages").as_object()) {
    offered.insert("#/channels/session/messages/" + std::string{message.key()});
  }
  EXPECT_THAT(exchanged, testing::ContainerEq(offered));
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

TEST(AsyncApi, EveryReferenceLeadsSomewhere) {
  const json::value openapi = json::parse(openapi_document());
  std::set<std::string> refs;
  collect_refs(document(), refs);
  EXPECT_FALSE(refs.empty());
  for (const auto& ref : refs) {
    const auto split = ref.find('#');
    ASSERT_NE(split, std::string::npos) << ref;
    const std::string file = ref.substr(0, split);
    ASSERT_THAT(file, testing::AnyOf("", "openapi.json"));
    boost::system::error_code ec;
    EXPECT_NE((file.empty() ? document() : openapi).find_pointer(ref.substr(split + 1), ec),
              nullptr)
        << ref;
  }
}

TEST(AsyncApi, HasTheCloseCodesOfTheProtocol) {
  const auto& codes = document().at_pointer("/channels/session/x-close-codes").as_object();
  for (const auto code :
       {WsClose::rules_broken, WsClose::fault, WsClose::overloaded, WsClose::too_slow,
        WsClose::bad_token, WsClose::no_hello, WsClose::too_many}) {
    EXPECT_TRUE(codes.contains(std::to_string(static_cast<int>(code)))) << static_cast<int>(code);
  }
}

}  // namespace
}  // namespace msgd
