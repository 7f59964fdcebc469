# SPDX-License-Identifier: Apache-2.0
"""Durable, ordered, exactly-once chat, in your process or over the network."""

from __future__ import annotations

from .errors import *  # noqa: F403  (its __all__)
