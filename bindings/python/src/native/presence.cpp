// SPDX-License-Identifier: Apache-2.0
#include "msg/presence.h"

#include <vector>

#include "bind.h"
#include "options.h"

namespace pymsg {
namespace {

using msg::UserId;

/// This thread is in a handler, which would wait for itself.
thread_local bool in_handler = false;

/// Devices and watches hold on to it; they end before it does.
class People : public Part {
 public:
  People(std::shared_ptr<Store> store, msg::PresenceOptions options) : Part(std::move(store)) {
    presence_ = store_->run(
        [&](msg::Messenger& m) { return std::make_unique<msg::Presence>(m, std::move(options)); });
  }
  ~People() override { end(); }
  void end() override {
    while (!attached_.empty()) {
      Part* part = attached_.back();
      attached_.pop_back();
      part->end();
    }
    destroy(presence_);
  }
  void attach(Part* part) { attached_.push_back(part); }
  void detach(Part* part) { std::erase(attached_, part); }

  template <class Work>
  auto run(Work work) {
    store_->require_open();
    if (in_handler) throw_invalid("A handler of presence must not call it.");
    if (!presence_) throw_closed("The presence is closed.");
    return store_->run([&](msg::Messenger& m) { return work(*presence_, m); });
  }
  const std::shared_ptr<Store>& store() const { return store_; }
  std::size_t size() {
    return run([](msg::Presence& p, msg::Messenger& /*m*/) { return p.size(); });
  }

 private:
  std::unique_ptr<msg::Presence> presence_;
  std::vector<Part*> attached_;
};
using SharedPeople = std::shared_ptr<People>;

template <class T>
T unwrap(msg::Result<T> result) {
  if (!result) throw_error(result.error());
  return std::move(*result);
}

/// A device that is there, or a watch; ends with its presence at the latest.
template <class T>
class Attached : public Part {
 public:
  Attached(SharedPeople people, std::unique_ptr<T> owned)
      : Part(people->store()), people_(std::move(people)), owned_(std::move(owned)) {
    people_->attach(this);
  }
  ~Attached() override {
    people_->detach(this);
    end();
  }
  void end() override { destroy(owned_); }

  template <class Work>
  void run(Work work) {
    people_->run([&](msg::Presence& /*presence*/, msg::Messenger& /*messenger*/) {
      if (owned_) work(*owned_);
    });
  }

 private:
  const SharedPeople people_;
  std::unique_ptr<T> owned_;
};
using Device = Attached<msg::PresenceDevice>;
using Watch = Attached<msg::PresenceWatch>;

SharedPeople open_presence(const std::shared_ptr<Store>& store,
                           std::optional<std::chrono::milliseconds> idle_after,
                           std::optional<std::chrono::milliseconds> offline_after,
                           const py::object& clock) {
  msg::PresenceOptions options;
  options.idle_after = idle_after.value_or(options.idle_after);
  options.offline_after = offline_after.value_or(options.offline_after);
  if (!clock.is_none()) options.clock = clock_of(clock);
  return std::make_shared<People>(store, std::move(options));
}

std::unique_ptr<Device> enter(const SharedPeople& people, UserId user) {
  auto device =
      people->run([=](msg::Presence& p,
                      msg::Messenger& m) -> msg::Result<std::unique_ptr<msg::PresenceDevice>> {
        MSG_TRY(const auto row, m.load_user(user));
        return p.enter(row);
      });
  return std::make_unique<Device>(people, unwrap(std::move(device)));
}

py::object make_people(const std::vector<msg::PersonPresence>& people) {
  return py::reinterpret_steal<py::object>(make(people));
}

py::object look(People& people, UserId viewer, const std::vector<UserId>& users) {
  return make_people(unwrap(
      people.run([&](msg::Presence& p, msg::Messenger& /*m*/) { return p.look(viewer, users); })));
}

/// (watch, what is known now). The handler is called by flush(), with a tuple of what changed.
py::tuple watch(const SharedPeople& people, UserId viewer, const std::vector<UserId>& users,
                const py::object& handler) {
  const Callback told(handler);
  std::vector<msg::PersonPresence> known;
  auto begun = people->run([&](msg::Presence& p, msg::Messenger& /*m*/) {
    const auto tell = [told](const std::vector<msg::PersonPresence>& changed) {
      bool taken = true;
      in_handler = true;
      told.call([&] { return py::make_tuple(make_people(changed)); },
                [&](const py::object& answer) { taken = !answer.is(py::bool_(false)); });
      in_handler = false;
      return taken;  // also when it raised: that would not be better next time
    };
    return p.watch(viewer, users, tell, known);
  });
  auto owned = std::make_unique<Watch>(people, unwrap(std::move(begun)));
  return py::make_tuple(std::move(owned), make_people(known));
}

void update(People& people, UserId user) {
  auto done = people.run([=](msg::Presence& p, msg::Messenger& m) -> msg::Result<void> {
    MSG_TRY(const auto row, m.load_user(user));
    p.update(row);
    return {};
  });
  if (!done) throw_error(done.error());
}

}  // namespace

void bind_presence(py::module_& module) {
  py::class_<Device>(module, "PresenceDevice")
      .def("touch", [](Device& d) { d.run([](msg::PresenceDevice& o) { o.touch(); }); })
      .def("set_away",
           [](Device& d, bool away) { d.run([=](msg::PresenceDevice& o) { o.set_away(away); }); })
      .def("close", &Device::end);
  py::class_<Watch>(module, "PresenceWatch").def("close", &Watch::end);
  py::class_<People, SharedPeople>(module, "People")
      .def(py::init(&open_presence))
      .def("enter", enter)
      .def("update", update)
      .def("look", look)
      .def("watch", watch)
      .def("flush",
           [](People& people) {
             people.run([](msg::Presence& p, msg::Messenger& /*m*/) { p.flush(); });
           })
      .def("store_last_seen",
           [](People& people, bool all) {
             auto done = people.run(
                 [=](msg::Presence& p, msg::Messenger& /*m*/) { return p.store_last_seen(all); });
             if (!done) throw_error(done.error());
           })
      .def("__len__", &People::size)
      .def("close", &People::end);
}

}  // namespace pymsg
