# SPDX-License-Identifier: Apache-2.0
"""From arguments to what goes over the wire."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import quote

from ..errors import InvalidArgument
from ..types import Message, MessageId

Choice = TypeVar("Choice", bound=StrEnum)
MessageLike = MessageId | Message


def given(**fields: Any) -> dict[str, Any]:
    """Those that are not None.

    >>> given(title="Team", about=None)
    {'title': 'Team'}
    """
    return {name: value for name, value in fields.items() if value is not None}


def text_of(id: int) -> str:
    """An id, which may also be text, as it is in JSON and environments.

    >>> text_of(17), text_of("17")
    ('17', '17')
    """
    try:
        return str(int(id))
    except (TypeError, ValueError):
        raise InvalidArgument(f"an id is an int, not {type(id).__name__}") from None


def one_of(kind: type[Choice], value: str, field: str) -> Choice:
    """The member of an enumeration that a value is, or names."""
    try:
        return kind(value)
    except ValueError:
        raise InvalidArgument(f"{value!r} is none of {list(map(str, kind))}", field=field) from None


def maybe_text_of(id: int | None) -> str | None:
    return None if id is None else text_of(id)


def texts_of(ids: Iterable[int]) -> list[str]:
    return [text_of(id) for id in ids]


def message_id(message: MessageLike) -> MessageId:
    """A message stands for its id, and so does the text of that.

    >>> message_id(MessageId(17, 4))
    MessageId(conversation=17, seq=4)
    """
    if isinstance(message, Message):
        return message.id
    try:
        return message if isinstance(message, MessageId) else MessageId.parse(str(message))
    except ValueError as error:
        raise InvalidArgument(str(error), field="message") from None


def part(text: str) -> str:
    """Text as one part of a path.

    >>> part("+1 415/5")
    '%2B1%20415%2F5'
    """
    return quote(text, safe="")


def time_text(time: datetime | None, field: str) -> str | None:
    """RFC 3339, to the millisecond."""
    if time is None:
        return None
    if time.tzinfo is None:
        raise InvalidArgument("a time needs a zone: datetime.now(UTC)", field=field)
    return time.isoformat(timespec="milliseconds")


def seconds(time: timedelta | None) -> int | None:
    return None if time is None else round(time.total_seconds())


def new_client_id() -> str:
    """A key under which a send happens once, however often it is repeated."""
    return secrets.token_urlsafe(16)


def new_device_nonce() -> str:
    """What a device keeps to itself while it signs in."""
    return secrets.token_urlsafe(24)
