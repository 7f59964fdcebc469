# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_sync.py from ../aio/_users.py: change that one.
"""Users, who is there, and signing in."""

from __future__ import annotations

from collections.abc import Iterable

from ...pages import Listing
from ...types import (
    Audience,
    CodeRequested,
    PersonPresence,
    SignedIn,
    User,
)
from .. import _decode as decode
from .._encode import given, part, text_of, texts_of
from ._base import Calls


class Users(Calls):
    def me(self) -> User:
        """The user that this client speaks for."""
        return decode.user(self._call("GET", "/me"))

    def register_user(
        self,
        phone: str,
        *,
        username: str | None = None,
        display_name: str | None = None,
        about: str | None = None,
        avatar: str | None = None,
    ) -> User:
        """A new user; a key's. Conflict with field phone or username: taken."""
        body = given(
            phone=phone, username=username, display_name=display_name, about=about, avatar=avatar
        )
        return decode.user(self._call("POST", "/users", body, repeatable=False))

    def load_user(self, user: int) -> User:
        return decode.user(self._call("GET", f"/users/{text_of(user)}"))

    def load_user_by_phone(self, phone: str) -> User:
        """Any usual spelling of the number; a key's."""
        return decode.user(self._call("GET", f"/users/by-phone/{part(phone)}"))

    def load_user_by_username(self, username: str) -> User:
        return decode.user(self._call("GET", f"/users/by-username/{part(username)}"))

    def update_user(
        self,
        user: int | None = None,
        *,
        phone: str | None = None,
        username: str | None = None,
        display_name: str | None = None,
        about: str | None = None,
        avatar: str | None = None,
        read_receipts: bool | None = None,
        presence_to: Audience | str | None = None,
    ) -> User:
        """Changes what is given; `username=""` gives the name up. Another user: a key's."""
        body = given(
            phone=phone,
            username=username,
            display_name=display_name,
            about=about,
            avatar=avatar,
            read_receipts=read_receipts,
            presence_to=presence_to,
        )
        whom = self._own_user() if user is None else user
        return decode.user(self._call("PATCH", f"/users/{text_of(whom)}", body))

    def list_users(self, *, page_size: int | None = None) -> Listing[User]:
        """All there are; a key's."""
        return self._list(decode.user, "/users", page_size)

    def presence(self, users: Iterable[int]) -> tuple[PersonPresence, ...]:
        """Who of these, 256 at most, is there; as far as you may know."""
        query = {"user_ids": ",".join(texts_of(users))}
        answer = self._call("GET", "/presence", query=query)
        return tuple(map(decode.presence, answer["users"]))

    def request_code(self, phone: str, *, device_nonce: str) -> CodeRequested:
        """Has a code sent to the number. The nonce is :func:`libmsg.client.new_device_nonce`'s."""
        body = {"phone": phone, "device_nonce": device_nonce}
        return decode.code_requested(
            self._call("POST", "/auth/codes", body, repeatable=False)
        )

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
        """Signs in with the code that came; makes the user when the number has none.

        Goes on with ``client.with_token(signed_in.session.token)``.
        """
        body = given(
            request_id=request_id,
            device_nonce=device_nonce,
            code=code,
            device_name=device_name,
            pin=pin,
            begin_new_account=begin_new_account or None,
        )
        return decode.signed_in(self._call("POST", "/auth/sessions", body, repeatable=False))

    def sign_in_by_jwt(self, jwt: str, *, device_name: str = "") -> SignedIn:
        """Signs in with the token of another application that msgd is set up for."""
        body = {"token": jwt, "device_name": device_name}
        return decode.signed_in(self._call("POST", "/auth/jwt", body, repeatable=False))

    def change_phone(self, request_id: str, code: str, *, device_nonce: str) -> User:
        """Gives you the number that the code went to; all your other sessions end."""
        body = {"request_id": request_id, "device_nonce": device_nonce, "code": code}
        return decode.user(self._call("POST", "/me/phone", body, repeatable=False))

    def set_pin(self, pin: str) -> None:
        """From now on signing in to this account needs it: 4 to 64 characters."""
        self._call("PUT", "/me/pin", {"pin": pin})

    def remove_pin(self) -> None:
        self._call("DELETE", "/me/pin")

    def _own_user(self) -> int:
        if self._own_id is None:
            self._own_id = (self.me()).id
        return self._own_id
