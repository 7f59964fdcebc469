// SPDX-License-Identifier: Apache-2.0
// Frames of a WebSocket (RFC 6455), however they arrive.
#include "net/ws_frames.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "net/utf8.h"

namespace msg::test {
namespace {

using msgd::WsEvent;

struct Seen {
  WsEvent::Kind kind{};
  std::string payload;
  std::uint16_t code{0};
  bool operator==(const Seen&) const = default;
};

std::vector<Seen> parse(std::string_view input, std::size_t piece) {
  const msgd::WsLimits limits{.message_bytes_max = 256, .fragments_max = 8};
  msgd::WsFrameParser parser(limits);
  std::vector<Seen> seen;
  std::string bytes;
  for (std::size_t begin = 0; begin < input.size(); begin += piece) {
    bytes = input.substr(begin, piece);
    std::span<char> rest(bytes);
    while (true) {
      const WsEvent event = parser.next(rest, {});
      if (event.kind == WsEvent::Kind::need_more) break;
      seen.push_back({event.kind, std::string(event.payload), event.code});
      hold(event.payload.size() <= limits.message_bytes_max, "a message has a limit");
      if (event.kind == WsEvent::Kind::text || event.kind == WsEvent::Kind::close) {
        hold(msgd::is_utf8(event.payload), "text is UTF-8");
      }
    }
    hold(rest.empty(), "need_more means that the input is used up");
  }
  return seen;
}

}  // namespace

void fuzz(std::string_view input) {
  if (input.empty()) return;
  const auto whole = parse(input, input.size());
  hold(parse(input, 1) == whole, "single bytes make no difference");
  hold(parse(input, 5) == whole, "pieces make no difference");
  const auto end = std::ranges::find_if(whole, [](const Seen& event) {
    return event.kind == WsEvent::Kind::violation || event.kind == WsEvent::Kind::close;
  });
  hold(end == whole.end() || end + 1 == whole.end(), "nothing comes after the end");
}

}  // namespace msg::test
