// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace msg::bench {

/// One HTTP connection that is kept, with one request at a time. What fails ends the program.
///
/// Thread safety: none, one thread.
class RestClient {
 public:
  RestClient(std::uint16_t port, const std::string& token);
  ~RestClient();
  RestClient(const RestClient&) = delete;
  RestClient& operator=(const RestClient&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

  void post(const std::string& path, const std::string& json);
  void get(const std::string& target);
  /// Takes in what has arrived, without waiting. True: the answer is there, and its status is 2xx.
  bool take_answer();
  /// The same for who may be refused: the status, 2xx or 503, or 0 while there is none yet.
  int take_status();
  /// Waits for it. Its bytes, head and all, until the next request.
  const std::string& wait_for_answer();

 private:
  void begin(const std::string& line, const std::string& fields, const std::string& body);
  bool is_complete() const;
  bool is_answered();
  bool receive(int flags);

  int descriptor_;
  std::string fields_;
  std::string in_;
};

}  // namespace msg::bench
