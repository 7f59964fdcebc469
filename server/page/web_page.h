// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/message.h"

namespace msgd {

/// The files of the web client as this program carries them: what server/web/tools/pack.mjs made
/// of them when it was built. Empty when there was no npm then.
std::string_view web_pack();

/// Serves the web client from memory: nobody's path ever reaches a file system.
///
/// Thread safety: all calls from any thread.
class WebPage {
 public:
  /// `pack` must outlive the page. What is no pack has no files.
  explicit WebPage(std::string_view pack);

  bool empty() const { return files_.empty(); }

  /// The answer when the path is one of the page's, whatever the method; else nothing.
  std::optional<Response> serve(const Request& request) const;

 private:
  struct File {
    std::string_view type;
    std::string_view etag;  ///< Without quotes.
    std::string_view bytes;
    std::string_view gzip;  ///< The same, compressed; empty when that is of no use.
  };

  std::unordered_map<std::string_view, File> files_;
};

}  // namespace msgd
