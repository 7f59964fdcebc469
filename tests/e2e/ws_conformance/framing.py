# SPDX-License-Identifier: Apache-2.0
"""Chapter 2, RFC 6455 section 5.1 to 5.3: lengths, reserved bits and opcodes, masks."""

from .case import Chapter, End, play
from .words import (FIN, PING, RSV1, RSV2, RSV3, TEXT, ask, bytewise, claim, close, closed, first,
                    frame, in_16_bits, in_64_bits, last, more, not_json, ping, pong, pong_of,
                    refusal, text)

chapter = Chapter("framing")
takes, fails = chapter.takes, chapter.fails

# Lengths: 7, 16 and 64 bits, each in its shortest form.

LENGTH = "RFC 6455 §5.2: payload length"
for size in (0, 1, 2):
    takes(f"text of {size} bytes", LENGTH, text(b"x" * size), not_json())
for size in (40, 124, 125, 126, 127, 128, 255, 256, 1000, 32768, 65534, 65535, 65536):
    takes(f"text of {size} bytes", LENGTH, text(ask(7, size)), refusal(7))
for size in (126, 65535, 65536):
    data = text(ask(8, size))
    takes(f"text of {size} bytes, the header by itself", LENGTH, [data[:14], data[14:]], refusal(8))

SHORTEST = "RFC 6455 §5.2: the minimal number of bytes MUST be used for the length"
LONG = "length not in short form"
for size in (0, 1, 125):
    fails(f"{size} in 16 bits", SHORTEST, text(b"x" * size, length=in_16_bits(size)), 1002, LONG)
for size in (0, 1, 125, 126, 65535):
    fails(f"{size} in 64 bits", SHORTEST, text(b"x" * size, length=in_64_bits(size)), 1002, LONG)
fails("5 in 16 bits, without payload", SHORTEST, text(b"", length=in_16_bits(5)), 1002, LONG)
fails("5 in 64 bits, in a continuation", SHORTEST,
      first(b"") + last(b"12345", length=in_64_bits(5)), 1002, LONG)

HIGH = "RFC 6455 §5.2: the most significant bit of the 64 MUST be 0"
for name, size in (("2^63", 1 << 63), ("2^63+5", (1 << 63) + 5), ("2^64-1", (1 << 64) - 1)):
    fails(f"length {name}", HIGH, claim(TEXT, size), 1002, "length has its high bit")
    fails(f"length {name}, in a continuation", HIGH, first(b"a") + claim(0, size), 1002,
          "length has its high bit")

# Reserved bits and opcodes.

RSV = "RFC 6455 §5.2: reserved bits MUST be 0 without an extension"
for bits in (RSV3, RSV2, RSV2 | RSV3, RSV1, RSV1 | RSV3, RSV1 | RSV2, RSV1 | RSV2 | RSV3):
    fails(f"text with reserved bits {bits >> 4:03b}", RSV, frame(FIN | bits | TEXT, ask()), 1002,
          "reserved bits are set")
for name, opcode in (("binary", 0x82), ("close", 0x88), ("ping", 0x89), ("pong", 0x8A)):
    fails(f"{name} with a reserved bit", RSV, frame(opcode | RSV1, b"x"), 1002,
          "reserved bits are set")
fails("continuation with a reserved bit", RSV, first(b"a") + frame(FIN | RSV2, b"b"), 1002,
      "reserved bits are set")
fails("reserved bit after a good text", RSV, text(ask(3)) + frame(FIN | RSV1 | TEXT, b"x"), 1002,
      "reserved bits are set", before=refusal(3))

OPCODE = "RFC 6455 §5.2: an unknown opcode fails the connection"
for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
    fails(f"opcode {opcode}", OPCODE, frame(FIN | opcode, b"x"), 1002, "unknown opcode")
    fails(f"opcode {opcode}, empty and not final", OPCODE, frame(opcode), 1002, "unknown opcode")
fails("opcode 3 within a message", OPCODE, first(b"a") + frame(FIN | 3), 1002, "unknown opcode")
fails("opcode 15 within a message", OPCODE, first(b"a") + frame(FIN | 15), 1002, "unknown opcode")

# Masks.

MASK = "RFC 6455 §5.1: a server MUST close on a frame that is not masked"
for name, opcode, payload in (("text", 0x81, ask()), ("empty text", 0x81, b""),
                              ("first fragment", 0x01, b"a"), ("ping", 0x89, b"x"),
                              ("empty ping", 0x89, b""), ("pong", 0x8A, b"x"),
                              ("close", 0x88, b"\x03\xe8"), ("empty close", 0x88, b""),
                              ("binary", 0x82, b"x"), ("text of 126 bytes", 0x81, ask(1, 126))):
    fails(f"{name} without a mask", MASK, frame(opcode, payload, mask=None), 1002,
          "frame is not masked")
