# SPDX-License-Identifier: Apache-2.0
"""Messages, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ..local import Draft
from ..pages import Listing
from ..types import Message, MessageId, MessageKind, Order, Reactor, Revision
from .base import Calls


class Messages(Calls):
    __slots__ = ()

    def send(
        self,
        sender: int,
        conversation: int,
        content: str,
        *,
        kind: MessageKind | str = MessageKind.TEXT,
        reply_to: int | None = None,
        timestamp: datetime | None = None,
        client_id: str = "",
        mentions: Iterable[int] = (),
    ) -> Message:
        """Appends a message; it is on disk when this returns.

        The same `client_id` and request again gives the first message again.

        >>> messenger.send(alice, talk, "Hello!", client_id="once").seq
        1
        >>> messenger.send(alice, talk, "Hello!", client_id="once").seq
        1
        """
        return self._store.send(
            sender, conversation, content, kind, reply_to, timestamp, client_id, tuple(mentions)
        )

    def check_draft(self, draft: Draft) -> None:
        """Raises what send() would without asking the store: lengths, encoding, ranges."""
        return self._store.check_draft(draft)

    def send_many(self, drafts: Iterable[Draft]) -> list[Message | Exception]:
        """As many sends as drafts, in order, in as few commits as possible.

        One may fail alone: in its place is its error.

        >>> from libmsg import Draft
        >>> one, two = messenger.send_many([Draft(alice, talk, "hi"), Draft(alice, 99, "hi")])
        >>> one.content, type(two).__name__
        ('hi', 'NotFound')
        """
        return self._store.send_many(drafts)

    def forward(
        self, sender: int, message: MessageId, conversation: int, *, client_id: str = ""
    ) -> Message:
        """Sends what another message says."""
        return self._store.forward(sender, message, conversation, client_id)

    def load_origin(self, actor: int, message: MessageId) -> Message:
        """The message that a forwarded one was made from, for whoever may read both."""
        return self._store.load_origin(actor, message)

    def load_message(self, actor: int, message: MessageId) -> Message:
        """One message.

        >>> sent = messenger.send(alice, talk, "Hello!")
        >>> messenger.load_message(bob, sent.id).content
        'Hello!'
        """
        return self._store.load_message(actor, message)

    def history(
        self,
        actor: int,
        conversation: int,
        *,
        order: Order | str = Order.NEWEST_FIRST,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        from_: datetime | None = None,
        to: datetime | None = None,
        page_size: int | None = None,
    ) -> Listing[Message]:
        """A conversation's messages: older or newer than a seq, around one, or of some time.

        `from_` is included, `to` is not. A cursor brings order and dates along.

        >>> for text in ("one", "two", "three"):
        ...     _ = messenger.send(alice, talk, text)
        >>> [message.content for message in messenger.history(bob, talk)]
        ['three', 'two', 'one']
        >>> [message.content for message in messenger.history(bob, talk, order="oldest_first", after=1)]
        ['two', 'three']
        """
        return Listing(
            lambda cursor: self._store.history(
                actor,
                conversation,
                page_size or 0,
                cursor,
                order,
                *((None,) * 5 if cursor else (before, after, around, from_, to)),
            )
        )

    def edit(self, actor: int, message: MessageId, content: str) -> Message:
        """Gives a text of one's own another content.

        >>> sent = messenger.send(alice, talk, "Helo!")
        >>> messenger.edit(alice, sent.id, "Hello!").edited_at is None
        False
        """
        return self._store.edit(actor, message, content)

    def delete_for_everyone(self, actor: int, message: MessageId) -> Message:
        """Leaves a tombstone; the content is gone from the store."""
        return self._store.delete_for_everyone(actor, message)

    def delete_for_me(self, actor: int, message: MessageId) -> Message:
        """Takes a message away from the actor alone."""
        return self._store.delete_for_me(actor, message)

    def list_revisions(self, actor: int, message: MessageId) -> tuple[Revision, ...]:
        """Who changed the content and when, oldest first: the latest ten."""
        return self._store.list_revisions(actor, message)

    def react(self, actor: int, message: MessageId, emoji: str) -> Message:
        """Gives a reaction; again changes nothing.

        >>> sent = messenger.send(alice, talk, "Hello!")
        >>> messenger.react(bob, sent.id, "👍").reactions
        (ReactionCount(emoji='👍', count=1),)
        """
        return self._store.react(actor, message, emoji)

    def remove_reaction(self, actor: int, message: MessageId, emoji: str) -> Message:
        """Takes it back."""
        return self._store.remove_reaction(actor, message, emoji)

    def list_reactions(
        self, actor: int, message: MessageId, *, page_size: int | None = None
    ) -> Listing[Reactor]:
        """Who gave what and when, ascending by user id."""
        return Listing(
            lambda cursor: self._store.list_reactions(actor, message, page_size or 0, cursor)
        )

    def pin(self, actor: int, message: MessageId) -> Message:
        """Pins a message for all members."""
        return self._store.pin(actor, message)

    def unpin(self, actor: int, message: MessageId) -> Message:
        """Takes the pin away."""
        return self._store.unpin(actor, message)

    def list_pins(self, actor: int, conversation: int) -> tuple[Message, ...]:
        """Those that the actor may read, the latest pin last."""
        return self._store.list_pins(actor, conversation)
