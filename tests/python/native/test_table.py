# SPDX-License-Identifier: Apache-2.0
"""Messages by columns: memoryviews, NumPy, and the C interface of Arrow."""

from __future__ import annotations

import ctypes
import gc

import libmsg
import numpy
import pytest
from conftest import Chat

COUNT = 1_000


class Schema(ctypes.Structure):
    pass


Schema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Schema))),
    ("private_data", ctypes.c_void_p),
]


class Array(ctypes.Structure):
    pass


Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))),
    ("dictionary", ctypes.POINTER(Array)),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Array))),
    ("private_data", ctypes.c_void_p),
]


class Stream(ctypes.Structure):
    pass


Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, ctypes.POINTER(Stream))),
    ("private_data", ctypes.c_void_p),
]


def inside(capsule: object, name: bytes, kind: type[ctypes.Structure]):
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return kind.from_address(pointer(capsule, name))


@pytest.fixture
def table(chat: Chat) -> libmsg.MessageTable:
    texts = [f"{'ä' * (n % 7)}{n}" for n in range(COUNT)]
    chat.messenger.send_many(
        libmsg.Draft(chat.alice if n % 3 else chat.bob, chat.talk, text, reply_to=n or None)
        for n, text in enumerate(texts)
    )
    chat.messenger.edit(chat.alice, libmsg.MessageId(chat.talk, 2), "edited")
    chat.messenger.delete_for_everyone(chat.alice, libmsg.MessageId(chat.talk, 3))
    return chat.messenger.export_messages(chat.bob, chat.talk)


def test_columns_say_what_messages_say(chat: Chat, table: libmsg.MessageTable) -> None:
    messages = list(chat.messenger.history(chat.bob, chat.talk, order="oldest_first"))
    assert len(table) == len(messages) == COUNT
    assert table.column("seq").tolist() == [m.seq for m in messages]
    assert table.column("sender").tolist() == [m.sender for m in messages]
    assert table.column("version").tolist() == [m.version for m in messages]
    assert table.column("reply_to").tolist() == [m.reply_to or 0 for m in messages]
    assert table.column("deleted").tolist() == [m.deleted for m in messages]
    assert [table.content(row) for row in range(COUNT)] == [m.content for m in messages]
    assert table.kind(0) is libmsg.MessageKind.TEXT
    assert table.column("seq").readonly
    with pytest.raises(IndexError):
        table.content(COUNT)
    with pytest.raises(libmsg.InvalidArgument):
        table.column("smell")


def test_numpy_computes_over_the_same_memory(chat: Chat, table: libmsg.MessageTable) -> None:
    arrays = table.to_numpy()
    assert set(arrays) == set(table.COLUMNS)
    sent = chat.messenger.load_message(chat.bob, libmsg.MessageId(chat.talk, 1)).created_at
    assert arrays["created_at"][0] == numpy.datetime64(sent.replace(tzinfo=None), "ms")
    assert numpy.isnat(arrays["edited_at"]).sum() == COUNT - 1
    assert (arrays["sender"] == chat.bob).sum() == (COUNT + 2) // 3
    assert arrays["deleted"].sum() == 1
    seq = arrays["seq"]
    del arrays, table
    gc.collect()
    assert seq.sum() == COUNT * (COUNT + 1) // 2  # the memory lives as long as the array


def test_a_part_is_exported_by_seq_and_date(chat: Chat, table: libmsg.MessageTable) -> None:
    part = chat.messenger.export_messages(chat.bob, chat.talk, after=990)
    assert part.column("seq").tolist() == list(range(991, COUNT + 1))
    moment = chat.messenger.load_message(chat.bob, libmsg.MessageId(chat.talk, 1)).created_at
    assert len(chat.messenger.export_messages(chat.bob, chat.talk, to=moment)) == 0
    assert len(chat.messenger.export_messages(chat.bob, chat.talk, from_=moment)) == COUNT
    with pytest.raises(libmsg.NotFound):
        chat.messenger.export_messages(17, chat.talk)


def test_arrow_takes_it_as_a_stream(chat: Chat, table: libmsg.MessageTable) -> None:
    capsule = table.__arrow_c_stream__()
    stream = inside(capsule, b"arrow_array_stream", Stream)
    schema, array = Schema(), Array()
    assert stream.get_schema(stream, schema) == 0
    fields = [schema.children[i].contents for i in range(schema.n_children)]
    assert {f.name: f.format for f in fields} == {
        b"seq": b"l",
        b"sender": b"l",
        b"created_at": b"tsm:UTC",
        b"kind": b"c",
        b"content": b"U",
        b"reply_to": b"l",
        b"edited_at": b"tsm:UTC",
        b"deleted": b"b",
        b"version": b"l",
    }
    assert stream.get_next(stream, array) == 0
    del table, capsule  # whoever took the array owns it
    gc.collect()
    assert (array.length, array.n_children) == (COUNT, len(fields))
    columns = {f.name: array.children[i].contents for i, f in enumerate(fields)}
    seq = (ctypes.c_int64 * COUNT).from_address(columns[b"seq"].buffers[1])
    assert list(seq) == list(range(1, COUNT + 1))
    assert columns[b"reply_to"].null_count == 2  # the first, and the tombstone
    assert columns[b"edited_at"].null_count == COUNT - 1
    content = columns[b"content"]
    offsets = (ctypes.c_int64 * (COUNT + 1)).from_address(content.buffers[1])
    assert ctypes.string_at(content.buffers[2] + offsets[1], offsets[2] - offsets[1]) == b"edited"
    deleted = ctypes.string_at(columns[b"deleted"].buffers[1], (COUNT + 7) // 8)
    assert deleted[0] == 0b100 and not any(deleted[1:])
    names = columns[b"kind"].dictionary.contents
    ends = (ctypes.c_int32 * (names.length + 1)).from_address(names.buffers[1])
    texts = [
        ctypes.string_at(names.buffers[2] + ends[i], ends[i + 1] - ends[i]).decode()
        for i in range(names.length)
    ]
    assert texts == list(libmsg.MessageKind)
    array.release(array)
    schema.release(schema)
    assert not array.release and not schema.release


def test_arrow_has_no_messages_of_an_empty_conversation(chat: Chat) -> None:
    table = chat.messenger.export_messages(chat.bob, chat.talk)
    schema, array = table.__arrow_c_array__()
    assert inside(array, b"arrow_array", Array).length == 0
    assert inside(schema, b"arrow_schema", Schema).n_children == 9
    assert inside(table.__arrow_c_schema__(), b"arrow_schema", Schema).format == b"+s"
    stream_capsule = table.__arrow_c_stream__()
    stream = inside(stream_capsule, b"arrow_array_stream", Stream)
    first, second = Array(), Array()
    stream.get_next(stream, first)
    stream.get_next(stream, second)
    assert first.release and not second.release
    first.release(first)
