"""Giving one event to a receiver: over HTTP, to a program, or to a Python callable.

Each way is one function in ``WAYS``; another kind of receiver is one more entry. What lives here tries once: when to
try again is the business of ``triggers``.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import importlib
import inspect
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from ..formats import cloudevents
from ..model import DocumentError, Event, Receiver, Request
from ..pipeline.errors import retry_after
from ..triggers.protocol import Push, Pushed
from ..triggers.text import one_line
from .programs import ran, why_not
from .references import secret_from

if TYPE_CHECKING:
    from ..net.driver import Sender

PROGRAM_SECONDS = 60.0
"""How long a program may take for one event."""

SHOWN = 300
"""Characters of what a program said that a problem repeats."""

FINAL = frozenset({400, 404, 405, 410, 413, 415, 422, 501})
"""Statuses of a receiver after which trying again is of no use: it will not take this event."""

Way = Callable[[Push, "Sender"], Awaitable[Pushed]]


async def push(command: Push, sender: Sender) -> Pushed:
    """Give the event to the receiver once. Never raises for what the receiver does."""
    try:
        return await WAYS[command.receiver.kind](command, sender)
    except DocumentError as error:
        return Pushed(ok=False, problem=error.finding.message, final=True)


async def _nowhere(command: Push, sender: Sender) -> Pushed:
    return Pushed(ok=True)


async def _http(command: Push, sender: Sender) -> Pushed:
    """POST in structured mode; any 2xx is a receipt, ``Retry-After`` is obeyed."""
    sent = await sender.send(request_for(command.event, command.receiver, time.time()))
    reply = sent.reply
    if reply is None:
        assert sent.failure is not None
        return Pushed(ok=False, problem=sent.failure.message)
    if 200 <= reply.status < 300:
        return Pushed(ok=True)
    wait = retry_after(reply, sent.timings.ended)
    said = f"the receiver answered {reply.status} {reply.reason}".rstrip()
    return Pushed(ok=False, problem=said, final=reply.status in FINAL, retry_after=wait)


def request_for(event: Event, receiver: Receiver, now: float) -> Request:
    """The request that gives an event to a receiver, signed as Standard Webhooks are where there is a key."""
    body = cloudevents.dump(event)
    headers = [("Content-Type", cloudevents.MEDIA_TYPE), ("webhook-id", event.id)]
    if receiver.secret:
        key = secret_from(receiver.secret).reveal()
        headers += signature(event.id, body, key, now)
    return Request(method="POST", url=receiver.target, headers=tuple(headers), body=body)


def signature(id: str, body: bytes, key: str, now: float) -> list[tuple[str, str]]:
    """The headers that prove who sent a body, and when (https://www.standardwebhooks.com, version 1): HMAC-SHA256 of
    id, time and body. The time is that of this try: receivers refuse what is older than some minutes.

    A key that begins with ``whsec_`` is base64. Raises DocumentError ``bad-signing-key``.
    """
    stamp = str(int(now))
    try:
        secret = base64.b64decode(key[6:], validate=True) if key.startswith("whsec_") else key.encode()
    except ValueError:
        said = 'the signing key begins with "whsec_", and the rest is not base64'
        raise DocumentError("bad-signing-key", said, remedy="copy it whole") from None
    digest = hmac.new(secret, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return [("webhook-timestamp", stamp), ("webhook-signature", f"v1,{base64.b64encode(digest).decode()}")]


async def _program(command: Push, sender: Sender) -> Pushed:
    """Start the program with the event as one line on its standard input; exit code 0 is a receipt.

    Input and errors are files: what a program starts in turn may hold a pipe open long after it ended.
    """
    words = program_words(command.receiver.target)
    try:
        with TemporaryFile() as given, TemporaryFile() as said:
            given.write(cloudevents.dump(command.event) + b"\n")
            given.seek(0)
            code = await ran(words, given, said, PROGRAM_SECONDS)
            if code == 0:
                return Pushed(ok=True)
            said.seek(max(0, said.seek(0, os.SEEK_END) - 4 * SHOWN))
            last = one_line(said.read().decode("utf-8", "replace"))[-SHOWN:]
    except (OSError, ValueError) as error:
        return Pushed(ok=False, problem=f'cannot start "{words[0]}": {why_not(error)}')
    if code is None:
        return Pushed(ok=False, problem=f'"{words[0]}" took longer than {PROGRAM_SECONDS:g} s')
    return Pushed(ok=False, problem=f'"{words[0]}" ended with {code}: {last}'.rstrip(": "))


def program_words(target: str) -> list[str]:
    """A program and its arguments from a JSON list. Raises DocumentError ``bad-receiver``."""
    try:
        words = json.loads(target)
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise DocumentError(
            "bad-receiver",
            "the receiver's program is not given as a list of words",
            remedy='write a JSON list, for example ["python", "take.py"]',
        )
    return words


async def _python(command: Push, sender: Sender) -> Pushed:
    """Call ``module:function`` with the event as a dict; whatever does not raise is a receipt."""
    target = command.receiver.target
    function = await _in_thread(callable_of, target)
    event = cloudevents.value_of(command.event)
    try:
        found = function(event) if inspect.iscoroutinefunction(function) else await _in_thread(function, event)
        if inspect.isawaitable(found):
            await found
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is None or task.cancelling():
            raise
        return Pushed(ok=False, problem=f"{target} raised CancelledError")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a receiver may fail in any way, and is tried again
        return Pushed(ok=False, problem=f"{target} raised {_reason(error)}"[: 2 * SHOWN])
    if inspect.isgenerator(found) or inspect.isasyncgen(found):
        said = f"{target} is a generator, of which nothing runs: let it return instead of yield"
        return Pushed(ok=False, problem=said, final=True)
    return Pushed(ok=True)


async def _in_thread(function: Callable[[Any], Any], given: Any) -> Any:
    """What a function gives, or raises what it does. It has a thread of its own: one that never ends must neither take
    the threads of others nor keep the server from ending."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()

    def settle(found: Any, error: BaseException | None) -> None:
        if not done.done():
            done.set_result((found, error))

    def work() -> None:
        found, error = None, None
        try:
            found = function(given)
        except BaseException as raised:  # noqa: BLE001 - is raised where it is waited for
            error = raised
        with suppress(RuntimeError):  # the loop ended meanwhile
            loop.call_soon_threadsafe(settle, found, error)

    threading.Thread(target=work, name="tieline receiver", daemon=True).start()
    found, error = await done
    if isinstance(error, (KeyboardInterrupt, StopIteration)):
        raise RuntimeError(type(error).__name__)
    if error is not None:
        raise error
    return found


def _reason(error: BaseException) -> str:
    """What was raised, with its words and where."""
    said = one_line(str(error))[:SHOWN]
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}{': ' if said else ''}{said}{where}"


def callable_of(target: str) -> Callable[[dict[str, Any]], Any]:
    """The callable that ``module:function`` names; modules of the current folder count. Raises DocumentError."""
    module, _, name = target.partition(":")
    found, why = None, "is no Python callable"
    if "" not in sys.path:
        sys.path.insert(0, "")
    if module not in sys.modules:
        importlib.invalidate_caches()  # its file may be younger than the server
    try:
        found = getattr(importlib.import_module(module), name, None) if module and name else None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may do anything while it is imported
        why += f": its module raised {one_line(f'{type(error).__name__}: {error}')[:SHOWN]}"
    if not callable(found):
        raise DocumentError(
            "bad-receiver",
            f'"{target}" {why}',
            remedy="write module:function, and start Tieline where the module can be imported",
        )
    return found  # type: ignore[no-any-return]


WAYS: Mapping[str, Way] = {"none": _nowhere, "http": _http, "program": _program, "python": _python}
"""How each kind of receiver is given an event."""
