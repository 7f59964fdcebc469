// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config.h"

namespace msgd {

/// One thing that can be configured. It has one name in three spellings: --io-threads,
/// MSG_IO_THREADS, io_threads.
struct ConfigOption {
  enum class Kind { text, number, flag, list };

  std::string_view name;  ///< As the flag, without dashes.
  std::string_view group;
  std::string_view help;
  Kind kind{Kind::text};
  /// Takes a value over; of a list, one element. Returns what is wrong with it, or "".
  std::function<std::string(Config&, std::string_view)> set;
  /// The value as set() takes it; of a list, its elements with commas.
  std::function<std::string(const Config&)> get;
  void (*clear)(Config&){nullptr};  ///< Of a list: before a source sets it anew.

  std::string flag() const { return "--" + std::string(name); }
  std::string variable() const;
  std::string key() const;
};

/// All of them, in the order of the help.
std::span<const ConfigOption> config_options();

/// The part of them that says how often something may be asked.
void add_rates(std::vector<ConfigOption>& list);

/// The part of them that says who may sign in, and how.
void add_sign_in(std::vector<ConfigOption>& list);

/// The part of them that says whose tokens are taken instead.
void add_jwt(std::vector<ConfigOption>& list);

/// Whether only this machine can reach the address.
bool is_loopback(std::string_view address);

/// The one of `names` closest to `wrong`.
std::string nearest(std::string_view wrong, std::span<const std::string> names);

}  // namespace msgd
