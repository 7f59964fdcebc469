// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace msgd {

struct HttpClientOptions {
  std::string url{};                         ///< https, or http to this machine.
  std::chrono::milliseconds timeout{5'000};  ///< From looking up the host to the answer's end.
  /// Of the body of an answer; a longer one is an error. 0: no more than the head is looked at.
  std::size_t body_bytes_max{0};
};

struct HttpAnswer {
  int status{};
  std::string body{};
};

/// Asks one URL, each time over a connection of its own. The certificate of the other side is
/// verified with the system's authorities; redirections are not followed.
///
/// Thread safety: all calls from any thread; they wait for their own connections.
class HttpClient {
 public:
  /// The error is the rest of a sentence whose subject is the option: "must be …".
  static std::expected<std::unique_ptr<HttpClient>, std::string> open(HttpClientOptions options);
  ~HttpClient();

  using Headers = std::vector<std::pair<std::string_view, std::string>>;
  /// The error says why there was no answer, without what was sent.
  std::expected<HttpAnswer, std::string> get(const Headers& headers);
  std::expected<HttpAnswer, std::string> post(const Headers& headers, std::string_view body);

 private:
  struct Place;
  explicit HttpClient(std::unique_ptr<Place> place);
  std::unique_ptr<Place> place_;
};

}  // namespace msgd
