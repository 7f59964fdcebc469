# SPDX-License-Identifier: Apache-2.0
"""Where programs end, fork, fail and are interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import libmsg
import pytest
from conftest import Chat, run_python, url_of


def check(done: subprocess.CompletedProcess, out: str = "done\n") -> None:
    assert (done.returncode, done.stdout, done.stderr) == (0, out, "")


def test_what_is_closed_says_so(chat: Chat) -> None:
    messenger = chat.messenger
    stream, presence = messenger.events(chat.bob), messenger.presence()
    device = presence.enter(chat.alice)
    pages = messenger.history(chat.alice, chat.talk)
    sign_in = messenger.sign_in(["1"], print)
    messenger.close()
    messenger.close()
    for call in (
        lambda: messenger.load_user(chat.alice),
        lambda: messenger.send(chat.alice, chat.talk, "hi"),
        lambda: messenger.send_many([]),
        pages.page,
        messenger.check,
        device.touch,
        sign_in.counters,
        lambda: stream.poll(0),
        lambda: presence.look(chat.bob, [chat.alice]),
        lambda: messenger.events(chat.bob),
        messenger.presence,
    ):
        with pytest.raises(libmsg.Closed, match="closed"):
            call()
    assert messenger.closed and "closed" in repr(messenger)
    device.close()
    stream.close()


def test_a_thread_that_waits_is_woken_by_close(chat: Chat) -> None:
    outcome: list[object] = []
    stream = chat.messenger.events(chat.bob)

    def wait() -> None:
        began.set()
        try:
            stream.poll()
        except libmsg.Closed as closed:
            outcome.append(closed)

    began = threading.Event()
    thread = threading.Thread(target=wait)
    thread.start()
    began.wait()
    chat.messenger.close()
    thread.join(20)
    assert not thread.is_alive() and len(outcome) == 1


def test_closing_waits_for_threads_that_write(chat: Chat) -> None:
    sent: list[libmsg.Message] = []

    def write() -> None:
        try:
            while True:
                sent.append(chat.messenger.send(chat.alice, chat.talk, "more"))
                going.set()
        except libmsg.Closed:
            pass

    going = threading.Event()
    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    going.wait()
    chat.messenger.close()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert sorted(m.seq for m in sent) == list(range(1, len(sent) + 1))


def test_a_fork_is_told_and_does_no_damage(url: str) -> None:
    done = run_python(
        """
import gc, os
chat = chat_in(libmsg.open(sys.argv[2]))
stream, presence = chat.messenger.events(chat.bob), chat.messenger.presence()
device = presence.enter(chat.alice)
chat.say("before")
child = os.fork()
if child == 0:
    for call in (lambda: chat.say("child"), stream.poll, device.touch):
        try:
            call()
        except libmsg.Closed as closed:
            assert "forked" in str(closed), closed
        else:
            os._exit(3)
    chat.messenger.close()
    del stream, device, presence, chat
    gc.collect()
    sys.exit(0)  # with everything that happens at exit
assert os.waitpid(child, 0)[1] == 0
chat.say("after")
assert [m.content for m in chat.messenger.history(chat.bob, chat.talk)] == ["after", "before"]
assert next(stream).message.content == "before"
chat.messenger.close()
if not sys.argv[2].startswith("memory"):
    assert libmsg.check_store(sys.argv[2]).problems == ()
print("done")
""",
        url,
    )
    check(done)


def test_a_process_of_multiprocessing_may_open_its_own(tmp_path: Path) -> None:
    done = run_python(
        """
import multiprocessing
def work(path):
    with libmsg.open(f"sqlite:{path}") as messenger:
        chat_in(messenger).say("hi")
if __name__ == "__main__":
    chat = chat_in(libmsg.open("memory:"))
    processes = [multiprocessing.Process(target=work, args=(f"{sys.argv[2]}/{n}.db",)) for n in "ab"]
    for process in processes: process.start()
    for process in processes: process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    print("done")
""",
        str(tmp_path),
    )
    check(done)


def test_the_interpreter_ends_with_everything_open(url: str) -> None:
    done = run_python(
        """
