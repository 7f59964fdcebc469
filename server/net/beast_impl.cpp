// SPDX-License-Identifier: Apache-2.0
//
// Beast is compiled once, here (BOOST_BEAST_SEPARATE_COMPILATION).
#include <boost/beast/src.hpp>
