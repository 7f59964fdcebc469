# SPDX-License-Identifier: Apache-2.0
"""Sign-in by phone number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .local import PhoneChanged, SignInCounters
from .types import CodeRequested, Session, SignedIn

if TYPE_CHECKING:
    from . import _libmsg


class SignIn:
    """A code is sent to a number, and who shows the code is given a session. See Messenger.

    No answer tells whether a number has an account, or whether a code was withheld.
    """

    __slots__ = ("_sign_in",)

    def __init__(self, sign_in: _libmsg.SignIns) -> None:
        self._sign_in = sign_in

    def close(self) -> None:
        """Codes that wait for the sender are dropped. So they are when the messenger closes."""
        self._sign_in.close()

    def request_code(self, phone: str, *, device_nonce: str, origin: str = "") -> CodeRequested:
        """Sends a code. `device_nonce`: 16 to 128 characters that the device keeps to itself."""
        return CodeRequested(*self._sign_in.request_code(phone, device_nonce, origin))

    def verify(
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
            *self._sign_in.verify(
                request_id, device_nonce, code, device_name, pin, begin_new_account
            )
        )

    def change_phone(
        self, own: Session, request_id: str, code: str, *, device_nonce: str
    ) -> PhoneChanged:
        """Gives the user of `own` the number, and ends all other sessions."""
        return PhoneChanged(*self._sign_in.change_phone(own, request_id, device_nonce, code))

    def set_pin(self, actor: int, pin: str) -> None:
        """From now on signing in to this account needs it."""
        self._sign_in.set_pin(actor, pin)

    def remove_pin(self, actor: int) -> None:
        """No longer."""
        self._sign_in.remove_pin(actor)

    def counters(self) -> SignInCounters:
        """What happened since it was opened."""
        return SignInCounters(*self._sign_in.counters())
