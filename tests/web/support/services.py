# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL and a NATS for as long as stdin is open; their URLs come out as JSON."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "e2e"))

import helper  # noqa: E402
from postgres import Postgres  # noqa: E402

store = Postgres()
try:
    bus, bus_url = helper.nats()
    try:
        print(json.dumps({"store": store.url, "bus": bus_url}), flush=True)
        sys.stdin.read()
    finally:
        bus.stop()
finally:
    store.stop()
