# SPDX-License-Identifier: Apache-2.0
"""Many devices on real sockets, a network and a server that fail, and a checker of what they saw."""