import threading
chat = chat_in(libmsg.open(sys.argv[2], log=lambda line: None))
streams = [chat.messenger.events(user) for user in (chat.alice, chat.bob)]
presence = chat.messenger.presence()
device = presence.enter(chat.alice)
sign_in = chat.messenger.sign_in(["1"], lambda *code: None)
def forever(work):
    while True: work()
for work in (streams[0].poll, lambda: chat.say("hi"), lambda: chat.messenger.load_user(chat.bob)):
    threading.Thread(target=forever, args=(work,), daemon=True).start()
chat.say("hi")
print("done")
""",
        url,
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    assert "Fatal" not in done.stderr and "terminate" not in done.stderr


def test_the_interpreter_ends_with_sends_under_way(url: str) -> None:
    done = run_python(
        """
import asyncio, libmsg.aio
async def main():
    messenger = await libmsg.aio.open(sys.argv[2])
    chat = await messenger.run(chat_in, messenger.blocking)
    stream = messenger.events(chat.bob)
    for n in range(1000):
        asyncio.ensure_future(messenger.send(chat.alice, chat.talk, "x"))
    await asyncio.sleep(0)
    global kept
    kept = messenger, stream
    print("done")
asyncio.run(main())
""",
        url,
    )
    check(done)


def test_a_messenger_that_is_dropped_is_closed(tmp_path: Path) -> None:
    url = url_of("rocksdb", tmp_path)
    for _ in range(3):  # each may open what the one before has let go
        libmsg.open(url).sync_position()


def test_callbacks_may_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda said: raised.append(said.exc_value))

    def fails(*_: object) -> None:
        raise RuntimeError("of a callback")

    url = url_of("sqlite", tmp_path)
    with libmsg.open(url, clock=fails) as messenger:
        user = messenger.register_user("+1 415 555 0101").id
        presence = messenger.presence()
        watch, _ = presence.watch(user, [user], fails)
        device = presence.enter(user)
        presence.flush()
        sign_in = messenger.sign_in(["1"], fails)
        sign_in.request_code("+1 415 555 0101", device_nonce="0123456789abcdef")
        while sign_in.counters().send_failures == 0:
            pass
        assert (device, watch) != (None, None)
    assert libmsg.check_store(url, progress=fails).users == 1
    assert {str(error) for error in raised} == {"of a callback"} and len(raised) >= 4


def test_a_handler_of_presence_that_calls_it_is_refused(
    memory_chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda said: raised.append(said.exc_value))
    presence = memory_chat.messenger.presence()
    watch, _ = presence.watch(
        memory_chat.bob, [memory_chat.alice], lambda changed: presence.flush()
    )
    device = presence.enter(memory_chat.alice)
    presence.flush()
    assert isinstance(raised[0], libmsg.InvalidArgument)
    with pytest.raises(libmsg.Closed):
        messenger = memory_chat.messenger
        second, _ = presence.watch(memory_chat.bob, [memory_chat.bob], lambda changed: None)
        second.close()
        messenger.close()
        device.touch()
    watch.close()


def test_threads_that_die_take_nothing_with_them(chat: Chat, monkeypatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda died: None)

    def die() -> None:
        with chat.messenger.events(chat.bob) as stream:
            chat.say("last words")
            stream.poll(10)
            raise SystemError("dies")

    threads = [threading.Thread(target=die) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert chat.say("after")[0].seq == 9


def test_control_c_ends_a_wait(url: str) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            """
import sys; sys.path.insert(0, sys.argv[1])
from conftest import *
chat = chat_in(libmsg.open(sys.argv[2]))
stream = chat.messenger.events(chat.bob)
try:
    print("waits", flush=True)
    stream.poll()
except KeyboardInterrupt:
    chat.say("goes on")
    print(stream.poll(10).message.content)
""",
            str(Path(__file__).parent),
            url,
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "waits\n"
    stat = Path(f"/proc/{process.pid}/stat")
    while stat.read_text().rpartition(")")[2].split()[0] != "S":
        pass  # until its main thread sleeps, in the wait
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "goes on\n")
