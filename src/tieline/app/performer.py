"""Performs what the triggers ask for: calls of connectors, and deliveries to receivers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from ..model import (
    Connector,
    Exchange,
    Headers,
    Operation,
    Redactor,
    Request,
    Severity,
    TielineError,
    first_header,
)
from ..net.driver import drive
from ..pipeline import Options, bind, run
from ..pipeline.target import base_url
from ..pipeline.through import incoming, rest_of
from ..policy.url import below
from ..triggers.protocol import Call, Called, Input, Key, Push, Pushed
from .call import CallOptions, session_of
from .load import load_connector
from .receivers import push

if TYPE_CHECKING:
    from ..net.transport import Transport
    from .keeper import Keeper


LOOK = 0.5
"""Seconds between two looks at whether files of a folder changed."""


@dataclass(slots=True, kw_only=True)
class _Loaded:
    stamp: int
    connector: Connector
    looked: float = 0.0


class Connectors:
    """Connector folders by path, read again when a file in them changes."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        """Takes a clock that only runs forward. Nothing is read before it is asked for."""
        self._loaded: dict[str, _Loaded] = {}
        self._now = now

    def get(self, folder: str) -> Connector:
        """The connector in a folder. Raises DocumentError when there is none."""
        found, now = self._loaded.get(folder), self._now()
        if found is not None and now - found.looked < LOOK:
            return found.connector
        stamp = _stamp(Path(folder))
        if found is None or found.stamp != stamp:
            found = _Loaded(stamp=stamp, connector=load_connector(Path(folder)))
        found.looked = now
        self._loaded[folder] = found
        return found.connector


def _stamp(folder: Path) -> int:
    """A number that changes with every file of the folder."""
    try:
        entries = [folder, *folder.iterdir()] if folder.is_dir() else [folder]
        return hash(tuple(sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries)))
    except (OSError, ValueError):
        return 0


class AppPerformer:
    """An ``engine.Performer``. Answers every command; what the world does is in the answer."""

    def __init__(
        self,
        transport: Transport,
        connectors: Connectors,
        keeper: Keeper,
        caller_base: Callable[[str, str], str],
        *,
        pushed: Callable[[Push, Pushed], None] = lambda command, answer: None,
    ) -> None:
        """Takes what sends, the connectors, the keeper of connections, what gives the URL of a connector with a
        connection at the gateway, and who is told of tries of deliveries."""
        self._transport = transport
        self._connectors = connectors
        self._keeper = keeper
        self._caller_base = caller_base
        self._pushed = pushed

    async def perform(self, key: Key, command: Call | Push) -> Input:
        """What came of a command."""
        if isinstance(command, Push):
            answer = await push(command, self._transport)
            self._pushed(command, answer)
            return answer
        try:
            return await self._called(command)
        except TielineError as error:
            return Called(tag=command.tag, problem=_words(error))

    async def _called(self, command: Call) -> Called:
        subscription = command.subscription
        connector = self._connectors.get(subscription.folder)
        options = CallOptions(server=subscription.server or None, connection=subscription.connection)
        session = session_of(connector, options, self._keeper)
        operation = connector.definition.operations.named(command.operation or subscription.operation)
        base = self._caller_base(connector.name, subscription.connection)
        settings = replace(session.options, caller_base=base)
        request, problem = _request(connector, operation, command, settings)
        if request is None and command.url and not problem:
            return await self._elsewhere(command)
        if request is None:
            return Called(tag=command.tag, problem=problem)
        renewer = None if session.keeper is None else session.keeper.over(self._transport)
        steps = run(connector, operation, request, session.connection, settings)
        exchange = await drive(steps, self._transport, renewer=renewer)
        answer = _answer(command, exchange, request)
        base = base_url(connector.definition, operation, settings)
        return replace(answer, headers=_led_back(answer.headers, exchange, (base, settings.server or "")))

    async def _elsewhere(self, command: Call) -> Called:
        """A URL that is not the connector's: called as it is, without credential."""
        request = Request(method=command.method or "GET", url=command.url)
        sent = await self._transport.send(request)
        if sent.reply is None:
            assert sent.failure is not None
            return Called(tag=command.tag, url=command.url, problem=sent.failure.message)
        reply = sent.reply
        body = reply.body if reply.status < 400 else SIGNATURE.sub(rb"\1***", reply.body)
        return Called(tag=command.tag, status=reply.status, headers=reply.headers, body=body, url=command.url)


def _request(connector: Connector, operation: Operation, command: Call, options: Options) -> tuple[Request | None, str]:
    """The request of a call, or why there is none; neither for a URL that is not the connector's."""
    if not command.url:
        bound = bind(connector, operation, command.arguments, options)
        errors = [finding.message for finding in bound.findings if finding.severity is Severity.ERROR]
        return bound.request, "; ".join(errors)
    rest = rest_of(connector, operation, command.url, options, options.caller_base)
    if rest is None or not command.signed:
        return None, ""
    message = Request(method=command.method or operation.method.upper(), url=command.url)
    return incoming(connector, operation, rest, message, options), ""


def _answer(command: Call, exchange: Exchange, request: Request) -> Called:
    reply = exchange.reply
    if reply is None:
        errors = [finding.message for finding in exchange.findings if finding.severity is Severity.ERROR]
        failure = [exchange.failure.message] if exchange.failure is not None else []
        said = Redactor(exchange.secrets).text("; ".join((*failure, *errors)) or "no reply")
        return Called(tag=command.tag, url=request.url, problem=said)
    body = reply.body if reply.status < 400 else _hidden(reply.body, exchange)
    return Called(tag=command.tag, status=reply.status, headers=reply.headers, body=body, url=request.url)


def _led_back(headers: Headers, exchange: Exchange, bases: tuple[str, str]) -> Headers:
    """Headers with a ``Location`` below the host that a policy chose as one below the connector's own URL (the first of
    the bases): it is matched against the connector's paths (reference: triggers, section 1.2, inferred)."""
    said = (first_header(headers, "location") or "").strip()
    if not said or not exchange.base or exchange.request is None or exchange.base in bases:
        return headers
    try:
        rest = below(urljoin(exchange.request.url, said), exchange.base)
    except ValueError:
        return headers
    if rest is None or below(bases[0] + rest, bases[0]) is None:  # the definition may have no host
        return headers
    others = (pair for pair in headers if pair[0].lower() != "location")
    return (*others, ("Location", bases[0] + rest))


def _hidden(body: bytes, exchange: Exchange) -> bytes:
    """An error of a service, whose words are shown to people: services repeat credentials and callback URLs in it."""
    return SIGNATURE.sub(rb"\1***", Redactor(exchange.secrets).data(body))


SIGNATURE = re.compile(rb"(sig(?:=|%3D|\\u003d))[\w-]+", re.IGNORECASE)
"""The signature of a callback URL, as it stands in text, in a query, or in JSON that hides ``=``."""


def _words(error: TielineError) -> str:
    finding = error.finding
    return f"{finding.message} ({finding.remedy})" if finding.remedy else finding.message
