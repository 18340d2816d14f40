"""What ``tieline serve`` runs: connectors, their gateway, the trigger engine and webhook intake, on one store.

It opens no port: ``serving`` does, and ``server`` turns HTTP into calls of this.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..engine.clock import SystemClock
from ..engine.embedded import EmbeddedEngine
from ..engine.protocol import Clock, EngineOptions
from ..model import Event, Finding, Severity, Subscription, TielineError
from ..net.transport import Transport
from ..store.connections import ConnectionStore
from ..store.database import FILE, open_to_write
from ..store.history import EventFilter, History, KeptEvent, KeptReport
from ..store.home import home
from ..store.subscriptions import Subscriptions
from ..store.tokens import callback_secret, new_id, new_token
from ..triggers import CODEC, WebhookState, accepts, check_notification, step, subscription_key
from ..triggers.handshake import USED
from ..triggers.protocol import Fire, Key, Push, Pushed, Report
from .gateway import Gateway
from .intake import Intake, IntakeLimits
from .keeper import Keeper
from .metrics import Figures
from .network import NetworkOptions
from .performer import AppPerformer, Connectors
from .receiver_words import receiver_text
from .subscribing import NOBODY, OFF, perform


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What runs, and on which store."""

    folders: Mapping[str, Path]
    """Connector folders by name."""
    store: Path | None = None
    """Folder of the store; None for ``TIELINE_HOME`` or the platform's per-user data folder."""
    public_url: str = ""
    """Address under which services reach the webhook intake; empty for that of the server itself."""
    limits: IntakeLimits = IntakeLimits()
    handshakes: bool = True
    """Whether handshakes that services ask for are answered, which the platform does not do."""
    engine: EngineOptions = EngineOptions()
    network: NetworkOptions = NetworkOptions()


def engine_options(keep_days: float) -> EngineOptions:
    """The usual options, with events and reports kept for so many days."""
    return EngineOptions(keep_events=keep_days * 86400.0)


Told = Callable[[str, Report], None]
"""Is told of what a person should know: the name of a subscription (of something else its key), and the report."""


