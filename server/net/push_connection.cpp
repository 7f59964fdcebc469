// SPDX-License-Identifier: Apache-2.0
#include "net/push_connection.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "net/ws_frames.h"
#include "ops/log.h"

namespace msgd {
namespace {

constexpr std::size_t kFramesPerWrite = 256;
constexpr std::size_t kKeptCapacity = 8;  // of an idle connection's vectors
constexpr std::size_t kDiscardMax = 256 * 1024;

}  // namespace

PushConnection::PushConnection(std::shared_ptr<ServerContext> context, IoThread& io,
                               NetStream stream, std::optional<Admission::Ticket> ticket,
                               std::atomic<std::size_t>& count)
    : context_(std::move(context)),
      io_(io),
      gate_(io.gate()),
      count_(count),
      stream_(std::move(stream)),
      ticket_(std::move(ticket)) {
  count_.fetch_add(1, std::memory_order_relaxed);
}

PushConnection::~PushConnection() {
  if (!gone_) count_.fetch_sub(1, std::memory_order_relaxed);
}

void PushConnection::prove() {
  if (ticket_) ticket_->prove();
}

void PushConnection::failed(const char* what) {
  log_error("ws.exception", {{"what", what}});
  close(ws_close::internal_error, "a fault of ours");
}

void PushConnection::run(const MakeEndpoint& make_endpoint, std::string answer, std::string rest) {
  io_.add(*this);
  const TimePoint now = IoThread::now();
  last_heard_ = now;
  next_ping_ = now + options().ws_ping_interval;
  // The answer goes the way of the frames: one place that writes.
  writing_.push_back(std::make_shared<const std::string>(std::move(answer)));
  uncounted_ = 1;
  guarded([&] {
    endpoint_ = make_endpoint(shared_from_this());
    if (endpoint_ == nullptr) close(ws_close::try_again, "no session to be had");
  });
  if (io_.draining()) shut_down(now);
  set_timer(now);
  flush();
  if (gone_) return;
  if (!rest.empty()) {
    discarding_ ? discard(rest.size()) : take(rest);
  }
  if (!gone_) wait_readable();
}

bool PushConnection::send(SharedFrame frame) {
  return enqueue(std::move(frame), options().outbox_frames_max, options().outbox_bytes_max);
}

bool PushConnection::send_ephemeral(SharedFrame frame) {
  return enqueue(std::move(frame), options().outbox_frames_max / 2, options().outbox_bytes_max / 2);
}

bool PushConnection::enqueue(SharedFrame frame, std::size_t frames_max, std::size_t bytes_max) {
  const std::lock_guard lock(mutex_);
  if (closing_) return false;
  const std::size_t bytes = pending_bytes_ + frame->size();
  if (pending_frames_ != 0 && (pending_frames_ >= frames_max || bytes > bytes_max)) return false;
  queue_.push_back(std::move(frame));
  ++pending_frames_;
  pending_bytes_ = bytes;
  schedule_flush();
  return true;
}

void PushConnection::close(std::uint16_t code, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(closing_, true)) return;
  close_frame_ = closing_frame(code, reason);
  schedule_flush();
}

// Once however many frames come before it runs: they leave in one write.
void PushConnection::schedule_flush() {
  if (std::exchange(flush_scheduled_, true)) return;
  gate_->post_flush({shared_from_this(), this});
}

void PushConnection::post(std::function<void()> work) {
  gate_->post([self = shared_from_this(), work = std::move(work)] {
    if (!self->gone_) self->guarded(work);
  });
}

void PushConnection::flush() {
  {
    const std::lock_guard lock(mutex_);
    flush_scheduled_ = false;
  }
  if (gone_ || write_waits_) return;
  for (;;) {
    if (writing_first_ == writing_.size()) {
      refill();
      if (writing_.empty()) break;
    }
    if (!write()) return;
  }
  all_written();
}

