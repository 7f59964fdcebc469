// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pwd.h>
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace msg::test {

/// Starts a program in the folder of `log`, where its output goes. It gets `signal_at_our_end` when
/// we are gone. `user`: to run as; null for ours.
pid_t start_child(std::vector<std::string> command, const std::filesystem::path& log,
                  int signal_at_our_end, const passwd* user = nullptr);

}  // namespace msg::test
