# SPDX-License-Identifier: Apache-2.0
"""The proxy of a storm may lose the end of what passes, and time; it never alters anything."""

import asyncio
import collections
import contextlib
import random

from storm.proxy import CALM, CUT, HALF_OPEN, RESET, Fate, Proxy

TEXT = bytes(random.Random(1).randrange(256) for _ in range(50_000))
ENOUGH_S = 3  # to hear something, or nothing more


async def echo(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
    writer.close()


async def listen_to_echo(port):
    """What came back of TEXT, and how that ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = b""
    try:
        writer.write(TEXT)
        async with asyncio.timeout(ENOUGH_S):
            while len(heard) < len(TEXT):
                data = await reader.read(4096)
                if not data:
                    return heard, CUT
                heard += data
        return heard, CALM
    except ConnectionError:
        return heard, RESET
    except asyncio.TimeoutError:
        return heard, HALF_OPEN
    finally:
        writer.transport.abort()


async def play(seed, connections, is_kind=False):
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy(seed)
    proxy.target = server.sockets[0].getsockname()[1]
    proxy.is_kind = is_kind
    await proxy.start()
    results = await asyncio.gather(*(listen_to_echo(proxy.port) for _ in range(connections)))
    await proxy.stop()
    server.close()
    return results


def test_what_arrives_is_what_was_sent_as_far_as_it_got():
    results = asyncio.run(play(seed=7, connections=120))
    for heard, _ in results:
        assert TEXT.startswith(heard)
    ends = collections.Counter(end for _, end in results)
    assert set(ends) == {CALM, CUT, RESET, HALF_OPEN}, ends


def test_a_kind_proxy_loses_nothing():
    results = asyncio.run(play(seed=7, connections=30, is_kind=True))
    assert results == [(TEXT, CALM)] * 30


def test_a_fate_is_decided_by_its_seed():
    fates = [vars(Fate(random.Random("1/1"))) for _ in range(2)]
    for fate in fates:
        del fate["dice"]
    assert fates[0] == fates[1]
