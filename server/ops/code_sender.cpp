// SPDX-License-Identifier: Apache-2.0
#include "ops/code_sender.h"

#include <utility>

#include "http/json_write.h"
#include "ops/log.h"

namespace msgd {

msg::CodeSender code_sender(std::function<std::string(const std::string& body)> post) {
  return [post = std::move(post)](const msg::CodeToSend& code) -> msg::Result<void> {
    std::string body;
    JsonObject(body)
        .text("phone", code.phone)
        .text("code", code.code)
        .number("lifetime_s", code.lifetime.count());
    const std::string why = post(body);
    if (why.empty()) return {};
    return msg::fail(msg::Code::unavailable, why);
  };
}

msg::CodeSender code_logger() {
  return [](const msg::CodeToSend& code) -> msg::Result<void> {
    log_info("sign_in.code", {{"phone", code.phone}, {"code", code.code}});
    return {};
  };
}

}  // namespace msgd
