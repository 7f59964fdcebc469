# SPDX-License-Identifier: Apache-2.0
"""What happens to a msgd in a storm: it is stopped and killed at random."""

import asyncio
import json
import signal


class Weather:
    """Ends msgd now and then: killed, asked to, asked to and then killed, killed while it starts."""

    def __init__(self, msgd, proxy, dice, log):
        self.msgd = msgd
        self.proxy = proxy
        self.dice = dice
        self.log = log

    async def run(self, seconds, every_s):
        end = asyncio.get_running_loop().time() + seconds
        while True:
            await asyncio.sleep(self.dice.uniform(every_s[0], every_s[1]))
            if asyncio.get_running_loop().time() > end:
                return
            what = self.dice.choice(["SIGKILL", "SIGKILL", "SIGTERM", "SIGTERM then SIGKILL"])
            self.note(what)
            self.msgd.check_alive()
            await self.end(what)
            await asyncio.sleep(self.dice.choice([0, 0, self.dice.uniform(0, 1.5)]))
            while self.dice.random() < 0.3:
                self.note("SIGKILL at start")
                self.msgd.begin()
                await asyncio.sleep(self.dice.uniform(0, 0.15))
                self.msgd.check_alive()
                await asyncio.to_thread(self.msgd.end, signal.SIGKILL)
            self.msgd.begin()
            await asyncio.to_thread(self.msgd.wait_until_up)
            self.proxy.target = self.msgd.port

    async def end(self, what):
        if what == "SIGTERM then SIGKILL":
            self.msgd.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(self.dice.uniform(0, 0.3))
        how = signal.SIGTERM if what == "SIGTERM" else signal.SIGKILL
        await asyncio.to_thread(self.msgd.end, how)

    def note(self, what, count=1):
        self.log.write(json.dumps({"what": what, "count": count}) + "\n")
