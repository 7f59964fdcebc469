// SPDX-License-Identifier: Apache-2.0
#include "msg/sign_in.h"

#include "bind.h"
#include "read_back.h"

namespace pymsg {
namespace {

using msg::UserId;

py::object steal(PyObject* made) {
  return py::reinterpret_steal<py::object>(made);
}

/// Sends codes by a function of Python; what it raises is a failure to send.
msg::CodeSender sender_of(const py::object& callable) {
  return [send = Callback(callable)](const msg::CodeToSend& code) -> msg::Result<void> {
    const bool sent = send.call(
        [&] {
          return py::make_tuple(steal(make(code.phone)), steal(make(code.code)),
                                steal(make(code.lifetime)));
        },
        [](const py::object&) {});
    if (!sent) return msg::fail(msg::Code::unavailable, "The sender of codes raised an exception.");
    return {};
  };
}

class SignIns : public Part {
 public:
  SignIns(std::shared_ptr<Store> store, const msg::SignInOptions& options, const py::object& sender)
      : Part(std::move(store)) {
    sign_in_ = store_->value([&, send = sender_of(sender)](msg::Messenger& m) {
      return msg::SignIn::open(m, options, send);
    });
  }
  ~SignIns() override { end(); }
  void end() override { destroy(sign_in_); }

  template <class Work>
  auto value(Work work) {
    store_->require_open();
    if (!sign_in_) throw_closed("The sign-in is closed.");
    return store_->value([&](msg::Messenger& /*messenger*/) { return work(*sign_in_); });
  }
  msg::SignInCounters counters() {
    store_->require_open();
    if (!sign_in_) throw_closed("The sign-in is closed.");
    return sign_in_->counters();
  }

 private:
  std::unique_ptr<msg::SignIn> sign_in_;
};

std::unique_ptr<SignIns> open_sign_in(std::shared_ptr<Store> store,
                                      std::vector<std::string> countries, const py::object& sender,
                                      std::optional<std::chrono::milliseconds> code_lifetime,
                                      std::optional<std::chrono::milliseconds> send_interval,
                                      std::optional<int> sends_per_day,
                                      std::optional<int> requests_per_address,
                                      std::optional<std::size_t> pin_memory_bytes) {
  msg::SignInOptions options{.countries = std::move(countries)};
  options.code_lifetime = code_lifetime.value_or(options.code_lifetime);
  options.send_interval = send_interval.value_or(options.send_interval);
  options.sends_per_day = sends_per_day.value_or(options.sends_per_day);
  options.requests_per_address = requests_per_address.value_or(options.requests_per_address);
  options.pin_memory_bytes = pin_memory_bytes.value_or(options.pin_memory_bytes);
  return std::make_unique<SignIns>(std::move(store), options, sender);
}

py::tuple request_code(SignIns& self, Text phone, Text device_nonce, Text origin) {
  const msg::CodeRequest request{.phone = phone, .device_nonce = device_nonce, .origin = origin};
  const auto asked = self.value([&](msg::SignIn& s) { return s.request_code(request); });
  return py::make_tuple(asked.request_id, steal(make(asked.lifetime)),
                        steal(make(asked.resend_after)));
}

py::tuple verify(SignIns& self, Text request_id, Text device_nonce, Text code, Text device_name,
                 std::optional<Text> pin, bool begin_new_account) {
  const msg::SignInAttempt attempt{
      .proof = {.request_id = request_id, .device_nonce = device_nonce, .code = code},
      .device_name = device_name,
      .pin = pin ? std::optional<std::string>(*pin) : std::nullopt,
      .begin_new_account = begin_new_account};
  const auto signed_in = self.value([&](msg::SignIn& s) { return s.verify(attempt); });
  return py::make_tuple(steal(make(signed_in.session)), steal(make(signed_in.user)),
                        signed_in.is_new_user);
}

py::tuple change_phone(SignIns& self, const py::object& own, Text request_id, Text device_nonce,
                       Text code) {
  const auto session = session_of(own);
  const msg::ProvenPhone proof{
      .request_id = request_id, .device_nonce = device_nonce, .code = code};
  const auto changed = self.value([&](msg::SignIn& s) { return s.change_phone(session, proof); });
  return py::make_tuple(steal(make(changed.user)), steal(make(changed.ended)));
}

py::tuple counters(SignIns& self) {
  const auto c = self.counters();
  return py::make_tuple(c.requested, c.sent, c.send_failures, c.withheld, c.refused_address,
                        c.refused_overload, c.verified, c.wrong_codes, c.wrong_pins,
                        c.conversion_percent, c.conversion_alarm);
}

}  // namespace

void bind_sign_in(py::module_& module) {
  py::class_<SignIns>(module, "SignIns")
      .def(py::init(&open_sign_in))
      .def("close", &SignIns::end)
      .def("request_code", request_code)
      .def("verify", verify)
      .def("change_phone", change_phone)
      .def("set_pin",
           [](SignIns& self, UserId actor, Text pin) {
             self.value([=](msg::SignIn& s) { return s.set_pin(actor, pin); });
           })
      .def("remove_pin",
           [](SignIns& self, UserId actor) {
             self.value([=](msg::SignIn& s) { return s.remove_pin(actor); });
           })
      .def("counters", counters);
}

}  // namespace pymsg
