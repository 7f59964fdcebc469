# SPDX-License-Identifier: Apache-2.0
"""--bus tls://…: msgd talks to a server that an authority of this machine vouches for, by the name
in the URL, and to no other."""

import pathlib
import time

import helper
import pytest
from test_nodes import metric, wait_for_metric
from test_tls import make_certificate


@pytest.fixture(scope="module")
def bus(tmp_path_factory):
    """(the server, its certificate) of a bus that is called localhost, and has no number."""
    cert, key = make_certificate(tmp_path_factory.mktemp("bus"), "subjectAltName=DNS:localhost")
    server, _ = helper.nats("--tls", "--tlscert", str(cert), "--tlskey", str(key))
    yield server, cert
    server.stop()


def start(start_msgd, postgres, url, authorities):
    return start_msgd(f"--store={postgres.url}", f"--bus={url}",
                      environment={"SSL_CERT_FILE": str(authorities)})


def refusals(bus):
    return pathlib.Path(bus.folder, "log").read_text().count("TLS handshake error")


def test_who_is_vouched_for_is_the_bus(start_msgd, postgres, bus):
    server, cert = bus
    node = start(start_msgd, postgres, f"tls://msg:secret@localhost:{server.port}", cert)
    wait_for_metric(node, "msgd_bus_connected", 1)


@pytest.mark.parametrize("host, is_known", [("localhost", False), ("127.0.0.1", True)])
def test_nobody_else_is(start_msgd, postgres, bus, tmp_path, host, is_known):
    server, cert = bus
    authorities = cert if is_known else make_certificate(tmp_path / "other")[0]
    before = refusals(server)
    node = start(start_msgd, postgres, f"tls://msg:secret@{host}:{server.port}", authorities)
    deadline = time.monotonic() + 30
    while refusals(server) < before + 2:
        assert time.monotonic() < deadline, "it did not try again"
        time.sleep(0.02)  # between two questions, not in the place of one
    assert metric(node, "msgd_bus_connected") == 0