// Control frames go first: they answer for the connection, and are no more than three.
void PushConnection::refill() {
  writing_.clear();
  writing_first_ = 0;
  writing_offset_ = 0;
  if (close_written_) return;
  add_control(writing_);
  if (std::exchange(ping_due_, false)) writing_.push_back(keep_alive_frame());
  uncounted_ = writing_.size();
  const std::lock_guard lock(mutex_);
  drained_due_ |= !queue_.empty();
  if (writing_.empty()) {
    writing_.swap(queue_);
  } else {
    std::ranges::move(queue_, std::back_inserter(writing_));
    queue_.clear();
  }
  if (close_frame_ != nullptr) {
    writing_.push_back(std::exchange(close_frame_, nullptr));
    close_written_ = true;
  }
}

// False: the rest must wait, or the connection is gone.
bool PushConnection::write() {
  std::array<iovec, kFramesPerWrite> parts;
  std::size_t count = 0;
  std::size_t offset = writing_offset_;
  for (std::size_t i = writing_first_; i < writing_.size() && count < parts.size(); ++i) {
    const std::string& frame = *writing_[i];
    parts[count++] = {const_cast<char*>(frame.data()) + offset, frame.size() - offset};
    offset = 0;
  }
  const auto sent = stream_->write(std::span(parts).first(count));
  if (sent.status == NetStream::Status::done) {
    written(sent.bytes);
    return true;
  }
  if (sent.status == NetStream::Status::closed) {
    abort();
    return false;
  }
  write_waits_ = true;
  write_since_ = IoThread::now();
  set_timer(write_since_);
  stream_->wait_writable([self = shared_from_this()](boost::system::error_code error) {
    self->write_waits_ = false;
    if (self->gone_) return;
    if (error) return self->abort();
    self->flush();
  });
  return false;
}

void PushConnection::written(std::size_t bytes) {
  std::size_t frames_done = 0;
  std::size_t bytes_done = 0;
  writing_offset_ += bytes;
  while (writing_first_ < writing_.size() && writing_offset_ >= writing_[writing_first_]->size()) {
    const bool close_frame = close_written_ && writing_first_ + 1 == writing_.size();
    const bool counted = writing_first_ >= uncounted_ && !close_frame;
    SharedFrame& frame = writing_[writing_first_++];
    writing_offset_ -= frame->size();
    bytes_done += counted ? frame->size() : 0;
    frames_done += counted ? 1 : 0;
    frame.reset();
  }
  const std::lock_guard lock(mutex_);
  pending_frames_ -= frames_done;
  pending_bytes_ -= bytes_done;
}

void PushConnection::all_written() {
  if (close_written_) {
    if (close_sent_ == TimePoint{}) {
      close_sent_ = IoThread::now();
      if (discarding_) stream_->end_writing();
      set_timer(close_sent_);
    }
    return;
  }
  release_buffers();
  if (std::exchange(drained_due_, false) && endpoint_ != nullptr) {
    guarded([&] { endpoint_->on_drained(); });
  }
}

void PushConnection::release_buffers() {
  if (writing_.capacity() > kKeptCapacity) std::vector<SharedFrame>{}.swap(writing_);
  const std::lock_guard lock(mutex_);
  if (queue_.empty() && queue_.capacity() > kKeptCapacity) std::vector<SharedFrame>{}.swap(queue_);
}

void PushConnection::wait_readable() {
  stream_->wait_readable([self = shared_from_this()](boost::system::error_code error) {
    if (self->gone_) return;
    if (error) return self->abort();
    self->on_readable();
  });
}

void PushConnection::on_readable() {
  const std::span<char> scratch = io_.scratch();
  const auto got = stream_->read(scratch);
  if (got.status == NetStream::Status::closed) return abort();
  if (got.status == NetStream::Status::done) {
    last_heard_ = IoThread::now();
    const std::span<char> bytes = scratch.first(got.bytes);
    discarding_ ? discard(bytes.size()) : take(bytes);
  }
  if (!gone_) wait_readable();
}

bool PushConnection::closing() {
  const std::lock_guard lock(mutex_);
  return closing_;
}

