# SPDX-License-Identifier: Apache-2.0
"""Who is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .types import PersonPresence

if TYPE_CHECKING:
    from ._libmsg import People, PresenceDevice, PresenceWatch


class Presence:
    """Who is there, and who wants to know. See Messenger."""

    __slots__ = ("_people",)

    def __init__(self, people: People) -> None:
        self._people = people

    def enter(self, user: int) -> PresenceDevice:
        """A device of a user, there until it is closed; `touch()` it when it is used."""
        return self._people.enter(user)

    def update(self, user: int) -> None:
        """The user's settings have changed."""
        self._people.update(user)

    def look(self, viewer: int, users: Iterable[int]) -> tuple[PersonPresence, ...]:
        """What the viewer may know of these now, in their order."""
        return self._people.look(viewer, tuple(users))

    def watch(
        self,
        viewer: int,
        users: Iterable[int],
        handler: Callable[[tuple[PersonPresence, ...]], object],
    ) -> tuple[PresenceWatch, tuple[PersonPresence, ...]]:
        """The watch, and what is known now. From then on `flush()` calls the handler with what has
        changed; when that returns False it is told again. It must not call the presence.
        It is called on the thread of `flush()`."""
        return self._people.watch(viewer, tuple(users), handler)

    def flush(self) -> None:
        """Tells what has changed, and by the passing of time: call it about once a second."""
        self._people.flush()

    def store_last_seen(self, *, all: bool = False) -> None:
        """Stores when users were last seen who have gone; with `all` of everybody, for the end."""
        self._people.store_last_seen(all)

    def __len__(self) -> int:
        """Users of whom anything is kept."""
        return len(self._people)

    def close(self) -> None:
        """Ends it, its devices and its watches."""
        self._people.close()
