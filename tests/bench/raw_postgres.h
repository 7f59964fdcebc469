// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libpq-fe.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "raw_engine.h"

namespace msg::bench {

/// PostgreSQL without the library: prepared statements over tables with the same columns, those of
/// a commit in one pipeline and so in one round trip.
class RawPostgres final : public RawEngine {
 public:
  RawPostgres(const std::string& url, int rooms);
  ~RawPostgres() override;
  void write(int batch) override;
  std::size_t read_page(int room, std::int64_t seq, int limit) override;
  std::size_t read_heads() override;

 private:
  void run(const std::string& sql);
  template <std::size_t N>
  void send(const char* statement, const std::array<std::string, N>& values);
  /// Reads the answers of a pipeline into texts_; returns the number of rows.
  std::size_t finish();

  PGconn* connection_;
  Numbering numbering_;
  std::vector<std::string> texts_;
};

}  // namespace msg::bench
