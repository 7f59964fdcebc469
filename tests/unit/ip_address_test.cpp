// SPDX-License-Identifier: Apache-2.0
#include "ops/ip_address.h"

#include <gtest/gtest.h>

#include "net/trusted_proxies.h"

namespace msgd {
namespace {

IpAddress ip(const char* text) {
  const auto address = parse_ip_address(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress{});
}

TEST(IpAddress, ReadsBothKindsAndWritesThemBack) {
  for (const char* text : {"192.0.2.1", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1"}) {
    EXPECT_EQ(to_text(ip(text)), text);
  }
  EXPECT_EQ(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
  for (const char* text : {"", "1.2.3", "1.2.3.256", "01.2.3.4", "[::1]", "::1%eth0", "1.2.3.4:80",
                           " 1.2.3.4", "localhost", "unknown"}) {
    EXPECT_FALSE(parse_ip_address(text)) << text;
  }
}

TEST(IpAddress, KnowsLoopbackInEveryForm) {
  for (const char* text : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(ip(text).is_loopback()) << text;
  }
  for (const char* text : {"128.0.0.1", "::2", "126.255.255.255"}) {
    EXPECT_FALSE(ip(text).is_loopback()) << text;
  }
}

TEST(IpRange, HoldsWhatBeginsTheSame) {
  const auto net = *parse_ip_range("10.32.0.0/11");
  EXPECT_TRUE(net.contains(ip("10.32.0.0")));
  EXPECT_TRUE(net.contains(ip("10.63.255.255")));
  EXPECT_FALSE(net.contains(ip("10.64.0.0")));
  EXPECT_FALSE(net.contains(ip("10.31.255.255")));
  EXPECT_FALSE(net.contains(ip("::a20:0")));
  EXPECT_TRUE(parse_ip_range("2001:db8::/32")->contains(ip("2001:db8:ffff::1")));
  EXPECT_FALSE(parse_ip_range("2001:db8::/32")->contains(ip("2001:db9::1")));
  EXPECT_TRUE(parse_ip_range("0.0.0.0/0")->contains(ip("203.0.113.9")));
  EXPECT_FALSE(parse_ip_range("0.0.0.0/0")->contains(ip("2001:db8::1")));
  EXPECT_TRUE(parse_ip_range("192.0.2.7")->contains(ip("192.0.2.7")));
  EXPECT_FALSE(parse_ip_range("192.0.2.7")->contains(ip("192.0.2.6")));
  EXPECT_EQ(to_text(*parse_ip_range("10.0.0.0/8")), "10.0.0.0/8");
  EXPECT_EQ(to_text(*parse_ip_range("::1")), "::1/128");
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                           "/8", "::/129", "2001:db8::1/64", "proxy.example"}) {
    EXPECT_FALSE(parse_ip_range(text)) << text;
  }
}

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string client(const TrustedProxies& proxies, const char* peer, const Fields& fields) {
  return to_text(client_address(proxies, ip(peer), fields));
}

TEST(TrustedProxies, NobodyIsBelievedUnlessOnTheList) {
  const Fields fields{{"x-forwarded-for", "198.51.100.1"}, {"forwarded", "for=198.51.100.1"}};
  EXPECT_EQ(client({}, "192.0.2.1", fields), "192.0.2.1");
  EXPECT_EQ(client({}, "127.0.0.1", fields), "127.0.0.1");
  TrustedProxies proxies{.ranges = {*parse_ip_range("10.0.0.0/8")}};
  EXPECT_EQ(client(proxies, "192.0.2.1", fields), "192.0.2.1");
  EXPECT_EQ(client(proxies, "10.1.2.3", fields), "198.51.100.1");
}

TEST(TrustedProxies, TheNearestHopThatIsNotTrustedIsTheClient) {
  const TrustedProxies proxies{.ranges = {*parse_ip_range("10.0.0.0/8"), *parse_ip_range("::1")}};
  const auto of = [&](Fields fields) { return client(proxies, "10.0.0.1", fields); };
  EXPECT_EQ(of({}), "10.0.0.1");
  EXPECT_EQ(of({{"x-forwarded-for", "1.1.1.1, 198.51.100.1"}}), "198.51.100.1") << "spoofed first";
  EXPECT_EQ(of({{"x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.9.9.9"}}), "198.51.100.1");
  EXPECT_EQ(of({{"x-forwarded-for", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.1"}}),
            "198.51.100.1")
      << "lines are one list";
  EXPECT_EQ(of({{"x-forwarded-for", "10.1.1.1, 10.2.2.2"}}), "10.1.1.1") << "nobody else is named";
  EXPECT_EQ(of({{"x-forwarded-for", "198.51.100.1:4711"}}), "198.51.100.1");
  EXPECT_EQ(of({{"x-forwarded-for", "[2001:db8::7]:4711"}}), "2001:db8::7");
  EXPECT_EQ(of({{"x-forwarded-for", "2001:db8::7"}}), "2001:db8::7");
  for (const char* nonsense : {"", "unknown", "1.1.1.1.1", ", ,", "1.1.1.1, evil", "_hidden"}) {
    EXPECT_EQ(of({{"x-forwarded-for", nonsense}}), "10.0.0.1") << nonsense;
  }
  EXPECT_EQ(of({{"forwarded", "for=198.51.100.1"}}), "10.0.0.1") << "not what they write";
}

TEST(TrustedProxies, ForwardedIsReadAsRfc7239Says) {
  const TrustedProxies proxies{.ranges = {*parse_ip_range("10.0.0.0/8")},
                               .header = ForwardedHeader::forwarded};
  const auto of = [&](const char* value) {
    return client(proxies, "10.0.0.1", {{"forwarded", value}, {"x-forwarded-for", "1.1.1.1"}});
  };
  EXPECT_EQ(of("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(of("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(of("for=1.1.1.1, for=192.0.2.43"), "192.0.2.43");
  EXPECT_EQ(of("for=192.0.2.43, for=10.3.3.3"), "192.0.2.43");
  EXPECT_EQ(of("by=\"a, for=1.1.1.1\";for=192.0.2.43"), "192.0.2.43") << "a comma in quotes";
  EXPECT_EQ(of("for=unknown"), "10.0.0.1");
  EXPECT_EQ(of("for=_hidden"), "10.0.0.1");
  EXPECT_EQ(of("proto=https"), "10.0.0.1");
}

}  // namespace
}  // namespace msgd
