"""Output whose reader is gone, as Windows tells it."""

from __future__ import annotations

import os

import pytest

from tieline.cli.pipes import piped


def test_what_is_written_arrives() -> None:
    """Text and bytes pass as they did, in the encoding of the stream."""
    there, here = os.pipe()
    with os.fdopen(here, "w", encoding="utf-8", errors="backslashreplace") as stream:
        out = piped(stream)
        out.write("Fälle \ud800")
        out.flush()
        out.buffer.write(b"\xff\n")
        out.flush()
    with os.fdopen(there, "rb") as reader:
        assert reader.read() == "Fälle \\ud800".encode() + b"\xff\n"


def test_a_reader_that_is_gone() -> None:
    """It is said once, as elsewhere; nothing more comes at the end of the process."""
    there, here = os.pipe()
    os.close(there)
    stream = os.fdopen(here, "w", encoding="utf-8")
    out = piped(stream)
    out.write("a")
    with pytest.raises(BrokenPipeError):
        out.flush()
    out.write("b")
    out.close()
    stream.close()