fails("continuation without a mask", MASK, first(b"a") + frame(FIN, b"b", mask=None), 1002,
      "frame is not masked")
fails("no mask after good ones", MASK, text(ask(1)) + text(ask(2)) + text(ask(3), mask=None), 1002,
      "frame is not masked", before=[refusal(1), refusal(2)])

XOR = "RFC 6455 §5.3: octet i is masked with octet i modulo 4 of the key"
for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\0\0\0", b"\0\0\0\x80", b"\x80\x40\x20\x10",
             b'{"id'):
    takes(f"mask {mask.hex()}", XOR, text(ask(5, 77), mask=mask), refusal(5))
for size in range(4):
    takes(f"mask over fragments, the first of {size} bytes", XOR,
          first(ask(6)[:size], mask=b"abcd") + last(ask(6)[size:], mask=b"wxyz"), refusal(6))
takes("mask by the byte, other keys", XOR,
      [bytewise(ping(b"0123456789", mask=b"\xde\xad\xbe\xef"))[i] for i in range(16)],
      pong_of(b"0123456789"))

# How frames are cut on the way means nothing.

CUT = "RFC 6455 §5.2: a frame is what its header says, however it arrives"
for name, data, answer in (("text", text(ask(9)), refusal(9)),
                           ("text of 126 bytes", text(ask(9, 126)), refusal(9)),
                           ("fragments", first(ask(9)[:5]) + more(b"") + last(ask(9)[5:]), refusal(9)),
                           ("ping", ping(b"one at a time"), pong_of(b"one at a time")),
                           ("ping of 125 bytes", ping(b"p" * 125), pong_of(b"p" * 125))):
    takes(f"{name}, byte by byte", CUT, bytewise(data), answer)
chapter.ends("close, byte by byte", CUT, bytewise(close(1000, b"bye")), 1000)
fails("bad length, byte by byte", CUT, bytewise(claim(TEXT, 1 << 63)), 1002, "length has its high bit")
whole = text(ask(4))
for size in (1, 2, 5, 6, 7, len(whole) - 1):
    takes(f"text, cut after {size} bytes", CUT, [whole[:size], whole[size:]], refusal(4))
takes("three texts in one segment", CUT, text(ask(1)) + text(ask(2)) + text(ask(3)),
      [refusal(1), refusal(2), refusal(3)])
takes("eight pongs and a text in one segment", CUT, pong(b"x") * 8 + text(ask(1)), refusal(1))
chapter.add("a text and a half in one segment", CUT, [
    play(text(ask(1)) + whole[:9], refusal(1)), play(whole[9:], refusal(4))], End.OPEN)
chapter.add("a text, the end of one and the beginning of the next", CUT, [
    play(whole[:-3], ()), play(whole[-3:] + whole[:20], refusal(4)),
    play(whole[20:], refusal(4))], End.OPEN)

FIRST = "RFC 6455 §5.2, and docs/websocket-api.md: the first rule that is broken is named"
for name, data, reason in (
        ("reserved bits, no mask", frame(FIN | RSV1 | TEXT, b"x", mask=None), "reserved bits are set"),
        ("no mask, unknown opcode", frame(FIN | 3, b"x", mask=None), "frame is not masked"),
        ("unknown opcode, not final", frame(0x0B, b"x"), "unknown opcode"),
        ("two frames, both bad", frame(FIN | 3, b"x") + text(b"\xff"), "unknown opcode"),
        ("long ping with reserved bits", frame(FIN | RSV1 | PING, b"x" * 126),
         "reserved bits are set")):
    fails(name, FIRST, data, 1002, reason)
fails("two bytes are enough", FIRST, b"\x81\x05", 1002, "frame is not masked")
fails("what follows a bad frame is nothing", "RFC 6455 §7.1.7: no further data is processed",
      frame(FIN | 3, b"x") + text(ask(1)) + ping(b"p") + close(1000), 1002, "unknown opcode")
chapter.add("answers come before the close", "RFC 6455 §7.1.7", [
    play(ping(b"p") + text(ask(1)) + frame(FIN | 3),
         [pong_of(b"p"), refusal(1), closed(1002, "unknown opcode")])], End.CLOSED)
