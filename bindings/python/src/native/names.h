// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Python.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "msg/event.h"
#include "msg/messenger.h"
#include "msg/notifications.h"
#include "msg/options.h"
#include "msg/presence.h"

/// What the values of the enumerations are called in Python, by their numbers.
namespace pymsg {

template <class E>
struct Names;

template <class E>
concept Named = requires { Names<E>::type; };

// `members` are borrowed from libmsg.types, which stays.
#define PYMSG_NAMES(Enum, count, ...)                                        \
  template <>                                                                \
  struct Names<msg::Enum> {                                                  \
    static constexpr const char* type = #Enum;                               \
    static constexpr std::array<std::string_view, count> names{__VA_ARGS__}; \
    static inline std::array<PyObject*, count> members{};                    \
  }

PYMSG_NAMES(Audience, 3, "nobody", "contacts", "everyone");
PYMSG_NAMES(ConversationKind, 2, "direct", "group");
PYMSG_NAMES(MessageKind, 13, "text", "image", "video", "audio", "voice", "file", "sticker",
            "location", "contact", "poll", "system", "custom", "encrypted");
PYMSG_NAMES(MessageState, 3, "sent", "delivered", "read");
PYMSG_NAMES(Role, 3, "member", "admin", "owner");
PYMSG_NAMES(Order, 2, "newest_first", "oldest_first");
PYMSG_NAMES(Activity, 2, "typing", "recording");
PYMSG_NAMES(Resumed, 2, "complete", "beginning");
PYMSG_NAMES(KeyScope, 3, "act_as_user", "admin", "read_metrics");
PYMSG_NAMES(PresenceState, 3, "offline", "away", "online");
PYMSG_NAMES(NotificationKind, 4, "message", "mention", "group", "alert");
PYMSG_NAMES(GroupNews, 3, "added", "removed", "role_changed");
PYMSG_NAMES(Profile, 2, "server", "phone");

#undef PYMSG_NAMES

}  // namespace pymsg
