// SPDX-License-Identifier: Apache-2.0
#include "waker.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "errors.h"
#include "make.h"

namespace pymsg {
namespace {

struct NewsMaker {
  PyObject* operator()(const Waker::Sent& sent) const {
    return sent.outcome ? make(*sent.outcome, sent.reader) : make(sent.outcome.error());
  }
  PyObject* operator()(const msg::Result<msg::Member>& member) const {
    return member ? make(*member) : make(member.error());
  }
  PyObject* operator()(const Waker::Ready& /*ready*/) const { return none(); }
};

}  // namespace

Waker::Waker() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    PyErr_SetFromErrno(PyExc_OSError);
    throw py::error_already_set();
  }
  for (const int end : ends) {
    fcntl(end, F_SETFD, FD_CLOEXEC);
    fcntl(end, F_SETFL, O_NONBLOCK);
  }
  std::tie(read_end_, write_end_) = std::pair(ends[0], ends[1]);
}

Waker::~Waker() {
  ::close(read_end_);
  ::close(write_end_);
}

void Waker::post(std::int64_t token, News news) {
  const std::scoped_lock lock(mutex_);
  items_.push_back({token, std::move(news)});
  if (items_.size() > 1) return;
  const char byte = 1;
  while (write(write_end_, &byte, 1) < 0 && errno == EINTR) {
  }
}

py::list Waker::drain() {
  std::vector<Item> items;
  {
    const std::scoped_lock lock(mutex_);
    std::array<char, 16> bytes{};
    while (read(read_end_, bytes.data(), bytes.size()) > 0) {
    }
    items.swap(items_);
  }
  py::list news(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    news[i] = py::make_tuple(
        items[i].token, py::reinterpret_steal<py::object>(std::visit(NewsMaker{}, items[i].news)));
  }
  return news;
}

}  // namespace pymsg
