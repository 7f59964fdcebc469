# SPDX-License-Identifier: Apache-2.0
"""Durable, ordered, exactly-once chat, in your process or over the network.

``libmsg.open(url)`` has the whole store in this process, ``libmsg.aio.open(url)`` does for
coroutines; ``libmsg.client`` talks to a msgd, and needs nothing compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import *  # noqa: F403  (its __all__)
from .local import *  # noqa: F403
from .pages import AsyncListing as AsyncListing
from .pages import Listing as Listing
from .types import *  # noqa: F403

if TYPE_CHECKING:
    from . import aio as aio
    from .events import EventStream as EventStream
    from .messenger import Messenger as Messenger
    from .messenger import check_store as check_store
    from .messenger import copy_store as copy_store
    from .messenger import open as open
    from .table import MessageTable as MessageTable

__version__ = "0.1.0"

# What needs the compiled module is imported when it is asked for.
_NATIVE = {
    "EventStream": "events",
    "MessageTable": "table",
    "Messenger": "messenger",
    "check_store": "messenger",
    "copy_store": "messenger",
    "open": "messenger",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in ("aio", "client"):
        return import_module(f".{name}", __name__)
    if name in _NATIVE:
        value = getattr(import_module(f".{_NATIVE[name]}", __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'libmsg' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_NATIVE, "aio", "client"])
