// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kv_sample.h"
#include "raw_engine.h"

namespace msg::bench {

/// The library's keys and values in a std::map.
class RawMemory final : public RawEngine {
 public:
  explicit RawMemory(int rooms);
  void write(int batch) override;
  std::size_t read_page(int room, std::int64_t seq, int limit) override;
  std::size_t read_heads() override;

 private:
  KvSample sample_;
  Numbering numbering_;
  std::map<std::string, std::string, std::less<>> entries_;
  std::vector<std::string> page_;
};

}  // namespace msg::bench
