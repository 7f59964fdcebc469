# SPDX-License-Identifier: Apache-2.0
"""The client over TLS, with certificates that are trusted and others."""

import libmsg
import pytest
from libmsg.client import Client
from world import e2e, error_of, load

tls = load("e2e_tls", "e2e/test_tls.py")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    cert, key = tls.make_certificate(tmp_path_factory.mktemp("tls"))
    msgd = tls.TlsMsgd(cert, key, "--no-rate-limits")
    yield msgd
    msgd.stop()


def user(server, name):
    return server.dev_tokens()["users"][name]


def test_calls_and_events(server):
    alice, bob = user(server, "alice"), user(server, "bob")
    for verify in (server.client_context(), False):
        with (
            Client(server.url, alice["token"], verify=verify) as client,
            Client(server.url, bob["token"], verify=verify) as bobs,
            bobs.messages() as messages,
        ):
            client.send(client.open_direct(bob["id"]).id, "in secret")
            assert next(messages).content == "in secret"


def test_a_certificate_that_nobody_vouches_for_is_an_error_at_once(server):
    with Client(server.url, user(server, "alice")["token"], timeout=e2e.START_S) as client:
        for call in (client.me, client.events().__enter__):
            error = error_of(call)
            assert (type(error), error.code) == (libmsg.Error, "untrusted")
            assert "certificate" in str(error).lower()
