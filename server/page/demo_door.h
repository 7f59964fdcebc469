// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "http/errors.h"
#include "http/message.h"
#include "ops/services.h"

namespace msgd {

/// Lets whoever sits at this machine in as a demo user with one click, on a server that runs with
/// --dev. No part of the API, and not there at all without --dev.
///
///   GET  /demo/users                             {"users": [{id, display_name}]}
///   POST /demo/sessions {user_id, device_name}  201, as POST /api/v1/auth/sessions answers
///
/// It opens for a page of this server in a browser on this machine only; to everybody else it is
/// not there. docs/security.md says what each condition is for.
///
/// Thread safety: all calls from any thread.
class DemoDoor {
 public:
  /// `services` must outlive it.
  explicit DemoDoor(Services& services) : services_(services) {}

  /// False: not one of its paths, or not for the one who asks; nothing happened. True: `respond`
  /// is called, now or later.
  bool handle(const Request& request, const Responder& respond);

 private:
  Outcome<Response> answer(const Request& request);
  Outcome<Response> list_users();
  Outcome<msg::User> find_demo_user(std::string_view id);
  Outcome<Response> begin_session(const Request& request);

  Services& services_;
};

/// Whether it comes from this machine, without a proxy in between, from no page but our own, and
/// under a name that nobody else can have: what a page elsewhere that had its name point to
/// 127.0.0.1 could not do.
bool is_own_page_on_this_machine(const Request& request);

}  // namespace msgd
