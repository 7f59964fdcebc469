#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reminds people: "in 20 minutes take the cake out". MSG_URL=… MSG_TOKEN=… reminder_bot.py

It keeps nothing: the conversations are its store. Started again it reads them again, and makes the
same promises and the same reminders once more; with the same client_ids, these are the first ones.
"""

import asyncio
import os
import re
from datetime import UTC, datetime, timedelta

import libmsg
from libmsg.client import aio

WISH = re.compile(r"in (\d{1,4}) ?(s|min|h|d)[a-z]* (.+)", re.IGNORECASE | re.DOTALL)
UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
FORGOTTEN = timedelta(days=7)


async def remind(client, message, wish):
    due = message.created_at + timedelta(**{UNITS[wish[2].lower()]: int(wish[1])})
    left = due - datetime.now(UTC)
    if left < -FORGOTTEN:
        return
    try:
        await client.send(
            message.conversation, f"I will, at {due:%H:%M:%S} UTC.",
            reply_to=message.seq, client_id=f"promise-{message.seq}",
        )  # fmt: skip
        await asyncio.sleep(left.total_seconds())
        await client.send(
            message.conversation, f"Now: {wish[3]}",
            reply_to=message.seq, mentions=[message.sender], client_id=f"reminder-{message.seq}",
        )  # fmt: skip
    except libmsg.Error as error:
        print(f"no reminder for {message.id}: {error!r}", flush=True)


async def main():
    async with aio.Client(os.environ["MSG_URL"], os.environ["MSG_TOKEN"]) as client:
        async with asyncio.TaskGroup() as reminders, client.messages(since="") as messages:
            print("listening", flush=True)
            async for message in messages:
                if wish := WISH.fullmatch(message.content.strip()):
                    reminders.create_task(remind(client, message, wish))


asyncio.run(main())
