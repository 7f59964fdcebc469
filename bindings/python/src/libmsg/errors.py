# SPDX-License-Identifier: Apache-2.0
"""What a call raises that did not succeed.

Every error of libmsg is an :class:`Error` with a stable ``code``, the same word that the C++ library
and msgd use. Where Python has an exception for the same thing, it is that one, too::

    try:
        user = messenger.load_user(17)
    except KeyError:            # libmsg.NotFound
        ...
"""

from __future__ import annotations

from datetime import timedelta

__all__ = [
    "Closed",
    "Conflict",
    "Corrupt",
    "Error",
    "IdempotencyConflict",
    "InvalidArgument",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "RateLimited",
    "Timeout",
    "Unauthenticated",
    "Unavailable",
    "error_of",
]


class Error(Exception):
    """The base of all of them.

    ``code`` is a stable word to branch on; ``detail`` a sentence for people, which may name paths:
    log it, do not show it to strangers; ``field`` the argument at fault, or empty; ``retry_after``
    when to try again, where that is known.

    >>> error_of("conflict", "phone is taken", "phone")
    Conflict('phone is taken', field='phone')
    """

    code: str = "unavailable"

    def __init__(
        self,
        detail: str = "",
        *,
        field: str = "",
        retry_after: timedelta | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.retry_after = retry_after
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return self.detail

    def __repr__(self) -> str:
        more = f", field={self.field!r}" if self.field else ""
        if self.retry_after is not None:
            more += f", retry_after={self.retry_after!r}"
        return f"{type(self).__name__}({self.detail!r}{more})"

    def __reduce__(self) -> tuple[object, ...]:
        return error_of, (self.code, self.detail, self.field, self.retry_after)


class InvalidArgument(Error, ValueError):
    """The request can never succeed as it is; ``field`` names the culprit."""

    code = "invalid_argument"


class Unauthenticated(Error):
    """No token, or one that is unknown, expired or revoked."""

    code = "unauthenticated"


class PermissionDenied(Error):
    """The caller may know of the object but may not do this to it."""

    code = "permission_denied"


class NotFound(Error, KeyError):
    """No such object, or none that the caller may know of."""

    code = "not_found"


class Conflict(Error):
    """The present state forbids it: a phone number is taken, the last owner leaves."""

    code = "conflict"


class IdempotencyConflict(Conflict):
    """The ``client_id`` was used before, with another request."""

    code = "idempotency_conflict"


class RateLimited(Error):
    """Asked too often; nothing happened; ``retry_after`` says when to ask again."""

    code = "rate_limited"


class Unavailable(Error):
    """The store or server cannot answer now; the outcome may be unknown.

    Sending again with the same ``client_id`` settles it.
    """

    code = "unavailable"


class Overloaded(Unavailable):
    """A bound was reached; nothing happened; try again after ``retry_after``."""

    code = "overloaded"


class Timeout(Unavailable, TimeoutError):
    """No answer came in time; the outcome may be unknown."""

    code = "timeout"


class Corrupt(Error):
    """What is stored is not what was written."""

    code = "corrupt"


class Closed(Error, RuntimeError):
    """What was called is closed, or was opened by the process that this one was forked from."""

    code = "closed"


_CLASSES: dict[str, type[Error]] = {
    kind.code: kind
    for kind in (
        InvalidArgument,
        Unauthenticated,
        PermissionDenied,
        NotFound,
        Conflict,
        IdempotencyConflict,
        RateLimited,
        Unavailable,
        Overloaded,
        Timeout,
        Corrupt,
        Closed,
    )
}


def error_of(
    code: str, detail: str, field: str = "", retry_after: timedelta | None = None
) -> Error:
    """The exception for a code; a code of a later version becomes a plain :class:`Error`.

    >>> error_of("not_found", "no such user").code
    'not_found'
    """
    kind = _CLASSES.get(code)
    if kind is None:
        return Error(detail, field=field, retry_after=retry_after, code=code)
    return kind(detail, field=field, retry_after=retry_after)
