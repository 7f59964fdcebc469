# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that does to each request what its script says."""

import collections
import contextlib
import socket
import threading

PASS, CUT_REQUEST, CUT_ANSWER, HALF_ANSWER, SILENT = "pass", "request", "answer", "half", "silent"
HOST = "127.0.0.1"


class FaultProxy:
    """`script`: fates of the requests to come; when it is empty all pass.

    CUT_REQUEST: the server never has it. CUT_ANSWER: the server has carried it out, and nobody is
    told; HALF_ANSWER: the half of it. SILENT: neither. Bytes: this answer, of somebody in between.
    """

    def __init__(self, target_port):
        self.target = (HOST, target_port)
        self.script = collections.deque()
        self.seen = []  # request lines and fates
        self.listener = socket.create_server((HOST, 0))
        self.url = f"http://{HOST}:{self.listener.getsockname()[1]}"
        self.sockets = [self.listener]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self.sockets.append(client)
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        with contextlib.suppress(OSError, EOFError), client:
            with socket.create_connection(self.target) as server:
                self.sockets.append(server)
                while True:
                    request = read_message(client)
                    fate = self.script.popleft() if self.script else PASS
                    self.seen.append((request.split(b"\r\n", 1)[0].decode(), fate))
                    if fate == CUT_REQUEST:
                        return
                    if isinstance(fate, bytes):
                        client.sendall(fate)
                        continue
                    if fate == SILENT:
                        read_message(client)  # until it goes
                    server.sendall(request)
                    answer = read_message(server)
                    if fate == CUT_ANSWER:
                        return
                    if fate == HALF_ANSWER:
                        client.sendall(answer[: len(answer) // 2])
                        return
                    client.sendall(answer)

    def fates(self, part=""):
        """Those of the requests that have this in their first line."""
        return [fate for line, fate in self.seen if part in line]

    def close(self):
        for each in self.sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def read_message(peer):
    """The bytes of one request or answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = peer.recv(65536)
        if not more:
            raise EOFError
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    size = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            size = int(value)
    while len(body) < size:
        more = peer.recv(65536)
        if not more:
            raise EOFError
        body += more
    return head + b"\r\n\r\n" + body


def answer(status, body=b"", **headers):
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
