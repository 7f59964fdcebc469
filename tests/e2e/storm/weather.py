# SPDX-License-Identifier: Apache-2.0
"""A msgd that is stopped and killed at random, and comes back on the same store."""

import asyncio
import json
import os
import signal
import subprocess
import threading

from conftest import HOST, Msgd


class MortalMsgd(Msgd):
    """May be ended in any way, and started again; each time on another port."""

    def begin(self):
        """Starts the process, and waits for nothing."""
        self.log.clear()
        variables = {k: v for k, v in os.environ.items() if not k.startswith("MSG_") and k != "PORT"}
        self.process = subprocess.Popen(
            self.process.args,
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def wait_until_up(self):
        self.port = self.wait_for_log("listening")["port"]
        self.address = (HOST, self.port)

    def check_alive(self):
        """It must not have ended by itself."""
        code = self.process.poll()
        assert code is None, f"msgd has ended with {code}: {self.log[-20:]}"

    def end(self, how):
        """SIGKILL, or SIGTERM and its end in order."""
        if how == signal.SIGKILL:
            self.kill()
        else:
            code = self.terminate()
            assert code == 0, f"msgd ended with {code} after SIGTERM: {self.log[-20:]}"
        self._reader.join()


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
