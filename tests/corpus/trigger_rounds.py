"""Rounds: triggers of connectors, each switched on, notified or polled, and switched off, over HTTP against the mock of
its connector; what is not as it should be is noted."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

sys.path.insert(0, str(Path(__file__).parent))

from trigger_ground import Edit, Ground, Met

from tieline.app.show import connection_parameters
from tieline.mock import sample, sample_arguments
from tieline.model import (
    Connection,
    Connector,
    Operation,
    OperationKind,
    Reply,
    Request,
    Schema,
    Secret,
    StoredConnection,
    Subscription,
)
from tieline.triggers import Plan, WebhookPlan, plan, subscription_key
from tieline.triggers.protocol import Disable, Enable


@dataclass(kw_only=True)
class Round:
    """What came of one trigger."""

    name: str
    """``folder#operation``."""
    operation: Operation
    scripted: bool
    """Whether custom code stands before it."""
    kind: str = ""
    """``webhook``, ``policy``, ``parameter`` or ``reply``."""
    outcome: str = ""
    """How it ended; what is counted."""
    events: int = 0
    rules: list[str] = field(default_factory=list)
    """Rules of the plan's findings and of all reports, in order."""
    words: list[str] = field(default_factory=list)
    """What these say."""
    faults: list[str] = field(default_factory=list)
    """What is not as it should be, each with a kebab-case word first."""

    def expect(self, holds: bool, fault: str, what: Any = "") -> bool:
        """Note a fault unless something holds; whether it does."""
        if not holds:
            self.faults.append(f"{fault}: {what}")
        return holds


