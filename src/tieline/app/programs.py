"""Running a program for a while, on any system: found, started on its own, and ended together with what it started."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any

APART: Mapping[str, Any]
"""What a program is started with so that Ctrl-C in the server's terminal leaves it the time that deliveries have."""

if sys.platform == "win32":
    APART = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
else:
    APART = {"start_new_session": True}


async def ran(words: list[str], given: IO[bytes], said: IO[bytes], seconds: float) -> int | None:
    """The exit code of a program; None when it took too long.

    It is ended then, with what it started, and so it is when nobody waits for it any more. Raises OSError for one that
    cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        _found(words[0]), *words[1:], stdin=given, stdout=asyncio.subprocess.DEVNULL, stderr=said, **APART
    )
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            await _end(process)


def why_not(error: OSError | ValueError) -> str:
    """Why a program could not be started, in words."""
    if isinstance(error, OSError) and error.errno == errno.ENOEXEC:
        return "it is a file that another program runs; write that before it, for example python"
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def _found(name: str) -> str:
    """The program's file: Windows alone would find no other than ``.exe`` (npx is ``npx.cmd``)."""
    return (shutil.which(name) if sys.platform == "win32" else None) or name


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a program with all that it started."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            await _end_tree(process.pid)
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _end_tree(pid: int) -> None:
    """The same on Windows, which knows who started whom, but ends one process at a time."""
    quiet = asyncio.subprocess.DEVNULL
    with suppress(OSError):
        words = ("taskkill", "/PID", str(pid), "/T", "/F")
        await (await asyncio.create_subprocess_exec(*words, stdin=quiet, stdout=quiet, stderr=quiet)).wait()
