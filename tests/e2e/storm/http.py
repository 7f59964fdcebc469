# SPDX-License-Identifier: Apache-2.0
"""One HTTP request on a connection of its own, for those who would rather not wait for a WebSocket."""

import asyncio
import json

TIMEOUT_S = 4


class Broken(Exception):
    """No whole answer came: the outcome is unknown."""


async def ask(port, method, path, token, body, timeout_s=TIMEOUT_S):
    """(status, answer) of a request."""
    try:
        async with asyncio.timeout(timeout_s):
            text = await exchange(port, request(method, path, token, json.dumps(body).encode()))
    except (OSError, EOFError, asyncio.TimeoutError) as error:
        raise Broken from error
    head, end_of_head, content = text.partition(b"\r\n\r\n")
    if not end_of_head:
        raise Broken
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    if len(content) != int(fields.get("content-length", -1)):
        raise Broken
    if not fields.get("content-type", "").startswith("application/"):
        raise Broken  # a load balancer whose servers are away
    return int(lines[0].split(" ")[1]), json.loads(content)


def request(method, path, token, content):
    lines = [
        f"{method} /api/v1{path} HTTP/1.1",
        "Host: storm",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


async def exchange(port, data):
    """Everything until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await writer.drain()
        return await reader.read(-1)
    finally:
        writer.close()
