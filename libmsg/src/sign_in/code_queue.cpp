// SPDX-License-Identifier: Apache-2.0
#include "sign_in/code_queue.h"

#include <exception>
#include <string>
#include <utility>

namespace msg {

CodeQueue::CodeQueue(CodeSender sender, const SignInOptions& options,
                     std::function<void(std::string_view)> log)
    : sender_(std::move(sender)), max_(options.send_queue_max), log_(std::move(log)) {
  for (int i = 0; i < options.send_threads; ++i) threads_.emplace_back([this] { run(); });
}

CodeQueue::~CodeQueue() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

bool CodeQueue::has_room() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size() < max_;
}

bool CodeQueue::put(std::optional<CodeToSend> code) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= max_) return false;
    queue_.push_back(std::move(code));
  }
  wake_.notify_one();
  return true;
}

void CodeQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::optional<CodeToSend> code = std::move(queue_.front());
    queue_.pop_front();
    if (!code) continue;
    lock.unlock();
    send(*code);
    lock.lock();
  }
}

void CodeQueue::send(const CodeToSend& code) {
  Result<void> sent;
  try {
    sent = sender_(code);
  } catch (const std::exception& error) {
    sent = fail(Code::unavailable, error.what());
  }
  if (sent) return;
  ++failures_;
  if (log_) log_("sign-in: a code could not be sent: " + sent.error().detail);
}

}  // namespace msg
