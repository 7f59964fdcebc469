// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace msg::test {

/// A Citus that the tests did not start, in the database that MSG_TEST_CITUS_URL names: Debian has
/// no package of it. Theirs alone: they leave schemas there.
class Citus {
 public:
  /// Null when the variable is not set.
  static const std::optional<Citus>& named_by_environment();

  /// A store in a schema of its own, its messages spread; the same for the same name.
  std::string make_place(const std::string& name) const;
  /// The URL of a schema that was not there before.
  std::string make_schema(const std::string& name) const;
  /// Does what `msgd migrate --plan` says to a store that nobody has open.
  void spread(const std::string& name) const;
  /// Brings everything back to the coordinator.
  void gather(const std::string& name) const;
  const std::string& url() const { return url_; }

 private:
  explicit Citus(std::string url) : url_(std::move(url)) {}
  std::string url_in(const std::string& schema) const;

  std::string url_;
};

}  // namespace msg::test
