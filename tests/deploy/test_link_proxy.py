# SPDX-License-Identifier: Apache-2.0
"""The network of the cluster's storm does what it is told, and alters nothing."""

import socket
import threading

import pytest
from link_proxy import HOST, Links

NOTHING_S = 0.3  # without a byte: none is coming
SOON_S = 10


@pytest.fixture(scope="module")
def server():
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(SOON_S)
        yield listener


@pytest.fixture(scope="module")
def proxy(server):
    made = Links({"a b": server.getsockname()[1]})
    yield made
    made.stop()


@pytest.fixture
def links(proxy):
    proxy.be("reset", ["a b"])
    return proxy


def meet(server, links):
    """Both ends of a connection over the link."""
    client = socket.create_connection((HOST, links.ports["a b"]), SOON_S)
    peer = server.accept()[0]
    peer.settimeout(SOON_S)
    return client, peer


def hears_nothing(one):
    one.settimeout(NOTHING_S)
    with pytest.raises(TimeoutError):
        one.recv(1)
    one.settimeout(SOON_S)
    return True


def read(one, size):
    data = b""
    while len(data) < size:
        data += one.recv(size - len(data))
    return data


def test_all_bytes_pass_and_so_does_the_end(server, links):
    client, peer = meet(server, links)
    text = bytes(range(256)) * 4000
    sender = threading.Thread(target=lambda: (client.sendall(text), client.shutdown(1)))
    sender.start()
    assert read(peer, len(text)) == text and peer.recv(1) == b""
    sender.join()
    peer.sendall(b"answer")
    assert read(client, 6) == b"answer"


def test_silence_loses_nothing(server, links):
    client, peer = meet(server, links)
    links.be("silent", ["a b"])
    client.sendall(b"question")
    peer.sendall(b"answer")
    assert hears_nothing(client) and hears_nothing(peer)
    late = socket.create_connection((HOST, links.ports["a b"]), SOON_S)
    late.sendall(b"late")
    links.be("whole", ["a b"])
    assert read(peer, 8) == b"question" and read(client, 6) == b"answer"
    assert read(server.accept()[0], 4) == b"late"


def test_who_is_deaf_is_heard(server, links):
    client, peer = meet(server, links)
    links.be("deaf", ["a b"])
    client.sendall(b"commit")
    assert read(peer, 6) == b"commit"
    peer.sendall(b"done")
    assert hears_nothing(client)


@pytest.mark.parametrize("state", ["cut", "reset"])
def test_connections_break(server, links, state):
    client, peer = meet(server, links)
    links.be("silent", ["a b"])
    links.be(state, ["a b"])
    for one in (client, peer):
        with pytest.raises(ConnectionResetError):
            one.recv(1)


def test_nobody_gets_through_a_cut(server, links):
    links.be("cut", ["a b"])
    with pytest.raises(ConnectionResetError):  # may come before the connection is known to stand
        socket.create_connection((HOST, links.ports["a b"]), SOON_S).recv(1)
    links.be("whole", ["a b"])
    client, peer = meet(server, links)
    client.sendall(b"again")
    assert read(peer, 5) == b"again"
