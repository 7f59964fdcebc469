// SPDX-License-Identifier: Apache-2.0
//
// Beast and the part of Asio that speaks TLS are compiled once, here
// (BOOST_BEAST_SEPARATE_COMPILATION, BOOST_ASIO_SEPARATE_COMPILATION).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
