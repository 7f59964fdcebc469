// SPDX-License-Identifier: Apache-2.0
#include "net/population.h"

#include <algorithm>

#include "net/poller.h"

namespace msg::bench {
namespace {

/// How many say hello at once: a connection that has not yet is limited in number.
constexpr std::size_t kAtOnce = 500;

std::string hello(const Person& person, const char* cursor) {
  std::string text = R"({"id":0,"op":"hello","token":")" + person.token + '"';
  if (cursor != nullptr) text += std::string(R"(,"cursor":")") + cursor + '"';
  return text + '}';
}

}  // namespace

std::vector<Person> make_people(Chat& chat, int count) {
  std::vector<Person> people(static_cast<std::size_t>(count));
  in_parallel(count, [&](int i) {
    Person& person = people[static_cast<std::size_t>(i)];
    person.id = chat.make_user();
    person.token = must(chat.messenger().create_session(person.id, "bench")).token;
  });
  return people;
}

std::vector<Link> go_online(const ServerProcess& server, const std::vector<Person>& people,
                            const char* cursor) {
  return go_online(std::vector<std::uint16_t>{server.port()}, people, cursor);
}

std::vector<Link> go_online(const std::vector<std::uint16_t>& ports,
                            const std::vector<Person>& people, const char* cursor) {
  using namespace std::chrono_literals;
  std::vector<Link> links;
  links.reserve(people.size());
  Poller poller;
  std::size_t live = 0;
  while (live < people.size()) {
    const std::size_t end = std::min(people.size(), links.size() + kAtOnce);
    for (std::size_t i = links.size(); i < end; ++i) {
      Link& link = links.emplace_back(ports[i % ports.size()], "/api/v1/ws");
      poller.add(link, static_cast<std::uint32_t>(i));
      link.queue(hello(people[i], cursor));
      link.flush();
    }
    while (live < links.size()) {
      const bool came = poller.poll(Clock::now() + 20s, [&](std::uint32_t, std::string_view text) {
        if (text.starts_with(R"({"event":"live")")) ++live;
      });
      if (!came) give_up("hello was not answered");
    }
  }
  return links;
}

}  // namespace msg::bench
