# SPDX-License-Identifier: Apache-2.0
"""What Python costs over C++: one call, a batch, and four threads that write.

Usage: calls_bench.py CALLS_BENCH [FOLDER]

CALLS_BENCH is the program of calls_bench.cpp, which does the same work. Each figure is the best of
several runs, the two taking turns, so that both have the same machine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import libmsg

ROUNDS = 5
CALLS = 20_000
EACH = 2_000  # messages of each of four threads


def chat_in(messenger: libmsg.Messenger) -> tuple[int, int]:
    alice = messenger.register_user("+1 415 555 0101").id
    bob = messenger.register_user("+1 415 555 0102").id
    return alice, messenger.open_direct(alice, bob).id


def per_call_us(call, calls: int = CALLS) -> float:
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begun) / calls * 1e6


def one_call() -> dict[str, float]:
    with libmsg.open("memory:") as messenger:
        alice, talk = chat_in(messenger)
        first = messenger.send(alice, talk, "hello").id
        found = {
            "load_user": per_call_us(lambda: messenger.load_user(alice)),
            "load_message": per_call_us(lambda: messenger.load_message(alice, first)),
            "send": per_call_us(lambda: messenger.send(alice, talk, "hello")),
        }
        drafts = [libmsg.Draft(alice, talk, "hello") for _ in range(1000)]
        found["send_many/message"] = per_call_us(lambda: messenger.send_many(drafts), 20) / 1000
        history = messenger.history(alice, talk, page_size=200)
        found["history/message"] = per_call_us(history.page, 200) / 200
        begun = time.perf_counter()
        size = len(messenger.export_messages(alice, talk))
        found["export/message"] = (time.perf_counter() - begun) / size * 1e6
        return found


def four_threads(url: str) -> float:
    """Messages a second."""
    with libmsg.open(url) as messenger:
        alice, talk = chat_in(messenger)

        def write() -> None:
            for _ in range(EACH):
                messenger.send(alice, talk, "x" * 100)

        threads = [threading.Thread(target=write) for _ in range(4)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return 4 * EACH / (time.perf_counter() - begun)


def cpp(program: str, *arguments: str) -> dict[str, float]:
    out = subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in (line.split() for line in out.splitlines())}


def main() -> None:
    program, folder = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    python: dict[str, float] = {}
    native: dict[str, float] = {}
    rates: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for n in range(ROUNDS):
            for found, best in ((one_call(), python), (cpp(program, "calls"), native)):
                for name, value in found.items():
                    best[name] = min(value, best.get(name, value))
            for kind in ("memory", "sqlite", "rocksdb"):
                urls = [f"{kind}:{Path(place) / f'{kind}-{n}-{who}'}" for who in ("py", "cpp")]
                if kind == "memory":
                    urls = ["memory:", "memory:"]
                rate = rates.setdefault(kind, {"python": [], "cpp": []})
                rate["python"].append(four_threads(urls[0]))
                rate["cpp"].append(cpp(program, "threads", urls[1], str(EACH))["rate"])
    print(f"{'µs, the best of ' + str(ROUNDS):24}{'Python':>10}{'C++':>10}{'over':>10}")
    for name, value in python.items():
        print(f"{name:24}{value:10.2f}{native[name]:10.2f}{value - native[name]:10.2f}")
    print(f"\n{'four threads, sends/s':24}{'Python':>10}{'C++':>10}{'ratio':>10}  (medians)")
    for kind, rate in rates.items():
        a, b = (sorted(rate[who])[ROUNDS // 2] for who in ("python", "cpp"))
        print(f"{kind:24}{a:10.0f}{b:10.0f}{a / b:10.2f}")


if __name__ == "__main__":
    main()
