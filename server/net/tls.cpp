// SPDX-License-Identifier: Apache-2.0
#include "net/tls.h"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace msgd {
namespace {

using Failure = std::unexpected<std::string>;

constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// The reason of the first error in the thread's queue, which is emptied.
std::string reason() {
  const unsigned long error = ::ERR_get_error();
  ::ERR_clear_error();
  const char* text = ::ERR_reason_error_string(error);
  return text != nullptr ? text : "it cannot be used";
}

// A client that offers no ALPN speaks HTTP/1.1 as well; one that offers something else does not.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void* /*nothing*/) {
  unsigned char* chosen = nullptr;
  if (::SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(), in, in_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Nobody is there to be asked for a passphrase.
int no_passphrase(char* /*out*/, int /*size*/, int /*writing*/, void* /*nothing*/) {
  return -1;
}

std::string cannot_read(const std::string& file) {
  const std::string why = std::generic_category().message(errno);
  return "Cannot read " + file + ": " + why + ".";
}

std::expected<void, std::string> check_key_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status{};
  const bool is_read = fd >= 0 && ::fstat(fd, &status) == 0;
  std::string why = is_read ? std::string{} : cannot_read(file);
  if (fd >= 0) ::close(fd);
  if (!is_read) return Failure(std::move(why));
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return Failure("The key " + file + " is open to other users: chmod 600 (or 640) it.");
  }
  return {};
}

std::chrono::sys_seconds to_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (::ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

void set_up(SSL_CTX* context) {
  ::SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  ::SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
  ::SSL_CTX_set_num_tickets(context, 0);
  ::SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  // An idle connection holds no buffers; what waits to be written may be gathered anew.
  ::SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ::SSL_CTX_set_cipher_list(context, kSuites12);
  ::SSL_CTX_set1_groups_list(context, kGroups);
  ::SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  ::SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

}  // namespace

void SslFree::operator()(ssl_st* ssl) const noexcept {
  ::SSL_free(ssl);
}

std::expected<TlsIdentity::Material, std::string> TlsIdentity::read(const TlsFiles& files) {
  ::ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(::SSL_CTX_new(::TLS_server_method()), ::SSL_CTX_free);
  if (context == nullptr) return Failure("TLS is not to be had: " + reason() + ".");
  set_up(context.get());
  if (::access(files.certificate.c_str(), R_OK) != 0)
    return Failure(cannot_read(files.certificate));
  if (const auto good = check_key_file(files.key); !good) return Failure(good.error());
  if (::SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return Failure(files.certificate + " is no certificate chain in PEM: " + reason() + ".");
  }
  // Its own check of both comes with it: a key of another certificate is refused here.
  if (::SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      ::SSL_CTX_check_private_key(context.get()) != 1) {
    return Failure(files.key + " is no private key in PEM, without a passphrase, of " +
                   files.certificate + ": " + reason() + ".");
  }
  const X509* certificate = ::SSL_CTX_get0_certificate(context.get());
  if (::X509_cmp_current_time(::X509_get0_notAfter(certificate)) <= 0) {
    return Failure("The certificate " + files.certificate + " has expired.");
  }
  if (::X509_cmp_current_time(::X509_get0_notBefore(certificate)) >= 0) {
    return Failure("The certificate " + files.certificate + " is not valid yet.");
  }
  return Material{context, to_time(::X509_get0_notAfter(certificate))};
}

std::expected<std::unique_ptr<TlsIdentity>, std::string> TlsIdentity::load(const TlsFiles& files) {
  auto material = read(files);
  if (!material) return Failure(std::move(material.error()));
  return std::unique_ptr<TlsIdentity>(new TlsIdentity(files, std::move(*material)));
}

std::expected<void, std::string> TlsIdentity::reload() {
  auto material = read(files_);
  if (!material) return Failure(std::move(material.error()));
  const std::lock_guard lock(mutex_);
  current_ = std::move(*material);
  return {};
}

SslPtr TlsIdentity::open(int fd) const {
  SslPtr ssl;
  {
    const std::lock_guard lock(mutex_);
    ssl.reset(::SSL_new(current_.context.get()));  // shares it
  }
  if (ssl == nullptr || ::SSL_set_fd(ssl.get(), fd) != 1) {
    ::ERR_clear_error();
    return nullptr;
  }
  ::SSL_set_accept_state(ssl.get());
  return ssl;
}

std::chrono::sys_seconds TlsIdentity::expires() const {
  const std::lock_guard lock(mutex_);
  return current_.expires;
}

}  // namespace msgd
