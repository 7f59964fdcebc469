#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers every message with what it says: MSG_URL=… MSG_TOKEN=… echo_bot.py [CURSOR-FILE]

Stopped, killed or cut off it misses nothing, and whatever it does twice happens once: the echo of a
message has a client_id of its own. It begins with what is said after its first start.
"""

import os
import pathlib
import sys

import libmsg
from libmsg.client import Client

place = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "echo_bot.cursor")
since = place.read_text() if place.exists() else None

with Client(os.environ["MSG_URL"], os.environ["MSG_TOKEN"]) as client:
    with client.messages(since) as messages:
        place.write_text(messages.cursor)
        print("listening", flush=True)
        for message in messages:
            try:
                client.send(
                    message.conversation, message.content, client_id=f"echo-{message.seq}"
                )
            except libmsg.PermissionDenied:
                pass  # where it may only listen
            place.write_text(messages.cursor)
