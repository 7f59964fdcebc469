// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <mutex>
#include <string>

#include "net/options.h"

struct ssl_st;
struct ssl_ctx_st;

namespace msgd {

struct SslFree {
  void operator()(ssl_st* ssl) const noexcept;
};
using SslPtr = std::unique_ptr<ssl_st, SslFree>;

/// The certificate and key of the server, and how it speaks TLS: 1.2 and 1.3 only, suites with
/// forward secrecy and authenticated encryption, ALPN http/1.1. No renegotiation and no
/// compression. No session tickets: their keys would live as long as the process, and a connection
/// here lives long, so that a full handshake is a small part of it.
///
/// Thread safety: all calls from any thread.
class TlsIdentity {
 public:
  /// Reads and checks both files: the chain leads with a certificate that is valid now, and the key
  /// belongs to it and is hidden from other users. The error is a sentence for the operator.
  static std::expected<std::unique_ptr<TlsIdentity>, std::string> load(const TlsFiles& files);

  /// Reads both files again. On an error what there was stays. Open connections keep theirs.
  std::expected<void, std::string> reload();

  /// The server's side of a connection that `fd` is of, which it does not own.
  SslPtr open(int fd) const;

  /// When the certificate in use expires.
  std::chrono::sys_seconds expires() const;

 private:
  struct Material {
    std::shared_ptr<ssl_ctx_st> context;
    std::chrono::sys_seconds expires;
  };
  TlsIdentity(TlsFiles files, Material material)
      : files_(std::move(files)), current_(std::move(material)) {}
  static std::expected<Material, std::string> read(const TlsFiles& files);

  const TlsFiles files_;
  mutable std::mutex mutex_;
  Material current_;
};

}  // namespace msgd
