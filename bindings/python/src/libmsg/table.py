# SPDX-License-Identifier: Apache-2.0
"""Messages by columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .types import MessageKind

if TYPE_CHECKING:
    import numpy.typing

    from . import _libmsg

_KINDS: tuple[MessageKind, ...] = tuple(MessageKind)


class MessageTable:
    """Messages by columns, in the memory of the library: see Messenger.export_messages.

    Anything that takes Arrow data takes it, without a copy: ``pyarrow.table(t)``,
    ``polars.DataFrame(t)``. ``to_numpy`` gives NumPy arrays over the same memory, ``column`` plain
    memoryviews.
    """

    __slots__ = ("_table",)

    #: What `column` and `to_numpy` know. Times are milliseconds since 1970; 0 stands for none.
    COLUMNS = ("seq", "sender", "created_at", "kind", "reply_to", "edited_at", "deleted", "version")

    def __init__(self, table: _libmsg.MessageTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    def column(self, name: str) -> memoryview:
        """A column as numbers, read-only. "kind" are places in ``list(MessageKind)``."""
        return memoryview(cast(bytes, self._table.column(name)))  # a buffer, read-only

    def content(self, row: int) -> str:
        """The text of one message."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        begin, end = self.column("content_offsets")[row : row + 2]
        return bytes(self.column("content")[begin:end]).decode()

    def kind(self, row: int) -> MessageKind:
        """The kind of one message."""
        return _KINDS[self.column("kind")[row]]

    def to_numpy(self) -> dict[str, numpy.typing.NDArray[Any]]:
        """The columns as arrays, without a copy; times as datetime64[ms] in UTC, NaT for none
        (that column is copied)."""
        import numpy

        arrays: dict[str, numpy.typing.NDArray[Any]] = {
            name: numpy.frombuffer(self.column(name), numpy.int64) for name in self._NUMBERS
        }
        arrays["kind"] = numpy.frombuffer(self.column("kind"), numpy.int8)
        arrays["deleted"] = numpy.frombuffer(self.column("deleted"), numpy.bool_)
        arrays["created_at"] = arrays["created_at"].view("datetime64[ms]")
        edited = arrays["edited_at"].view("datetime64[ms]").copy()
        edited[arrays["edited_at"] == 0] = numpy.datetime64("NaT")
        arrays["edited_at"] = edited
        return arrays

    _NUMBERS = ("seq", "sender", "created_at", "edited_at", "reply_to", "version")

    def __arrow_c_schema__(self) -> object:
        return self._table.schema()

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return self._table.array()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.stream()
