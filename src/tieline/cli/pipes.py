"""Output into a pipe on Windows, which says "invalid argument" where other systems say that nobody reads any more."""

from __future__ import annotations

import errno
import io
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer


class _Pipe(io.FileIO):
    """Says so once; what else was to be written goes nowhere."""

    _gone = False

    def write(self, data: Buffer, /) -> int:
        if self._gone:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EPIPE):
                raise
            self._gone = True
            raise BrokenPipeError(errno.EPIPE, "nobody reads any more") from None


def piped(stream: TextIO) -> TextIO:
    """The same stream, with a BrokenPipeError where its reader is gone. What was written so far must be flushed."""
    pipe = _Pipe(stream.fileno(), "wb", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(pipe), encoding=stream.encoding, errors=stream.errors)
