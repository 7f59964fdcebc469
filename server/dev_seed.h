// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "msg/messenger.h"
#include "net/server.h"

namespace msgd {

struct DemoPerson {
  std::string_view username;
  std::string_view phone;
  std::string_view display_name;
};

/// Who lives on a server that runs with --dev.
std::span<const DemoPerson> demo_people();

/// How the server looks to a person who has just started it.
struct DevLook {
  bool tls{false};
  bool page{false};  ///< It serves the web client.
};

/// What --dev adds, so that a first look needs no preparation: the users alice, bob and carol
/// (+14155550101 to 3), a session of each and an API key, all of which an earlier start may have
/// made. Tokens go to dev-tokens.json (mode 0600) in `folder` and, with commands to try, to stdout.
msg::Result<void> seed_dev(msg::Messenger& messenger, const std::filesystem::path& folder,
                           const BoundAddress& bound, const DevLook& look);

}  // namespace msgd
