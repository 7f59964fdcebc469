# SPDX-License-Identifier: Apache-2.0
"""The bytes of a conversation: what a client may say, and what msgd answers, to the byte."""

import base64
import hashlib
import json
import struct

from conftest import WS_KEY, ws_frame

# What a client says: frames. -----------------------------------------------------------------------

FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

frame = ws_frame  # frame(first byte, payload, mask=…, length=…)


def text(payload=b"", **how):
    return frame(FIN | TEXT, payload, **how)


def first(payload=b"", **how):
    """The first of several fragments of a text."""
    return frame(TEXT, payload, **how)


def more(payload=b"", **how):
    """A fragment in the middle."""
    return frame(CONTINUATION, payload, **how)


def last(payload=b"", **how):
    return frame(FIN | CONTINUATION, payload, **how)


def binary(payload=b"", **how):
    return frame(FIN | BINARY, payload, **how)


def ping(payload=b"", **how):
    return frame(FIN | PING, payload, **how)


def pong(payload=b"", **how):
    return frame(FIN | PONG, payload, **how)


def close(code=None, reason=b"", **how):
    payload = b"" if code is None else struct.pack(">H", code) + reason
    return frame(FIN | CLOSE, payload, **how)


def claim(opcode, size, fin=FIN):
    """The header of a frame that says it is so long, in the shortest form; no payload follows."""
    return frame(fin | opcode, b"", length=short_form(size))


def short_form(size):
    if size < 126:
        return bytes([size])
    return in_16_bits(size) if size < 65536 else in_64_bits(size)


def in_16_bits(size):
    return b"\x7e" + struct.pack(">H", size)


def in_64_bits(size):
    return b"\x7f" + struct.pack(">Q", size)


def bytewise(data):
    """Pieces of one byte, each sent by itself."""
    return [data[i : i + 1] for i in range(len(data))]


# What a client says: texts. ------------------------------------------------------------------------


def ask(number=1, size=None, pad=b""):
    """A request that msgd answers with refusal(number), padded to a size or with given bytes."""
    head = b'{"pad":"' + pad
    tail = b'","op":"ping","id":%d}' % number
    if size is not None:
        alphabet = b"abcdefghijklmnopqrstuvwxyz0123456789"  # 36: no mask looks like another
        room = size - len(head) - len(tail)
        assert room >= 0, size
        head += (alphabet * (room // len(alphabet) + 1))[:room]
    return head + tail


# What msgd answers: frames. ------------------------------------------------------------------------


def server_frame(opcode, payload=b""):
    """Final, not masked, the length in its shortest form."""
    return bytes([FIN | opcode]) + short_form(len(payload)) + payload


def pong_of(payload=b""):
    return server_frame(PONG, payload)


def closed(code=None, reason=""):
    payload = b"" if code is None else struct.pack(">H", code) + reason.encode()
    return server_frame(CLOSE, payload)


def refusal(number=1):
    """The answer to ask(number): nobody has said hello."""
    return _error(number, "unauthenticated", "Say hello first.", 401)


def not_json(detail="The body is not valid JSON."):
    """The answer to a text that is no request at all."""
    return _error(None, "malformed_request", detail, 400)


def _error(number, code, detail, status):
    error = {"code": code, "detail": detail, "status": status, "field": None, "retry_after_ms": None}
    reply = {"id": number, "ok": False, "error": error}
    return server_frame(TEXT, json.dumps(reply, separators=(",", ":")).encode())


# The opening handshake. ----------------------------------------------------------------------------

START = "GET /api/v1/ws HTTP/1.1"
FIELDS = {
    "Host": "t",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": WS_KEY,
    "X-Request-Id": "case",  # comes back, so that the answer is known to the byte
}


def request(start=START, **changes):
    """An upgrade request. A keyword (with _ for -) sets a header; None leaves it out, a list
    repeats it."""
    fields = dict(FIELDS)
    for name, value in changes.items():
        name = name.replace("_", "-")
        known = [n for n in fields if n.lower() == name.lower()]
        fields[known[0] if known else name] = value
    lines = [start]
    for name, values in fields.items():
        if values is not None:
            lines += [f"{name}: {v}" for v in ([values] if isinstance(values, str) else values)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def accepted(key=WS_KEY, protocol=None):
    """The answer to a good upgrade request."""
    digest = hashlib.sha1(key.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
    ]
    if protocol:
        lines.append(f"Sec-WebSocket-Protocol: {protocol}")
    return "\r\n".join([*lines, "X-Request-Id: case", "", ""]).encode()
