// SPDX-License-Identifier: Apache-2.0
#include "power/plays.h"

#include <gtest/gtest.h>

namespace msg::power {

void play_short(Clients& clients) {
  if (!clients.open()) return;
  clients.poll_during_commits();
  clients.send(0);
  clients.send(0, 100);
  clients.mark(1, false);
  clients.send(1, 6'000);
  clients.mark(0, true);
  clients.login(0);
  clients.write_back();
  clients.send(1, 10, 3);
  clients.poll(0);
  clients.write_back();
  clients.mark(1, true);
  clients.close();
  if (!clients.open()) return;
  clients.poll_during_commits();
  clients.send(0, 20);
  clients.send_again();
  clients.mark(0, true);
}

void expect_none(const Sweep& sweep) {
  for (const auto& finding : sweep.findings()) ADD_FAILURE() << finding;
}

void expect_none(const Clients& clients) {
  for (const auto& error : clients.errors) ADD_FAILURE() << error;
  for (const auto& complaint : clients.complaints) ADD_FAILURE() << complaint;
}

}  // namespace msg::power
