// SPDX-License-Identifier: Apache-2.0
#include "net/admission.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace msgd {
namespace {

PeerAddress peer(const char* text) {
  std::array<std::uint8_t, 16> bytes{};
  EXPECT_EQ(::inet_pton(AF_INET6, text, bytes.data()), 1) << text;
  return peer_address(bytes);
}

constexpr AdmissionLimits kLimits{
    .connections_max = 10, .unproven_max = 6, .per_address_max = 4, .unproven_per_address_max = 2};

TEST(Admission, KnowsLoopbackInEveryForm) {
  EXPECT_TRUE(peer("::1").loopback);
  EXPECT_TRUE(peer("::ffff:127.0.0.1").loopback);
  EXPECT_TRUE(peer("::ffff:127.9.9.9").loopback);
  EXPECT_FALSE(peer("::ffff:128.0.0.1").loopback);
  EXPECT_FALSE(peer("::2").loopback);
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

}  // namespace
}  // namespace msgd
