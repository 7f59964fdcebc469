// SPDX-License-Identifier: Apache-2.0
#pragma once

// The one place that includes Asio: g++ 12 sees null pointers in its inlined executors that are
// not there.
#pragma GCC diagnostic push
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wnull-dereference"
#endif
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#pragma GCC diagnostic pop

namespace msgd {

namespace asio = boost::asio;

/// The concrete executor instead of any_io_executor: smaller and without virtual calls.
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

}  // namespace msgd
