# SPDX-License-Identifier: Apache-2.0
"""Signing in: by a code that comes by telephone, and by the token of another application."""

import json
import time

import jwt
import libmsg
from libmsg.client import Client, new_device_nonce
from world import error_of, load

codes = load("e2e_codes", "e2e/codes.py")
PHONE = "+14155550188"
SECRET = "a secret of at least thirty-two bytes"


def test_a_code_signs_in(start_msgd, tmp_path):
    webhook = codes.Webhook()
    server = codes.serve(start_msgd, webhook, tmp_path)
    with Client(server.url) as client:
        nonce = new_device_nonce()
        asked = client.request_code(PHONE, device_nonce=nonce)
        assert asked.lifetime.total_seconds() == 300
        wrong = error_of(client.verify, asked.request_id, "000000x", device_nonce=nonce)
        assert (type(wrong), wrong.field) == (libmsg.PermissionDenied, "code")
        code = webhook.code(PHONE)
        done = client.verify(asked.request_id, code, device_nonce=nonce, device_name="bot")
        assert done.is_new_user and done.user.phone == PHONE
        assert done.session.session.device_name == "bot"
        own = client.with_token(done.session.token)
        assert own.me().id == done.user.id

        other = "+14155550189"
        asked = own.request_code(other, device_nonce=nonce)
        moved = own.change_phone(asked.request_id, webhook.code(other), device_nonce=nonce)
        assert moved.phone == other


def test_another_applications_token_signs_in(start_msgd, tmp_path):
    key = jwt.utils.base64url_encode(SECRET.encode()).decode()
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [{"kty": "oct", "k": key, "kid": "h", "alg": "HS256"}]}))
    keys.chmod(0o600)
    server = start_msgd(
        f"--jwt-keys={keys}", "--jwt-issuer=https://app.example", "--jwt-audience=chat"
    )
    now = int(time.time())
    claims = {"iss": "https://app.example", "aud": "chat", "sub": "17", "iat": now, "exp": now + 60}
    token = jwt.encode({**claims, "name": "Zoë"}, SECRET, "HS256", headers={"kid": "h"})
    with Client(server.url) as client:
        done = client.sign_in_by_jwt(token, device_name="app")
        assert done.is_new_user and done.user.display_name == "Zoë"
        assert client.with_token(done.session.token).me().id == done.user.id
        assert type(error_of(client.sign_in_by_jwt, token + "x")) is libmsg.Unauthenticated