def connection_for(connector: Connector) -> Connection:
    """A connection with a value for each parameter of the first parameter set."""
    sets = connector.properties.parameter_sets
    parameters = sets[0].parameters if sets else connection_parameters(connector)
    values = {parameter.name: Secret(f"value-{number}") for number, parameter in enumerate(parameters)}
    return Connection(values=values, parameter_set=sets[0].name if sets else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How rounds are held."""

    bare: bool = False
    """Whether custom code is left out."""
    silent: bool = False
    """Whether the service leaves ``Location`` out: of registrations, and of polls, which give all there is then."""

    @property
    def mark(self) -> str:
        """Makes the ids of subscriptions its own."""
        return f"{int(self.bare)}{int(self.silent)}"


USUAL = Way()
"""As the mock answers."""


async def rounds(here: Ground, folder: Path, name: str, number: int, way: Way = USUAL) -> list[Round]:
    """One round for each trigger of a connector."""
    here.connectors.bare = way.bare
    connector = here.connectors.get(str(folder))
    found = [one.id for one in connector.definition.operations.outlines if one.kind is not OperationKind.ACTION]
    if not found:
        return []
    connection = replace(connection_for(connector), name=f"c{number}")
    here.store.save(StoredConnection(connection=connection, connector=connector.name))
    here.service.play(connector)
    out = []
    for place, id in enumerate(found):
        operation = connector.definition.operations[id]
        subscription = Subscription(
            id=f"{number}-{place}-{way.mark}",
            name=id,
            connector=connector.name,
            folder=str(folder),
            operation=id,
            connection=connection.name,
            arguments=arguments_for(operation),
            server=here.server,
            created=here.clock.now(),
        )
        it = Round(name=f"{name}#{id}", operation=operation, scripted=connector.scripted(id))
        out.append(it)
        await _held(here, connector, subscription, it, way)
    return out


def arguments_for(operation: Operation) -> dict[str, Any]:
    """What is required, and the body of a webhook: the callback URL makes that go along, whatever is declared."""
    every = sample_arguments(operation, optional=True)
    body = "" if operation.body is None else operation.body.name
    return {**sample_arguments(operation), **{name: value for name, value in every.items() if name == body}}


async def _held(here: Ground, connector: Connector, subscription: Subscription, it: Round, way: Way) -> None:
    """Hold one round and note all that was said."""
    made = plan(connector, it.operation, subscription)
    here.service.calm()
    here.service.met = []
    if isinstance(made, WebhookPlan):
        it.kind = "webhook"
        await _Webhook(here, subscription, it, made, way).go()
    else:
        it.kind = "policy" if made.policy else made.style
        await _Poll(here, subscription, it, made, way).go()
    gone = await here.engine.state(subscription_key(subscription.id))
    it.expect(gone is None, "state-left", gone)
    it.events = len(here.events(subscription))
    said = here.said(subscription)
    it.rules = [*(finding.rule for finding in made.findings), *(rule for rule, _ in said)]
    it.words = [*(finding.message for finding in made.findings), *(message for _, message in said)]


class _Held:
    """What both kinds of rounds have."""

    def __init__(self, here: Ground, subscription: Subscription, it: Round, made: Plan, way: Way) -> None:
        self.here, self.subscription, self.it, self.made, self.way = here, subscription, it, made, way

    def said(self) -> list[str]:
        """The rules of what was reported so far."""
        return [rule for rule, _ in self.here.said(self.subscription)]

    def payloads(self) -> list[Any]:
        """The payloads of the events so far."""
        return [orjson.loads(event.data) for event in self.here.events(self.subscription)]

    async def on(self, url: str = "") -> Any:
        """Switch on; the state."""
        enable = Enable(subscription=self.subscription, plan=self.made, callback_url=url)
        return await self.here.submit(self.subscription, enable)

    async def off(self) -> None:
        """Switch off and forget."""
        await self.here.submit(self.subscription, Disable(forget=True))


class _Webhook(_Held):
    """The round of a webhook."""

    async def go(self) -> None:
        """Register, notify, remove."""
        here, it = self.here, self.it
        if self.way.silent:
            here.service.edit = telling
        url = here.intake.url(self.subscription.id, it.operation.id)
        state = await self.on(url)
        here.service.calm()
        if state.status != "active":
            it.outcome = "not registered"
            await self.off()
            return
        (registered,) = here.service.met
        it.expect(registered.operation == it.operation.id, "registered-elsewhere", registered.operation)
        self._placed(registered, url)
        await self._notified(url)
        await self._removed(registered, url)

    def _placed(self, registered: Met, url: str) -> None:
        """The callback URL stands in every marked property, and nowhere else."""
        body = orjson.loads(registered.request.body)
        wanted = set() if self.it.operation.body is None else set(marked(self.it.operation.body.schema))
        self.it.expect(bool(wanted) and set(holding(body, url)) == wanted, "url-misplaced", (wanted, body))

    async def _notified(self, url: str) -> None:
        """A notification is answered 202 and gives one event, or one for each element that is split."""
        schema = self.it.operation.notification
        payload = {"ping": 1} if schema is None else sample(schema, reply=True)
        status = await self._notify(url, payload)
        self.it.expect(status == 202, "notification-refused", status)
        batch = self.it.operation.trigger == "batch"
        wanted = payload if batch and isinstance(payload, list) else [payload]
        self.it.expect(self.payloads() == wanted, "events", (wanted, self.payloads()))

    async def _notify(self, url: str, payload: Any) -> int:
        headers = (("Content-Type", "application/json"),)
        sent = await self.here.transport.send(
            Request(method="POST", url=url, headers=headers, body=orjson.dumps(payload))
        )
        assert sent.reply is not None, sent.failure
        return sent.reply.status

    async def _removed(self, registered: Met, url: str) -> None:
        """What was registered is deleted under its own address or id, or a report says that it is not; what comes
        afterwards starts nothing."""
        here, it, payloads = self.here, self.it, self.payloads()
        here.service.met = []
        await self.off()
        if here.service.met:
            (removed,) = here.service.met
            self._right(registered, removed)
        elif "hook-elsewhere" in self.said():
            it.outcome = "elsewhere"
            it.expect("hook-left" in self.said(), "left-in-silence", self.said())
        else:
            it.outcome = "leaked"
            it.expect("hook-leaked" in self.said(), "left-in-silence", self.said())
        status = await self._notify(url, {})
        it.expect(status == 401 and len(self.payloads()) == len(payloads), "taken-when-off", status)

    def _right(self, registered: Met, removed: Met) -> None:
        """The hook that was registered is the one that was removed."""
        it, path = self.it, removed.request.url.partition("?")[0]
        it.expect(removed.request.method == "DELETE", "removed-otherwise", removed.request.method)
        it.expect(removed.reply.status < 300, "not-removed", removed.reply)
        it.expect("hook-removed" in self.said(), "removed-in-silence", self.said())
        location = registered.reply.header("location")
        if location is not None:
            it.outcome = "removed by Location"
            it.expect(urlsplit(location).path == path, "other-hook", (location, path))
            return
        it.outcome = "removed by reply"
        it.expect("hook-would-leak" in self.said(), "leak-in-silence", self.said())
        template = self.here.service.mock.backend.connector.definition.operations[removed.operation].path
        wanted = named(orjson.loads(registered.reply.body), template)
        it.expect(any(path.endswith(end) for end in wanted), "other-hook", (path, wanted))


def marked(schema: Schema, place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The places of all properties below a schema that hold the callback URL."""
    here = schema.resolved()
    if schema.value.get("x-ms-notification-url") or here.value.get("x-ms-notification-url"):
        return [place]
    inside = [pair for part in (here, *here.parts()) for pair in part.resolved().properties()]
    return [found for name, inner in inside if len(place) < 8 for found in marked(inner, (*place, name))]


def holding(value: Any, wanted: str, place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The places in a JSON value where a text stands."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in holding(inner, wanted, (*place, name))]
    if isinstance(value, list):
        return [found for inner in value for found in holding(inner, wanted, (*place, "[]"))]
    return [place] if value == wanted else []


def telling(reply: Reply) -> Reply:
    """A reply without ``Location``, each value of whose body can be told from all others by what stands there."""
    headers = tuple(pair for pair in reply.headers if pair[0].lower() != "location")
    return replace(reply, headers=headers, body=_changed(reply.body, distinct))


def distinct(value: Any, name: str = "") -> Any:
    """A JSON value whose made-up texts and numbers hold the names that lead there, or stand for them."""
    if isinstance(value, dict):
        return {key: distinct(inner, f"{name}{key}") for key, inner in value.items()}
    if isinstance(value, str):
        return f"string{name}" if value == "string" else value
    return sum(name.encode()) if type(value) is int else value


def named(body: Any, template: str) -> list[str]:
    """How paths may end that a template gives when one of its parameters is the id in the reply to a registration: the
    value of the same name, else ``id``, at the top or in an object that is the whole reply or the hook; or the reply
    itself."""
    values: dict[str, Any] = {}
    whole = re.compile("d|data|result|response|.*(hook|subscription).*", re.IGNORECASE)
    inner = [part for name, part in body.items() if whole.fullmatch(name)] if isinstance(body, dict) else []
    for part in (*inner, body):
        if isinstance(part, dict):
            values |= {re.sub("[_-]", "", name).casefold(): value for name, value in part.items()}
    ends = []
    for name in re.findall(r"\{([^}]+)\}", template):
        own = values.get(re.sub("[_-]", "", name).casefold(), values.get("id"))
        value = own if isinstance(body, dict) else body
        ends.append(quote(str(value), safe="") + template.partition("{" + name + "}")[2])
    return ends


def _changed(body: bytes, change: Callable[[Any], Any]) -> bytes:
    return orjson.dumps(change(orjson.loads(body))) if body else body


class _Poll(_Held):
    """The round of a polling trigger."""

    async def go(self) -> None:
        """Find the state, poll when there is news and when there is none, stop."""
        if self.way.silent:
            self.here.service.prefer = "code=200"
        state = await self.on()
        self.it.expect(not self.payloads(), "first-poll-fired", self.payloads())
        if state.status != "waiting":
            self.it.outcome = "not polled"
        elif self.it.kind == "policy":
            await self._by_policy()
        elif self.way.silent:
            await self._by_memory()
        else:
            await self._by_location()
        await self.off()

    async def _woken(self, edit: Edit | None = None) -> list[Any]:
        """Poll once more; the payloads that it gave."""
        before = len(self.payloads())
        if edit is not None:
            self.here.service.edit = edit
        await self.here.woken(self.subscription)
        self.here.service.edit = lambda reply: reply
        return self.payloads()[before:]

    def _given(self) -> list[Any]:
        """What the last reply of the service has to start."""
        body = self.here.service.met[-1].reply.body
        if not body:
            return []
        value = orjson.loads(body)
        return list(items_of(value)) if self.it.operation.trigger == "batch" else [value]

    async def _by_policy(self) -> None:
        """The service gives what is newer than the state: all of it is new, whatever it is."""
        it, met = self.it, self.here.service.met
        news = await self._woken()
        it.expect(bool(news) and news == self._given(), "news", (news, self._given()))
        none = await self._woken(emptied)
        it.expect(not none, "fired-without-news", none)
        again = await self._woken()
        it.expect(met[-1].request.url == met[-2].request.url, "state-lost", (met[-1].request.url, met[-2].request.url))
        it.expect(again == news and "trigger-fires-again" in self.said(), "repeats-in-silence", (again, self.said()))
        it.outcome = "fired"

    async def _by_location(self) -> None:
        """The service says with 200 that there is news, and with 202 that there is none."""
        it = self.it
        news = await self._woken()
        it.expect(self.here.service.met[-1].reply.status == 200, "no-protocol", self.here.service.met[-1].reply)
        it.expect(news == self._given(), "news", (news, self._given()))
        none = await self._woken()
        it.expect(not none and self.here.service.met[-1].reply.status == 202, "fired-without-news", none)
        it.outcome = "fired" if news else "nothing to fire"

    async def _by_memory(self) -> None:
        """The service gives all that there is, each time: what is new is told apart."""
        it = self.it
        none = await self._woken()
        it.expect(not none, "fired-without-news", none)
        news = await self._woken(longer)
        if not self._given():
            it.outcome = "nothing to fire"
            return
        it.expect(news == self._given()[:1], "news", (news, self._given()))
        it.expect("poll-without-state" in self.said(), "memory-in-silence", self.said())
        it.outcome = "fired"


def items_of(value: Any) -> list[Any]:
    """The one array of a reply: itself, or that of a property."""
    if isinstance(value, list):
        return value
    (found,) = [part for part in value.values() if isinstance(part, list)]
    return list(found)


def _with_items(reply: Reply, change: Callable[[list[Any]], list[Any]]) -> Reply:
    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return change(value)
        return {name: change(part) if isinstance(part, list) else part for name, part in value.items()}

    return replace(reply, body=_changed(reply.body, changed))


def emptied(reply: Reply) -> Reply:
    """A reply that has no items."""
    return _with_items(reply, lambda items: [])


def longer(reply: Reply) -> Reply:
    """A reply with one more item than before, at the front."""
    return _with_items(reply, lambda items: [distinct(items[0]) | {"id": "new"}, *items])
