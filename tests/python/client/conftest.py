# SPDX-License-Identifier: Apache-2.0
"""A msgd for each file; MSGD names the program."""

import pytest
from world import Msgd, World, e2e


@pytest.fixture(scope="module")
def msgd():
    server = Msgd(e2e.binary("MSGD"))
    yield server
    server.stop()


@pytest.fixture
def world(msgd):
    made = World(msgd)
    yield made
    made.close()


@pytest.fixture
def start_msgd():
    """Starts servers of the test's own: start_msgd("--flag", …, kind=Msgd)."""
    servers = []

    def start(*arguments, kind=Msgd, **options):
        servers.append(kind(e2e.binary("MSGD"), arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
