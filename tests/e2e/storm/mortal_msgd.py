# SPDX-License-Identifier: Apache-2.0
"""A msgd that may die, and come back on the same store."""

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
