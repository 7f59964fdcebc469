# SPDX-License-Identifier: Apache-2.0
"""What went wrong, as exceptions of :mod:`libmsg.errors`; and whether to try again."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from ..errors import Error, Timeout, Unavailable, error_of

#: The server says that nothing happened: whatever it was may be repeated.
NOTHING_HAPPENED = frozenset({"rate_limited", "overloaded", "request_timeout"})
#: Nobody knows: only what is harmless twice may be repeated.
OUTCOME_UNKNOWN = frozenset({"unavailable", "timeout"})


def of_answer(status: int, headers: Mapping[str, str], content: bytes) -> Error:
    """The error that an answer tells of; RFC 9457 where it is msgd's own."""
    try:
        problem = json.loads(content)
        code, detail = str(problem["code"]), str(problem.get("detail") or "")
    except (ValueError, KeyError, TypeError):
        return of_stranger(status, headers)
    places = problem.get("errors") or [{}]
    field = field_of(str(places[0].get("pointer", "")))
    error = error_of(code, detail, field, retry_after(headers))
    if "request_id" in problem:
        error.add_note(f"request_id: {problem['request_id']}")
    return error


def of_stranger(status: int, headers: Mapping[str, str]) -> Error:
    """The error when somebody else has answered: a proxy whose server is away, or a hotel."""
    detail = f"the answer {status} is not msgd's"
    if status >= 500 or status == 429:
        return Unavailable(detail, retry_after=retry_after(headers))
    return Error(detail, code="malformed_answer")


def of_reply(error: Mapping[str, Any]) -> Error:
    """The error that a reply over a WebSocket tells of."""
    wait = error.get("retry_after_ms")
    after = None if wait is None else timedelta(milliseconds=wait)
    field = field_of(str(error.get("field") or ""))
    return error_of(str(error["code"]), str(error.get("detail") or ""), field, after)


def of_trouble(trouble: httpx.HTTPError) -> tuple[Error, bool]:
    """The error when no answer came, and whether it is sure that nothing happened."""
    text = str(trouble) or type(trouble).__name__
    if is_distrust(trouble):
        return Error(text, code="untrusted"), False
    unsent = isinstance(trouble, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
    if isinstance(trouble, httpx.TimeoutException):
        return Timeout(f"no answer in time: {text}"), unsent
    return Unavailable(f"no answer: {text}"), unsent


def is_distrust(trouble: BaseException | None) -> bool:
    """Whether it is for the server's certificate, which waiting does not mend."""
    while trouble is not None:
        if isinstance(trouble, ssl.SSLCertVerificationError):
            return True
        trouble = trouble.__cause__ or trouble.__context__
    return False


def may_repeat(error: Error, unsent: bool, repeatable: bool) -> bool:
    """Whether to try again after this error."""
    if unsent or error.code in NOTHING_HAPPENED:
        return True
    return repeatable and error.code in OUTCOME_UNKNOWN


def field_of(place: str) -> str:
    """The argument that a place in a request belongs to.

    >>> field_of("/mentions/3"), field_of("?limit"), field_of("X-User-Id"), field_of("/user_id")
    ('mentions', 'page_size', 'act_as', 'user')
    """
    name = place.removeprefix("?").removeprefix("/").split("/")[0]
    if name in _FIELDS:
        return _FIELDS[name]
    for ending, instead in (("_ids", "s"), ("_id", ""), ("_s", "")):
        if name.endswith(ending) and name not in ("client_id", "request_id"):
            return name.removesuffix(ending) + instead
    return name


_FIELDS = {
    "X-User-Id": "act_as",
    "sender_id": "act_as",
    "Idempotency-Key": "client_id",
    "limit": "page_size",
    "from": "from_",
    "seq": "up_to",
}


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """
    >>> retry_after({"retry-after": "2"})
    datetime.timedelta(seconds=2)
    """
    text = headers.get("retry-after")
    if text is None:
        return None
    if text.isdecimal():
        return timedelta(seconds=int(text))
    try:
        return max(timedelta(), parsedate_to_datetime(text) - datetime.now(UTC))
    except (ValueError, TypeError):
        return None
