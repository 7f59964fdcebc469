# SPDX-License-Identifier: Apache-2.0
"""Clients that were written elsewhere talk to msgd: curl, Node's ws, Python's websockets."""

import asyncio
import json
import os
import pathlib
import shutil
import subprocess

import websockets


def run(*command):
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_curl_sends_and_reads(msgd):
    users = msgd.dev_tokens()["users"]
    headers = ["-H", f"Authorization: Bearer {users['alice']['token']}",
               "-H", "Content-Type: application/json"]
    body = json.dumps({"receiver_id": users["bob"]["id"], "content": "grüße 👋 from curl"})
    sent = json.loads(run("curl", "-sS", "--fail", *headers, "-d", body,
                          f"{msgd.url}/api/v1/messages"))
    page = json.loads(run("curl", "-sS", "--fail", "--compressed", *headers,
                          f"{msgd.url}/api/v1/messages?peer_id={users['bob']['id']}&limit=1"))
    assert page["items"][0]["id"] == sent["id"]
    assert page["items"][0]["content"] == "grüße 👋 from curl"
    # A body of more than 1 KiB makes curl ask first (Expect: 100-continue).
    long = json.dumps({"receiver_id": users["bob"]["id"], "content": "x" * 60_000})
    sent = json.loads(run("curl", "-sS", "--fail", *headers, "-H", "Expect: 100-continue",
                          "-d", long, f"{msgd.url}/api/v1/messages"))
    assert len(sent["content"]) == 60_000


def test_node_ws_sends_and_receives(msgd):
    users = msgd.dev_tokens()["users"]
    node = os.environ.get("NODE") or shutil.which("node") or shutil.which("nodejs")
    script = pathlib.Path(__file__).parent / "smoke.js"
    seq = run(node, str(script), f"ws://127.0.0.1:{msgd.port}/", users["carol"]["token"],
              users["bob"]["id"], "from node")
    assert int(seq) >= 1


def test_python_websockets_with_the_token_in_the_header(msgd):
    users = msgd.dev_tokens()["users"]

    async def play():
        async with websockets.connect(
            f"ws://127.0.0.1:{msgd.port}/api/v1/ws",
            subprotocols=["msg.v1.json"],
            extra_headers={"Authorization": f"Bearer {users['bob']['token']}"},
            compression="deflate",  # offered, and declined
        ) as socket:
            assert socket.subprotocol == "msg.v1.json"
            await socket.send(json.dumps({"id": 1, "op": "hello"}))
            reply = json.loads(await socket.recv())
            assert reply["result"]["user"]["username"] == "bob"
            await (await socket.ping())

    asyncio.run(asyncio.wait_for(play(), 30))
