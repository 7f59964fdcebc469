# SPDX-License-Identifier: Apache-2.0
"""The calls of a Messenger, by theme. Those of libmsg.aio are made from these by tools/make_aio.py."""
