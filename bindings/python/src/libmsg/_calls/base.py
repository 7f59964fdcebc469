# SPDX-License-Identifier: Apache-2.0
"""What the calls stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .. import _libmsg


class Calls:
    """Has an open store."""

    __slots__ = ("_store", "__weakref__")
    _store: _libmsg.Store
