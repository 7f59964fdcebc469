# SPDX-License-Identifier: Apache-2.0
"""On whose behalf a proxy speaks, and who is believed about it."""

import pytest

from conftest import Msgd, binary, upgrade_request

TRUSTING = ("--trusted-proxy=127.0.0.0/8", "--trusted-proxy=10.0.0.0/8", "--rate-anonymous=3:0.001",
            "--unproven-per-address-max=4")


@pytest.fixture
def trusting_msgd():
    server = Msgd(binary("MSGD"), TRUSTING, rate_limits=True)
    yield server
    server.stop()


def ask(server, *lines):
    with server.connect() as peer:
        peer.send("\r\n".join(["GET /openapi.json HTTP/1.1", "Host: t", "Connection: close", *lines, "", ""]).encode())
        return peer.read_response().status


def test_header_of_a_stranger_changes_nothing(start_msgd):
    """Whoever is not on the list cannot make himself anybody else, nor many."""
    server = start_msgd("--rate-anonymous=3:0.001", rate_limits=True)
    given = [ask(server, f"X-Forwarded-For: 198.51.100.{n}", f"Forwarded: for=203.0.113.{n}") for n in range(6)]
    assert given == [200, 200, 200, 429, 429, 429]
    assert server.wait_for_log("http.request", path="/openapi.json")["peer"] == "127.0.0.1"


def test_proxy_is_believed_up_to_the_first_stranger(trusting_msgd):
    # The client writes what it likes; the proxy appends whom it saw.
    spoofed = [ask(trusting_msgd, f"X-Forwarded-For: 9.9.9.{n}, 198.51.100.7") for n in range(5)]
    assert spoofed == [200, 200, 200, 429, 429]
    assert ask(trusting_msgd, "X-Forwarded-For: 198.51.100.7, 10.1.2.3") == 429, "through a second proxy"
    assert ask(trusting_msgd, "X-Forwarded-For: 198.51.101.8") == 200, "another client"
    assert ask(trusting_msgd, "Forwarded: for=198.51.100.7", "X-Forwarded-For: 198.51.102.9") == 200
    assert trusting_msgd.wait_for_log("http.request", peer="198.51.100.7")


def test_clients_behind_a_proxy_have_their_own_share_of_connections(trusting_msgd):
    def open_socket(client):
        peer = trusting_msgd.connect()
        peer.send(upgrade_request(X_Forwarded_For=client))
        return peer, peer.read_response(head_only=True).status

    held = []
    try:
        statuses = []
        for n in range(6):
            peer, status = open_socket("198.51.100.7")
            held.append(peer)
            statuses.append(status)
        assert statuses == [101] * 4 + [503] * 2
        peer, status = open_socket("198.51.100.8")
        held.append(peer)
        assert status == 101
        for peer in held[:4]:
            peer.socket.close()
        while True:  # what has left is counted out as soon as it is seen
            peer, status = open_socket("198.51.100.7")
            held.append(peer)
            if status == 101:
                break
    finally:
        for peer in held:
            peer.socket.close()


def test_metrics_are_not_local_through_a_proxy(trusting_msgd):
    def metrics(*lines):
        with trusting_msgd.connect() as peer:
            peer.send("\r\n".join(["GET /metrics HTTP/1.1", "Host: t", "Connection: close", *lines, "", ""]).encode())
            return peer.read_response().status

    assert metrics() == 200
    assert metrics("X-Forwarded-For: 198.51.100.7") == 401
    assert metrics("X-Forwarded-For: 127.0.0.1") == 401


@pytest.mark.parametrize("range_", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "/8"])
def test_a_proxy_that_is_no_network_is_refused(start_msgd, range_):
    with pytest.raises(AssertionError, match="address or a network"):
        start_msgd(f"--trusted-proxy={range_}")