class Running:
    """Everything that runs; an async context manager."""

    def __init__(
        self, options: RunOptions, *, clock: Clock | None = None, told: Told = lambda name, report: None
    ) -> None:
        """Takes what runs, the clock (None: this machine's), and who is told of reports."""
        self.options = options
        self.folder = options.store or home()
        self.address = ""
        """Where the server listens; set when it does."""
        self.token = new_token()
        """What lets a command talk to this server."""
        self.clock: Clock = clock or SystemClock()
        self.connectors = Connectors()
        self.subscriptions = Subscriptions(self.folder / FILE)
        self.history = History(self.folder / FILE)
        self.connections = ConnectionStore(self.folder)
        self.keeper = Keeper(self.connections)
        self._told = told
        self._stack = AsyncExitStack()
        self._bells: set[asyncio.Event] = set()
        self._said: dict[Key, dict[str, KeptReport]] = {}
        self._names: dict[Key, str] = {}
        self._ending = False
        self._up = False
        self._looking = 0.0
        self._looked = 0
        self.figures = Figures()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            transport = await stack.enter_async_context(Transport(self.options.network.transport()))
            self.gateway = Gateway(
                self.options.folders, self.connectors, transport, base=lambda: self.address, keeper=self.keeper
            )
            performer = AppPerformer(transport, self.connectors, self.keeper, self.gateway.base_of, pushed=self._pushed)
            self.engine = EmbeddedEngine(
                self.folder / FILE,
                step,
                CODEC,
                performer,
                clock=self.clock,
                options=self.options.engine,
                listener=self,
            )
            await stack.enter_async_context(self.engine)
            self.intake = Intake(
                self.engine,
                callback_secret(self.folder),
                base=lambda: self.options.public_url.rstrip("/") or self.address,
                limits=self.options.limits,
                notices=self,
                handshakes=self.options.handshakes,
            )
            self._stack = stack.pop_all()
            self._up = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def make_store(self) -> None:
        """Makes the store's file where there is none, for looking without an engine. Raises what opening it raises."""
        open_to_write(self.folder / FILE).close()

    async def state(self, key: Key) -> Any:
        """The state of a key; where no engine runs here, the one that was kept last."""
        if self._up:
            return await self.engine.state(key)
        kept = await asyncio.to_thread(self.history.state, key)
        return None if kept is None else CODEC.decode(kept)

    # The engine's listener.

    def emitted(self, event: Event) -> None:
        """An event is in the history."""
        self.figures.emitted(event)
        self._wake()

    def reported(self, key: Key, report: Report, when: float) -> None:
        """Something that a person should know."""
        self.figures.reported(report)
        self._told(self._name(key), report)
        self._wake()

    def _name(self, key: Key) -> str:
        """What a person calls a key."""
        if key not in self._names and key.startswith("subscription/"):
            try:
                self._names = {subscription_key(one.id): one.name for one in self.subscriptions.all()}
            except TielineError:
                return key
        return self._names.get(key, key)

    # Who the intake tells.

    def shaken(self, key: Key) -> None:
        """A handshake was answered, which the platform does not do."""
        self._once(key, USED)

    def notified(self, state: WebhookState, body: bytes, content_type: str) -> None:
        """A notification is kept; how it differs from what is declared is said once for each difference."""
        now = self.clock.now()
        if abs(now - self._looking) > 1:
            self._looking, self._looked = now, 0
        self._looked += 1
        if self._looked > LOOKED_AT:
            return
        for finding in self.mismatches(state.subscription, body, content_type):
            severity = finding.severity.name.lower()
            report = Report(rule=finding.rule, message=finding.message, remedy=finding.remedy, severity=severity)
            self._once(subscription_key(state.subscription.id), report)

    def mismatches(self, subscription: Subscription, body: bytes, content_type: str) -> tuple[Finding, ...]:
        """How a notification differs from what the connector declares."""
        try:
            connector = self.connectors.get(subscription.folder)
            operation = connector.definition.operations.named(subscription.operation)
            return check_notification(operation, body, content_type)
        except TielineError as error:
            # The folder was moved or edited; the event goes on all the same.
            return (replace(error.finding, rule="notification-not-checked", severity=Severity.WARNING),)

    def _pushed(self, command: Push, answer: Pushed) -> None:
        """A delivery was tried. Why it failed is said once for each reason: to be given up may take a day."""
        self.figures.pushed(command, answer)
        if not answer.ok:
            message = f"{receiver_text(command.receiver)}: {answer.problem}"
            report = Report(rule="delivery-failed", message=message, remedy=MEND, severity="warning")
            self._once(subscription_key(command.event.subscription), report)

    def _once(self, key: Key, report: Report) -> None:
        said = self._said.setdefault(key, {})
        if report.message in said or len(said) >= MOST_SAID:
            return
        now = self.clock.now()
        said[report.message] = KeptReport(position=0, key=key, time=now, report=report)
        self.reported(key, report, now)

    def said(self, key: Key) -> list[KeptReport]:
        """What was said once about a subscription since the start; it is not in the history."""
        return list(self._said.get(key, {}).values())

    async def look_at_hooks(self) -> int:
        """Says which hooks lead to another address than this server has now; gives how many triggers are on."""
        count = 0
        for one in await asyncio.to_thread(self.subscriptions.all):
            state = await self.engine.state(subscription_key(one.id))
            count += state is not None and state.status not in OFF
            if accepts(state) and not self.intake.leads_here(state.callback_url):
                self._once(subscription_key(one.id), MOVED)
        return count

    def _wake(self) -> None:
        for bell in self._bells:
            bell.set()

    # What the server asks for.

    async def health(self) -> dict[str, Any]:
        """Whether events can be taken in and kept, and what is wrong. Some time after a failure it tries to keep
        something, since nobody else may."""
        said: dict[str, Any] = {"ok": True, "server": mark_of(self.token)}
        try:
            counts = await asyncio.to_thread(self.history.counts, self.clock.now())
            said |= {"subscriptions": sum(count for (kind, _), count in counts.keys.items() if kind == "subscription")}
            said |= {"waiting": counts.commands, "lag": counts.overdue}
            if (failing := self.intake.failing) is not None:
                if failing[1] < RECENT:
                    raise failing[0]
                async with asyncio.timeout(PROBE):
                    await self.engine.submit(NOBODY, Fire(), new_id())
                self.intake.mended()
        except TielineError as error:
            return said | {"ok": False, "problem": error.finding.message, "remedy": error.finding.remedy}
        except TimeoutError:
            remedy = "look what else uses its disk"
            return said | {"ok": False, "problem": f"the store takes longer than {PROBE:g} s", "remedy": remedy}
        return said

    def end(self) -> None:
        """Lets those who wait for news go, since the server ends."""
        self._ending = True
        self._wake()

    async def metrics(self) -> bytes:
        """Figures in the text format of Prometheus."""
        counts = await asyncio.to_thread(self.history.counts, self.clock.now())
        return self.figures.text(counts, self.clock.now(), self.intake)

    async def control(self, verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a question of ``tieline triggers``; see ``subscribing.perform``."""
        return await perform(self, verb, given)

    async def arrived(self, wanted: EventFilter, wait: float) -> list[KeptEvent]:
        """Events behind ``wanted.after``, oldest first: those that there are, else the first that come in time."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            async with asyncio.timeout(wait):
                while True:
                    bell.clear()
                    found = await asyncio.to_thread(self.history.events, wanted)
                    if found or self._ending:
                        return found
                    await bell.wait()
        except TimeoutError:
            return []
        finally:
            self._bells.discard(bell)


def mark_of(token: str) -> str:
    """What a server calls itself to commands that know its token; to others it says nothing about it."""
    return hashlib.sha256(token.encode()).hexdigest()[:16]


LOOKED_AT = 100
"""Notifications a second that are compared with what is declared; further ones are taken in without."""

MOST_SAID = 50
"""Things that are said once of each subscription; further ones are not said."""

RECENT = 5.0
"""Seconds after a notification that could not be kept in which the server is not healthy, unless another one is."""

PROBE = 3.0
"""Seconds that the store may take in the eyes of ``health``."""

MEND = "deliveries are tried again until --max-age; those given up: tieline triggers dead"

MOVED = Report(
    rule="callback-moved",
    message="the hook at the service leads to another address than this server has now, so nothing comes in",
    remedy="start with the same --port or --public-url as before, or disable the trigger and resume it",
    severity="warning",
)
