// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chat.h"
#include "net/link.h"
#include "net/server_process.h"

namespace msg::bench {

/// Somebody who is going to be online.
struct Person {
  UserId id{};
  std::string token;
};

/// Users with a session each, made in a store in process before the server opens it.
std::vector<Person> make_people(Chat& chat, int count);

/// A link for each of them, greeted and live. `cursor`: what hello says, none when null.
std::vector<Link> go_online(const ServerProcess& server, const std::vector<Person>& people,
                            const char* cursor = nullptr);

/// Likewise, the first at the server of the first of these ports, the next at the next, and so on.
std::vector<Link> go_online(const std::vector<std::uint16_t>& ports,
                            const std::vector<Person>& people, const char* cursor = nullptr);

}  // namespace msg::bench
