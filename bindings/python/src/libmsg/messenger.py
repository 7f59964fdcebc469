# SPDX-License-Identifier: Apache-2.0
"""An open store, in this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Unpack

from . import _libmsg
from ._calls.access import Access
from ._calls.conversations import Conversations
from ._calls.messages import Messages
from ._calls.parts import Parts
from ._calls.receipts import Receipts
from ._calls.users import Users
from .events import EventStream
from .local import CheckReport, CopyReport, Options, Progress
from .table import MessageTable


class Messenger(Users, Conversations, Messages, Receipts, Access, Parts):
    """Durable, ordered, exactly-once chat over one store; made by ``libmsg.open``.

    `actor` is the user on whose behalf a call is made; the rules of who may do what are applied
    here. A write that returned is on disk. Any number of threads may call; their writes share
    commits.
    """

    __slots__ = ()

    def __init__(self, store: _libmsg.Store) -> None:
        self._store = store

    @property
    def closed(self) -> bool:
        return self._store.closed

    def close(self) -> None:
        """Waits for calls that run, ends streams and everything else made of it, and closes the
        store. Calls that come later raise Closed. Again does nothing."""
        self._store.close()

    def __enter__(self) -> Messenger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<libmsg.Messenger, {'closed' if self.closed else 'open'}>"

    def events(
        self, user: int, *, since: str | None = None, timeout: float | None = None
    ) -> EventStream:
        """Everything that happens in a user's conversations, as it happens.

        `since`: a cursor of an earlier stream, an event or a sync; "" for everything from the
        beginning; None for what happens from now on. What was missed comes first, as SyncEvents.
        Iterating ends when nothing has come for `timeout` seconds; None: never.

        >>> with messenger.events(bob, timeout=5) as events:
        ...     sent = messenger.send(alice, talk, "Hello!")
        ...     print(next(events).message.content)
        Hello!
        """
        return EventStream(self._store, user, since, timeout)

    def export_messages(
        self,
        actor: int,
        conversation: int,
        *,
        after: int | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
    ) -> MessageTable:
        """A conversation as columns, oldest first, without a Python object for each message.

        >>> for text in ("one", "two"):
        ...     _ = messenger.send(alice, talk, text)
        >>> table = messenger.export_messages(alice, talk)
        >>> len(table), table.column("seq").tolist()
        (2, [1, 2])
        """
        return MessageTable(
            self._store.export_messages(actor, conversation, after, from_, to, 0)
        )


def open(url: str, **options: Unpack[Options]) -> Messenger:
    """Opens, and makes or migrates when needed, the store that `url` names.

    "memory:" (gone with the messenger), "sqlite:PATH", "rocksdb:PATH" or "postgresql://…".
    The keywords are those of libmsg.Options.

    >>> import libmsg
    >>> with libmsg.open("memory:") as chat:
    ...     alice = chat.register_user("+1 415 555 0101", display_name="Alice").id
    ...     bob = chat.register_user("+1 415 555 0102", display_name="Bob").id
    ...     talk = chat.open_direct(alice, bob).id
    ...     message = chat.send(alice, talk, "Hello!")
    ...     [m.content for m in chat.history(bob, talk)]
    ['Hello!']
    """
    return Messenger(_libmsg.open(url, dict(options)))


def copy_store(
    source: str,
    target: str,
    *,
    verify: bool = False,
    differences_max: int = 20,
    batch_rows: int = 8192,
    batch_bytes: int = 4 << 20,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[Options],
) -> CopyReport:
    """Makes the store `target` a copy of the store `source`, whatever their kinds.

    Cursors and tokens of the one are good for the other. One that was cut short goes on.
    """
    return CopyReport(
        *_libmsg.copy_store(
            source,
            target,
            verify,
            differences_max,
            batch_rows,
            batch_bytes,
            _told(progress),
            dict(options),
        )
    )


def check_store(
    url: str,
    *,
    problems_max: int = 100,
    progress: Callable[[Progress], object] | None = None,
    **options: Unpack[Options],
) -> CheckReport:
    """Reads everything in a store and looks whether it fits together. A problem is no error."""
    return CheckReport(*_libmsg.check_store(url, problems_max, _told(progress), dict(options)))


def _told(
    progress: Callable[[Progress], object] | None,
) -> Callable[[str, str, int, int], object] | None:
    if progress is None:
        return None
    handler = progress
    return lambda *told: handler(Progress(*told))
