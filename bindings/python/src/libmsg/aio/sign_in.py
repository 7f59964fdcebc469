# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_aio.py from ../sign_in.py: change that one.
"""Sign-in by phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..local import PhoneChanged, SignInCounters
from ..types import CodeRequested, Session, SignedIn

if TYPE_CHECKING:
    from .. import _libmsg
    from ._base import Calls


class SignIn:
    """A code is sent to a number, and who shows the code is given a session. See Messenger.

    No answer tells whether a number has an account, or whether a code was withheld.
    """

    __slots__ = ("_sign_in", "_calls")

    def __init__(self, sign_in: _libmsg.SignIns, calls: Calls) -> None:
        self._sign_in = sign_in
        self._calls = calls

    async def close(self) -> None:
        """Codes that wait for the sender are dropped. So they are when the messenger closes."""
        await self._calls._run(self._sign_in.close)

    async def request_code(
        self, phone: str, *, device_nonce: str, origin: str = ""
    ) -> CodeRequested:
        """Sends a code. `device_nonce`: 16 to 128 characters that the device keeps to itself."""
        return CodeRequested(*await self._calls._run(
            self._sign_in.request_code, phone, device_nonce, origin
        ))

    async def verify(
        self,
        request_id: str,
        code: str,
        *,
        device_nonce: str,
        device_name: str = "",
        pin: str | None = None,
        begin_new_account: bool = False,
    ) -> SignedIn:
        """Signs in; makes the user when the number has none."""
        return SignedIn(
            *await self._calls._run(
                self._sign_in.verify,
                request_id, device_nonce, code, device_name, pin, begin_new_account
            )
        )

    async def change_phone(
        self, own: Session, request_id: str, code: str, *, device_nonce: str
    ) -> PhoneChanged:
        """Gives the user of `own` the number, and ends all other sessions."""
        return PhoneChanged(*await self._calls._run(
            self._sign_in.change_phone, own, request_id, device_nonce, code
        ))

    async def set_pin(self, actor: int, pin: str) -> None:
        """From now on signing in to this account needs it."""
        await self._calls._run(self._sign_in.set_pin, actor, pin)

    async def remove_pin(self, actor: int) -> None:
        """No longer."""
        await self._calls._run(self._sign_in.remove_pin, actor)

    async def counters(self) -> SignInCounters:
        """What happened since it was opened."""
        return SignInCounters(*await self._calls._run(self._sign_in.counters))
