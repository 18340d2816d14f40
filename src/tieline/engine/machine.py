"""How an engine of this process behaves, wherever its ledger keeps things.

Everything happens on one event loop: an input is worked out on the states in memory when it comes, so that the inputs
of a key follow one another, and whoever gave it is told when it is durable. When the ledger loses records, memory is
forgotten and read anew, and all whose inputs built on the lost ones are told so. Commands begin only when the turn that
asked for them is durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self

from ..model import BugError, DocumentError, ServiceError, TielineError
from ..triggers.protocol import Call, Called, Input, Key, Notified, Push, Pushed, Report
from .cache import Cache
from .clock import SystemClock
from .lanes import Lanes, Task, lane_of
from .ledger import Ledger, Record
from .protocol import Clock, EngineOptions, Listener, Performer, Settled, State, Step
from .timers import Timers
from .turn import Held, Source, Turn, forget, take

PAUSE = 1.0
"""Seconds between two tries to keep what the engine itself has to keep, when the ledger refuses."""


class Machine:
    """An ``Engine``; also an async context manager that starts and stops it."""

    def __init__(
        self,
        ledger: Ledger,
        step: Step,
        performer: Performer,
        *,
        clock: Clock | None = None,
        options: EngineOptions | None = None,
        listener: Listener | None = None,
    ) -> None:
        """Takes where things are kept, the step of the state tables, what performs commands, the clock (None: this
        machine's), how much is done at a time (None: as usual), and who is told of events and reports."""
        self._ledger = ledger
        self._performer = performer
        self._clock: Clock = clock or SystemClock()
        self._options = options = options or EngineOptions()
        self._listener = listener
        self._cache = Cache(ledger.read, options.states)
        self._source = Source(step, self._cache.held, self._known, options.steps)
        self._lanes = Lanes(ledger.tasks, places=options.tasks, each=options.lane)
        self._timers = Timers(self, ledger, self._cache, self._clock)
        self._ids: dict[tuple[Key, str], Record] = {}
        self._under_way: dict[int, tuple[Key, asyncio.Task[None]]] = {}
        self._background: list[asyncio.Task[None]] = []
        self._epoch = 0
        self._taking = 0
        self._waiting = 0
        self._last_task = 0
        self._open = False
        self._performing = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def waiting(self) -> int:
        """Commands that wait or are under way."""
        return self._waiting

    @property
    def running(self) -> int:
        """Commands under way."""
        return self._lanes.running

    async def start(self) -> None:
        """Begins to take inputs and to perform commands, first those that a former run left.

        Raises ServiceError ``store-in-use`` and what else opening the ledger raises.
        """
        self._loop = asyncio.get_running_loop()
        self._ledger.open(self._told)
        try:
            self._waiting, self._last_task = self._ledger.waiting()
            for lane in self._ledger.lanes():
                self._lanes.expect(lane)
        except TielineError:
            await self._ledger.close()
            raise
        self._open = self._performing = True
        self._background = [asyncio.create_task(self._timers.run()), asyncio.create_task(self._clean())]
        self._begin()

    async def stop(self) -> None:
        """Takes nothing any more, gives commands under way the grace time, and closes the ledger."""
        if not self._open:
            return
        self._open = self._performing = False
        await _ended(self._background)
        running = [task for _, task in self._under_way.values()]
        if running:
            waiter = asyncio.create_task(wait(self._clock, self._options.grace))
            ending = asyncio.ensure_future(_all(running))
            await asyncio.wait({waiter, ending}, return_when=asyncio.FIRST_COMPLETED)
            await _ended([waiter, *running])
            await ending
        await self._ledger.close()

    async def submit(self, key: Key, input: Input, id: str) -> bool:
        """Takes an input; see ``Engine.submit``."""
        self._admit(input)
        record = self.take(key, input, id)
        if record is not None:
            await self.kept(record)
            return True
        first = self._ids.get((key, id))
        if first is not None:
            await self.kept(first)
        return False

    def offer(self, key: Key, input: Input, id: str, settled: Settled) -> None:
        """Takes an input; see ``PromptEngine.offer``."""
        self._admit(input)
        record = self.take(key, input, id) or self._ids.get((key, id))
        if record is None:
            settled(None)
        else:
            record.waiters = (*record.waiters, settled)

    def glance(self, key: Key) -> State | None:
        """The state of a key in memory; see ``PromptEngine.glance``."""
        cached = self._cache.loaded(key)
        return None if cached is None else cached.held.state

    async def state(self, key: Key) -> State | None:
        """The state after the last input that was taken. Raises TielineError when it cannot be read."""
        return self._cache.held(key).state

    async def cancel(self, key: Key) -> None:
        """Forgets the key; see ``Engine.cancel``."""
        held = self._cache.get(key).held
        turn = Turn(self._clock.now())
        turn.before[key] = held.state
        turn.held[key] = gone = Held(None, held.timers)
        forget(turn, key, gone)
        await self.kept(self.write(Record(self._epoch, turn, forgotten=key)))

    # What the parts of the engine use.

    def take(self, key: Key, given: Input, id: str, *, done: int = 0) -> Record | None:
        """Works an input out and hands it to the ledger; None when its id was taken before.

        Raises what the step raises, and TielineError when a state cannot be read or written: nothing happened then.
        """
        turn = take(self._source, key, given, id, self._clock.now())
        if turn is None:
            return None
        record = Record(self._epoch, turn, done=done)
        if turn.commands:
            record.tasks = [self._task(there, command) for there, command in turn.commands]
        return self.write(record)

    def _task(self, key: Key, command: Call | Push) -> Task:
        self._last_task += 1
        return Task(id=self._last_task, key=key, lane=lane_of(command), command=command)

    def write(self, record: Record) -> Record:
        """Lets memory follow a record, and hands it to the ledger. Raises what cannot be written, and does nothing."""
        self._ledger.prepare(record)
        record.cached = [self._cache.follow(key, held) for key, held in record.turn.held.items()]
        for its in record.turn.ids:
            self._ids[its] = record
        self._taking += 1
        self._ledger.write(record)
        return record

    def blank(self) -> Record:
        """A record that changes no state yet."""
        return Record(self._epoch, Turn(self._clock.now()))

    async def kept(self, record: Record) -> None:
        """Waits until a record is durable. Raises TielineError when it was lost."""
        if not record.told:
            waiter = self._loop.create_future()
            record.waiters = (*record.waiters, partial(_settle, waiter))
            await waiter
        elif record.wrong is not None:
            raise _again(record.wrong)

    def say(self, key: Key, rule: str, message: str, remedy: str = "") -> None:
        """Reports what went wrong in the engine's own work."""
        record = self.blank()
        record.turn.reports.append((key, Report(rule=rule, message=message, remedy=remedy, severity="error")))
        self.write(record)

    # Taking inputs.

    def _admit(self, given: Input) -> None:
        """Raises ServiceError ``engine-stopped``, and ``engine-busy`` when too much waits. Commands hold back
        notifications alone, so that a subscription can be switched off however much it left to do."""
        if not self._open:
            raise ServiceError("engine-stopped", "the engine does not run", remedy="tieline serve runs it")
        options = self._options
        if self._taking >= options.taking:
            what = f"{self._taking} inputs wait for the disk"
        elif self._waiting >= options.waiting and type(given) is Notified:
            what = f"{self._waiting} calls and deliveries wait for their turn"
        else:
            return
        raise ServiceError("engine-busy", what, remedy="try again later")

    def _known(self, key: Key, id: str) -> bool:
        return (key, id) in self._ids or self._ledger.known(key, id)

    def _told(self, records: Sequence[Record], wrong: TielineError | None) -> None:
        """What became of records, in order."""
        self._taking -= len(records)
        if wrong is not None and records[0].epoch == self._epoch:
            self._epoch += 1
            self._cache.clear()
        for record in records:
            record.told, record.wrong = True, wrong
            for cached in record.cached:
                cached.pending -= 1
            for its in record.turn.ids:
                if self._ids.get(its) is record:
                    del self._ids[its]
            if wrong is None:
                self._settled(record)
        for record in records:
            for settled in record.waiters:
                self._call(settled, wrong)
        if self._listener is not None:
            self._loop.call_soon(self._tell, records, self._listener)
        self._timers.look()
        self._begin()

    def _settled(self, record: Record) -> None:
        """Does what had to wait until a record was durable."""
        if record.done:
            self._waiting -= 1
        if record.forgotten:
            self._drop(record.forgotten)
        for task in record.tasks:
            self._waiting += 1
            self._lanes.add(task)
        timers = record.turn.timers
        if timers:
            self._timers.follow(due for due in timers.values() if due is not None)

    def _tell(self, records: Sequence[Record], listener: Listener) -> None:
        """Tells the listener what became durable. Reports of lost records are told when nobody else hears of them."""
        for record in records:
            turn = record.turn
            if record.wrong is None:
                for event in turn.events:
                    self._call(listener.emitted, event)
            elif record.waiters:
                continue
            for key, report in turn.reports:
                self._call(listener.reported, key, report, turn.now)

    def _call(self, told: Callable[..., None], *news: Any) -> None:
        """Tells somebody; what that raises is not the engine's."""
        try:
            told(*news)
        except Exception as error:  # noqa: BLE001 - goes to the event loop's handler, and the others are told
            self._loop.call_exception_handler({"message": "the engine told somebody, who failed", "exception": error})

    def _drop(self, key: Key) -> None:
        self._lanes.drop(key)
        for there, task in self._under_way.values():
            if there == key:
                task.cancel()
        self._waiting = self._ledger.waiting()[0]

    # Performing commands.

    def _begin(self) -> None:
        """Begins as many commands as there is room for."""
        try:
            while self._performing and (task := self._lanes.next()) is not None:
                working = asyncio.create_task(self._perform(task))
                working.add_done_callback(partial(self._over, task))
                self._under_way[task.id] = (task.key, working)
        except TielineError:
            # What is kept cannot be read now; lanes keep their place in the round.
            self._loop.call_later(PAUSE, self._begin)

    async def _perform(self, task: Task) -> None:
        try:
            record = self.blank()
            record.begun, record.lease = task.id, self._clock.now() + self._options.longest
            self.write(record)
            answer = await self._answer(task)
            await self.persist(lambda: self.take(task.key, answer, "", done=task.id))
        except Exception as error:  # noqa: BLE001 - a wrong state table must not end the engine; the command stays kept
            self.say(task.key, "step-failed", f"{type(task.command).__name__} was done, {_words(error)}", _BUG)

    def _over(self, task: Task, _: asyncio.Task[None]) -> None:
        """Gives the place of a task back, also of one that was broken off before it began."""
        del self._under_way[task.id]
        self._lanes.done(task.lane)
        self._begin()

    async def _answer(self, task: Task) -> Input:
        """What came of a command."""
        options = self._options
        if task.begun >= options.begun:
            return _problem(task.command, f"Tieline ended {task.begun} times while it did this; it is not tried again")
        try:
            async with asyncio.timeout(options.longest):
                return await self._performer.perform(task.key, task.command)
        except TimeoutError:
            return _problem(task.command, f"it took more than {options.longest:g} seconds")
        except Exception as error:  # noqa: BLE001 - promised not to happen; the state table has to hear of it all the same
            return _problem(task.command, _words(error))

    async def persist(self, work: Callable[[], Record | None]) -> None:
        """Does what the engine itself has to keep, again and again until it is kept."""
        while True:
            try:
                record = work()
                if record is not None:
                    await self.kept(record)
            except ServiceError:
                await wait(self._clock, PAUSE)
            else:
                return

    # Removing what is old.

    async def _clean(self) -> None:
        options = self._options
        while True:
            now = self._clock.now()
            try:
                for key in self._ledger.dead(now - options.keep_dead, 1000):
                    await self.cancel(key)
                await self._ledger.clean(now - options.keep_ids, now - options.keep_events)
            except (ServiceError, DocumentError) as error:
                finding = error.finding
                self.say("", finding.rule, f"what is too old was not removed: {finding.message}", finding.remedy)
            await wait(self._clock, options.clean)


_BUG = "this is a mistake in Tieline: please report it"


async def wait(clock: Clock, seconds: float) -> None:
    """Waits that long; a clock that is set back meanwhile does not make it longer."""
    now = clock.now()
    while seconds > 0:
        await clock.wait(now + seconds)
        before, now = now, clock.now()
        seconds -= max(now - before, 0.0)


async def _all(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await _all(tasks)


def _settle(waiter: asyncio.Future[None], wrong: TielineError | None) -> None:
    """Tells one who still waits."""
    if waiter.done():
        return
    if wrong is None:
        waiter.set_result(None)
    else:
        waiter.set_exception(_again(wrong))


def _words(error: Exception) -> str:
    """An error that was not foreseen: its kind, and its words where they are ours."""
    if isinstance(error, TielineError):
        return f"then: {error.finding.message}"
    return f"then {type(error).__name__} was raised"


def _problem(command: Call | Push, problem: str) -> Input:
    if isinstance(command, Call):
        return Called(tag=command.tag, problem=problem)
    return Pushed(ok=False, problem=problem)


def _again(error: TielineError) -> TielineError:
    """The same error once more: one that is raised in several places gathers their traces."""
    finding = error.finding
    kind = BugError if isinstance(error, BugError) else type(error)
    return kind(finding.rule, finding.message, remedy=finding.remedy)
