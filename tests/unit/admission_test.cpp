// SPDX-License-Identifier: Apache-2.0
#include "net/admission.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace msgd {
namespace {

PeerAddress peer(const char* text) {
  const auto address = parse_ip_address(text);
  EXPECT_TRUE(address) << text;
  return peer_address(address.value_or(IpAddress{}));
}

constexpr AdmissionLimits kLimits{
    .connections_max = 10, .unproven_max = 6, .per_address_max = 4, .unproven_per_address_max = 2};

TEST(Admission, LoopbackIsExempt) {
  EXPECT_TRUE(peer("::1").exempt);
  EXPECT_TRUE(peer("127.9.9.9").exempt);
  EXPECT_FALSE(peer("128.0.0.1").exempt);
}

TEST(Admission, TakesA64AsOneAddressAndEachIpv4ByItself) {
  EXPECT_EQ(peer("2001:db8::1"), peer("2001:db8::ffff:0:0:1"));
  EXPECT_NE(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
  EXPECT_NE(peer("::ffff:10.0.0.1"), peer("::ffff:10.0.0.2"));
}

TEST(Admission, HoldsEachLimitAndForgetsWhoLeft) {
  Admission admission(kLimits);
  const PeerAddress a = peer("::ffff:10.0.0.1");
  std::vector<Admission::Ticket> tickets;
  const auto admit = [&](const PeerAddress& from) {
    auto ticket = admission.admit(from);
    if (ticket) tickets.push_back(std::move(*ticket));
    return ticket.has_value();
  };
  EXPECT_TRUE(admit(a));
  EXPECT_TRUE(admit(a));
  EXPECT_FALSE(admit(a)) << "two of an address may be unproven";
  tickets[0].prove();
  tickets[0].prove();
  tickets[1].prove();
  EXPECT_TRUE(admit(a));
  EXPECT_TRUE(admit(a));
  tickets[2].prove();
  tickets[3].prove();
  EXPECT_FALSE(admit(a)) << "four of an address in all";
  for (const char* other : {"2001:db8:1::", "2001:db8:2::", "2001:db8:3::"}) {
    EXPECT_TRUE(admit(peer(other)));
    EXPECT_TRUE(admit(peer(other)));
  }
  EXPECT_FALSE(admit(peer("2001:db8:4::"))) << "six are unproven, ten in all";
  EXPECT_FALSE(admit(peer("::1"))) << "ten in all, loopback too";
  EXPECT_EQ(admission.connections(), 10u);
  tickets.clear();
  EXPECT_EQ(admission.connections(), 0u);
  EXPECT_TRUE(admit(a));
}

TEST(Admission, SparesLoopbackThePerAddressLimits) {
  Admission admission(kLimits);
  std::vector<Admission::Ticket> tickets;
  for (std::size_t i = 0; i < kLimits.connections_max; ++i) {
    auto ticket = admission.admit(peer("::1"));
    ASSERT_TRUE(ticket);
    tickets.push_back(std::move(*ticket));
  }
  EXPECT_FALSE(admission.admit(peer("::1")));
}

TEST(Admission, AConnectionThatTurnsOutToBeAnothersIsCountedAsHis) {
  Admission admission(kLimits);
  PeerAddress proxy = peer("10.0.0.9");
  proxy.exempt = true;
  const PeerAddress client = peer("192.0.2.1");
  std::vector<Admission::Ticket> tickets;
  for (int i = 0; i < 3; ++i) tickets.push_back(std::move(*admission.admit(proxy)));
  EXPECT_TRUE(tickets[0].move_to(client));
  EXPECT_TRUE(tickets[1].move_to(client));
  EXPECT_TRUE(tickets[1].move_to(client)) << "it is his already";
  EXPECT_FALSE(tickets[2].move_to(client)) << "two unproven ones are his share";
  EXPECT_FALSE(admission.admit(client));
  tickets[0].prove();
  EXPECT_TRUE(tickets[2].move_to(client));
  EXPECT_TRUE(tickets[0].move_to(peer("192.0.2.2"))) << "and a proven one goes as such";
  EXPECT_EQ(admission.connections(), 3U);
  tickets.clear();
  EXPECT_EQ(admission.connections(), 0U);
  EXPECT_TRUE(admission.admit(client));
}

}  // namespace
}  // namespace msgd