void PushConnection::set_option(int level, int name, unsigned value) {
  stream_->set_option(level, name, value);
}

void PushConnection::wake_writer() {
  const std::lock_guard lock(mutex_);
  schedule_flush();
}

// RFC 6455 §7.1.1: closing with unread input would make the kernel reset the connection, and the
// peer might lose the close frame it has not read yet.
void PushConnection::discard_from_here() {
  discarding_ = true;
  if (close_sent_ != TimePoint{}) stream_->end_writing();
}

void PushConnection::discard(std::size_t bytes) {
  discarded_ += bytes;
  if (discarded_ > kDiscardMax) abort();
}

void PushConnection::on_timer(TimePoint now) {
  const auto self = shared_from_this();
  if (is_over(now)) return abort();
  if (shutdown_due_ != TimePoint{} && now >= shutdown_due_) shut_down(now);
  if (now >= next_ping_) {
    next_ping_ = now + options().ws_ping_interval;
    ping_due_ = true;
    flush();
  }
  if (!gone_) set_timer(now);
}

// A peer that does not read cannot be told why.
bool PushConnection::is_over(TimePoint now) {
  const bool stuck = write_waits_ && now - write_since_ >= options().write_timeout;
  const bool silent = must_speak() && now - last_heard_ >= options().ws_silence_timeout;
  const bool closed = close_sent_ != TimePoint{} && now - close_sent_ >= options().ws_close_timeout;
  if (stuck || silent) log_info("ws.drop", {{"why", stuck ? "no write progress" : "silence"}});
  return stuck || silent || closed;
}

void PushConnection::set_timer(TimePoint now) {
  TimePoint due = next_ping_;
  if (must_speak()) due = std::min(due, last_heard_ + options().ws_silence_timeout);
  if (write_waits_) due = std::min(due, write_since_ + options().write_timeout);
  if (close_sent_ != TimePoint{}) due = std::min(due, close_sent_ + options().ws_close_timeout);
  if (shutdown_due_ != TimePoint{}) due = std::min(due, shutdown_due_);
  io_.schedule(*this, std::max(due, now));
}

void PushConnection::begin_drain() {
  const auto spread = io_.drain_plan().spread.count();
  const std::chrono::milliseconds turn{
      std::uniform_int_distribution<std::int64_t>(0, spread)(io_.random())};
  const TimePoint now = IoThread::now();
  shutdown_due_ = now + turn;
  if (turn.count() == 0) shut_down(now);
  if (!gone_) set_timer(now);
}

// The first time the endpoint is asked to come to its end, the second time it is the end.
void PushConnection::shut_down(TimePoint now) {
  if (!std::exchange(told_, true) && endpoint_ != nullptr) {
    shutdown_due_ = std::max(now, io_.drain_plan().close_at);
    guarded([&] { endpoint_->on_shutdown(reconnect_delay()); });
    return;
  }
  shutdown_due_ = {};
  close(ws_close::service_restart, restart_reason(reconnect_delay()));
}

std::chrono::milliseconds PushConnection::reconnect_delay() {
  const auto window = std::max<std::int64_t>(0, options().drain_window.count());
  return std::chrono::milliseconds{
      std::uniform_int_distribution<std::int64_t>(0, window)(io_.random())};
}

void PushConnection::abort() {
  if (std::exchange(gone_, true)) return;
  const auto self = shared_from_this();  // the endpoint may hold the last reference
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    queue_.clear();
  }
  TimerWheel::cancel(*this);
  if (ConnectionHook::is_linked()) ConnectionHook::unlink();
  stream_.reset();
  ticket_.reset();
  writing_.clear();
  count_.fetch_sub(1, std::memory_order_relaxed);
  // Never inside one of the endpoint's own calls: what they ask for is posted.
  const std::unique_ptr<WsEndpoint> endpoint = std::move(endpoint_);
  if (endpoint != nullptr) guarded([&] { endpoint->on_closed(); });
}

}  // namespace msgd
