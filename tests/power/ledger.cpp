// SPDX-License-Identifier: Apache-2.0
#include "power/ledger.h"

#include <algorithm>

namespace msg::power {
namespace {

void forget_later(std::optional<Position>& told, Position position) {
  if (told && *told > position) told.reset();
}

void begin_anew(std::optional<Position>& told) {
  if (told) told = 0;
}

}  // namespace

Ledger Ledger::as_of(Position position) const {
  Ledger known = *this;
  const auto later = [position](const auto& item) { return item.told > position; };
  std::erase_if(known.sends, [&](const Send& send) { return send.started > position; });
  for (Send& send : known.sends) forget_later(send.told, position);
  std::erase_if(known.marks, later);
  std::erase_if(known.pages, later);
  std::erase_if(known.logins, later);
  forget_later(known.people_told, position);
  forget_later(known.chat_told, position);
  return known;
}

Ledger Ledger::carried_over(Position position) const {
  Ledger known = as_of(position);
  for (Send& send : known.sends) {
    send.started = 0;
    begin_anew(send.told);
  }
  for (Mark& mark : known.marks) mark.told = 0;
  for (Page& page : known.pages) page.told = 0;
  for (Login& login : known.logins) login.told = 0;
  begin_anew(known.people_told);
  begin_anew(known.chat_told);
  return known;
}

std::size_t Ledger::weight() const {
  const auto told = std::ranges::count_if(sends, [](const Send& send) { return !!send.told; });
  return sends.size() + static_cast<std::size_t>(told) + marks.size() + pages.size() +
         logins.size() + (people_told ? 1 : 0) + (chat_told ? 1 : 0);
}

}  // namespace msg::power
