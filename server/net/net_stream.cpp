// SPDX-License-Identifier: Apache-2.0
#include "net/net_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace msgd {
namespace {

using Status = NetStream::Status;

constexpr std::size_t kRecordBytes = 16 * 1024;  // the most that one has room for

}  // namespace

NetStream::~NetStream() {
  if (ssl_ != nullptr && established_ && !half_written_) ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

bool NetStream::has_decrypted() const {
  return ssl_ != nullptr && ::SSL_pending(ssl_.get()) > 0;
}

NetStream::Result NetStream::accept() {
  ::ERR_clear_error();
  const int result = ::SSL_do_handshake(ssl_.get());
  if (result != 1) return failed_read(result);
  read_needs_write_ = false;
  established_ = true;
  return {Status::done};
}

NetStream::Result NetStream::read(std::span<char> into) {
  if (ssl_ == nullptr) {
    const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (got > 0) return {Status::done, static_cast<std::size_t>(got)};
    const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
    return {later ? Status::wait : Status::closed};
  }
  ::ERR_clear_error();
  std::size_t got = 0;
  const int result = ::SSL_read_ex(ssl_.get(), into.data(), into.size(), &got);
  if (result != 1) return failed_read(result);
  read_needs_write_ = false;
  return {Status::done, got};
}

NetStream::Result NetStream::failed_read(int result) {
  const int error = ::SSL_get_error(ssl_.get(), result);
  read_needs_write_ = error == SSL_ERROR_WANT_WRITE;
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return {Status::wait};
  // Nothing may be said after a broken record, an answer to a close_notify included.
  if (error != SSL_ERROR_ZERO_RETURN) established_ = false;
  return {Status::closed};
}

NetStream::Result NetStream::write(std::span<const iovec> parts) {
  if (ssl_ != nullptr) return write_record(parts);
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  for (;;) {
    const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return {Status::done, static_cast<std::size_t>(sent)};
    if (errno == EINTR) continue;
    return {errno == EAGAIN ? Status::wait : Status::closed};
  }
}

NetStream::Result NetStream::write_record(std::span<const iovec> parts) {
  std::array<char, kRecordBytes> gathered;
  const char* bytes = gathered.data();
  std::size_t size = 0;
  for (const iovec& part : parts) {
    if (part.iov_len == 0) continue;
    if (size == 0 && part.iov_len >= kRecordBytes) {
      bytes = static_cast<const char*>(part.iov_base);
      size = kRecordBytes;
    }
    if (size == kRecordBytes) break;
    const std::size_t taken = std::min(part.iov_len, kRecordBytes - size);
    std::memcpy(gathered.data() + size, part.iov_base, taken);
    size += taken;
  }
  ::ERR_clear_error();
  std::size_t sent = 0;
  const int result = ::SSL_write_ex(ssl_.get(), bytes, size, &sent);
  if (result == 1) {
    half_written_ = write_needs_read_ = false;
    return {Status::done, sent};
  }
  const int error = ::SSL_get_error(ssl_.get(), result);
  write_needs_read_ = error == SSL_ERROR_WANT_READ;
  half_written_ = true;
  if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) return {Status::wait};
  established_ = false;
  return {Status::closed};
}

void NetStream::end_writing() {
  if (ssl_ != nullptr && established_ && !half_written_) {
    ::ERR_clear_error();
    ::SSL_shutdown(ssl_.get());
    established_ = false;  // said once
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
}

void NetStream::set_option(int level, int name, unsigned value) {
  ::setsockopt(socket_.native_handle(), level, name, &value, sizeof value);
}

}  // namespace msgd
