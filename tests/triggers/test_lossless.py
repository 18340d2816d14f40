"""Nothing is lost and nothing gets a second id, whatever the order of things, crashes and repeated answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import trigger_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import Event, Receiver
from tieline.triggers import CODEC, Moved, Settings, plan, step
from tieline.triggers import protocol as p
from tieline.triggers.moment import seconds_of, text_of

START = 1_800_000_000.0
INTERVAL = 60.0


@dataclass(frozen=True)
class Thing:
    """An item of the service."""

    id: int
    stamp: float
    """``createdAt``, by the service's clock."""
    seen_at: float
    """When it is listed for the first time, by the service's clock."""


@dataclass
class Service:
    """A service that lists what was created since a time."""

    things: list[Thing]
    strict: bool
    stamped: bool
    newest_first: bool
    dated: bool
    skew: float
    asked: list[str] = field(default_factory=list)

    def answer(self, call: p.Call, now: float) -> p.Called:
        """The reply at a time of this machine's clock."""
        here = now + self.skew
        since = seconds_of(call.arguments["since"])
        assert since is not None
        self.asked.append(call.arguments["since"])
        listed = [
            one
            for one in self.things
            if one.seen_at <= here and (one.stamp > since if self.strict else one.stamp >= since)
        ]
        listed.sort(key=lambda one: (one.stamp, one.id), reverse=self.newest_first)
        body = [{"id": one.id, **({"createdAt": text_of(one.stamp)} if self.stamped else {})} for one in listed]
        headers = (("Date", formatdate(here, usegmt=True)),) if self.dated else ()
        return p.Called(tag=call.tag, status=200, headers=headers, body=json.dumps(body).encode())


GAPS = st.lists(st.integers(0, 90_000), max_size=25)
"""Milliseconds between things that are created; nought for equal times."""
LATE = st.lists(st.integers(0, 4_900), min_size=25, max_size=25)


@st.composite
def services(draw: st.DrawFn) -> Service:
    """A service with old things and things that come, some of them late."""
    dated = draw(st.booleans())
    skew = draw(st.sampled_from([0.0, -400.0, 400.0])) if dated else 0.0
    stamp = START + skew + 0.001
    things = [Thing(number, START + skew - age, 0.0) for number, age in enumerate((5000.0, 100.0, 10.0))]
    for number, (gap, late) in enumerate(zip(draw(GAPS), draw(LATE), strict=False)):
        stamp += gap / 1000
        things.append(Thing(100 + number, stamp, stamp + late / 1000))
    return Service(
        things=things,
        strict=draw(st.booleans()),
        stamped=draw(st.booleans()),
        newest_first=draw(st.booleans()),
        dated=dated,
        skew=skew,
    )


def calls(moved: Moved) -> p.Call:
    """The one call of a step."""
    (call,) = [command for command in moved.commands if isinstance(command, p.Call)]
    return call


def events(moved: Moved) -> Iterator[Event]:
    """The events of a step."""
    return (command.event for command in moved.commands if isinstance(command, p.Emit))


@settings(max_examples=400, deadline=None)
@given(service=services(), troubles=st.lists(st.sampled_from(["", "crash", "fails", "twice", "slow"]), max_size=60))
def test_a_growing_list_fires_once_for_each_item(service: Service, troubles: list[str]) -> None:
    """Each item that comes after the subscription is given exactly once: equal times, late ones, skewed clocks,
    crashes, failures and repeated answers notwithstanding."""
    connector = samples.connector_of(samples.polling(parameter=True))
    operation = connector.definition.operations["Poll"]
    subscription = samples.subscription_of("Poll", interval=INTERVAL)
    made = plan(connector, operation, subscription, Settings(minimum_interval=1.0))
    now = begun = START
    moved = step(None, p.Enable(subscription=subscription, plan=made), now)
    fired: Counter[str] = Counter()
    ids: set[str] = set()
    end = max((one.seen_at for one in service.things), default=now) - service.skew
    trouble = iter(troubles)
    good = 0
    while good < 3:
        what = next(trouble, "")
        call = calls(moved)
        answer = service.answer(call, now)
        begun = now if moved.state.first else begun
        if what == "slow":
            now += 2.5
        if what == "fails":
            answer = p.Called(tag=call.tag, status=500)
        good += now > end and answer.status == 200
        before = moved.state
        moved = step(before, answer, now)
        if what == "crash":  # the step was not kept: the answer comes again later
            first = list(events(moved))
            moved = step(before, answer, now + 0.5)
            assert [event.id for event in events(moved)] == [event.id for event in first]
        given = list(events(moved))
        fired.update(str(json.loads(event.data)["id"]) for event in given)
        assert ids.isdisjoint(event.id for event in given)
        ids.update(event.id for event in given)
        state = CODEC.decode(CODEC.encode(moved.state))
        if what == "twice":
            again = step(state, answer, now)
            assert not list(events(again))
            state = again.state
        (wish,) = [command.when for command in moved.commands if isinstance(command, p.WakeAt)]
        assert wish > now
        now = wish
        moved = step(state, p.Woken(tag="poll"), now)
    wanted = {str(one.id) for one in service.things if one.id >= 100}
    if not service.stamped:  # what was there with the first reply cannot be told from what is old
        wanted -= {str(one.id) for one in service.things if one.seen_at <= begun + service.skew}
    assert {name for name in wanted if fired[name] != 1} == set()
    assert all(count == 1 and int(name) >= 100 for name, count in fired.items())


NOTIFICATIONS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), min_size=1, max_size=30)


@settings(deadline=None)
@given(notifications=NOTIFICATIONS)
def test_a_notification_has_one_event_id(notifications: list[tuple[str, bool]]) -> None:
    """The same notification gives the same event id however often it is taken, and others give others; those without
    id, too, when a crash undid the first time."""
    connector = samples.connector_of(samples.webhook())
    receivers = (Receiver(kind="http", target="x"), Receiver(kind="none"), Receiver(kind="program", target="y"))
    subscription = samples.subscription_of("Hook", receivers=receivers)
    made = plan(connector, connector.definition.operations["Hook"], subscription)
    state = step(None, p.Enable(subscription=subscription, plan=made, callback_url="u"), START).state
    state = step(state, p.Called(tag="register 1", status=201), START).state
    known: dict[str, str] = {}
    counted: set[str] = set()
    for number, (name, crash) in enumerate(notifications):
        notified = p.Notified(body=b"{}", id=name)
        moved = step(state, notified, START + number)
        (event,) = events(moved)
        assert known.setdefault(name, event.id) == event.id
        tells = [command for command in moved.commands if isinstance(command, p.Tell)]
        assert [tell.key for tell in tells] == [f"delivery/{event.id}/0", f"delivery/{event.id}/2"]
        assert moved.state is state
        (event,) = events(step(state, p.Notified(body=b"{}", id="x", event_id=f"made {number}"), START))
        assert event.id == f"made {number}"
        unnamed = step(state, p.Notified(body=b"{}"), START + number)
        (event,) = events(unnamed)
        if crash:
            (again,) = events(step(state, p.Notified(body=b"{}"), START + number + 1))
            assert again.id == event.id
        assert event.id not in counted
        counted.add(event.id)
        state = unnamed.state
    assert len(set(known.values()) | counted) == len(known) + len(counted)


INPUTS: st.SearchStrategy[Any] = st.one_of(
    st.just("ok"), st.just("bad"), st.just("final"), st.just("wake"), st.just("replay"), st.just("stray")
)


@settings(deadline=None)
@given(inputs=st.lists(INPUTS, max_size=40), wait=st.floats(0, 90_000))
def test_a_delivery_is_gone_only_when_it_was_taken(inputs: list[str], wait: float) -> None:
    """An event leaves its delivery only by a receiver that took it; until then it is tried, waits or is dead, and is
    always given with the same id."""
    event = Event(id="e", source="/s", type="t", time=START)
    deliver = p.Deliver(event=event, receiver=Receiver(kind="http", target="x"))
    now = START
    moved = step(None, deliver, now)
    for name in inputs:
        state = moved.state
        pushes = [command for command in moved.commands if isinstance(command, p.Push)]
        assert all(push.event == event for push in pushes)
        assert state.status != "trying" or pushes or name
        now += wait
        given: p.Input = {
            "ok": p.Pushed(ok=True),
            "bad": p.Pushed(ok=False, problem="no"),
            "final": p.Pushed(ok=False, final=True),
            "wake": p.Woken(tag="retry"),
            "replay": deliver,
            "stray": p.Fire(),
        }[name]
        moved = step(state, given, now)
        if moved.state is None:
            assert (name, state.status) == ("ok", "trying")
            return
        if state.status == "trying" and moved.state.status == "waiting":
            assert any(isinstance(command, p.WakeAt) and command.when >= now for command in moved.commands)
        if moved.state.status == "trying" and state.status != "trying":
            assert any(isinstance(command, p.Push) for command in moved.commands)


def test_many_subscriptions_spread() -> None:
    """Polls of many subscriptions with one interval do not come at once, and none comes before its interval."""
    connector = samples.connector_of(samples.polling())
    operation = connector.definition.operations["Poll"]
    whens = []
    for number in range(200):
        subscription = samples.subscription_of("Poll", id=f"s{number}", interval=100.0)
        made = plan(connector, operation, subscription)
        state = step(None, p.Enable(subscription=subscription, plan=made), START).state
        moved = step(state, p.Called(tag="poll 1", status=202), START)
        whens += [command.when - START for command in moved.commands if isinstance(command, p.WakeAt)]
    assert min(whens) >= 100.0
    assert max(whens) <= 110.0
    assert max(Counter(int(when) for when in whens).values()) < 50


def test_retry_after_nought_is_bounded() -> None:
    """A service that always asks to be polled at once is polled at the interval after a burst."""
    connector = samples.connector_of(samples.polling())
    subscription = samples.subscription_of("Poll")
    made = plan(connector, connector.definition.operations["Poll"], subscription, Settings(burst=5))
    moved = step(None, p.Enable(subscription=subscription, plan=made), START)
    answers = 0
    while moved.state.status != "waiting":
        answers += 1
        called = p.Called(tag=calls(moved).tag, status=202, headers=(("Retry-After", "0"), ("Location", "/x")))
        moved = step(moved.state, called, START)
    assert answers == 6
    assert [c.rule for c in moved.commands if isinstance(c, p.Report)][-1] == "poll-burst-ended"


WILD = st.text(max_size=8) | st.sampled_from(["\ud800", "createdAt", "http://[", "2026-01-01T00:00:00Z", "//", "0"])
WILD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | WILD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WILD | st.just("id"), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["Location", "Retry-After", "Date", "Content-Type"])
BODIES = st.binary(max_size=20) | WILD_JSON.map(lambda value: json.dumps(value).encode())


@settings(deadline=None)
@given(
    replies=st.lists(
        st.tuples(st.sampled_from([0, 200, 200, 202, 204, 302, 401, 500]), st.dictionaries(NAMES, WILD), BODIES),
        max_size=5,
    ),
    watermark=st.sampled_from(["", "id", "createdAt", "a.b"]),
    parameter=st.booleans(),
    now=st.floats(-1e9, 1e11),
)
def test_any_reply_is_taken(
    replies: list[tuple[int, dict[str, str], bytes]], watermark: str, parameter: bool, now: float
) -> None:
    """Whatever a service replies at whatever time, the poll goes on: a state that can be kept, and a wish or a call."""
    connector = samples.connector_of(samples.polling(parameter=parameter))
    subscription = samples.subscription_of("Poll", watermark=watermark)
    made = plan(connector, connector.definition.operations["Poll"], subscription)
    moved = step(None, p.Enable(subscription=subscription, plan=made), now)
    for status, headers, body in replies:
        call = calls(moved)
        called = p.Called(tag=call.tag, status=status, headers=tuple(headers.items()), body=body, problem="\ud800")
        moved = step(moved.state, called, now)
        for command in moved.commands:
            assert CODEC.decode(CODEC.encode(command)) == command
        state = CODEC.decode(CODEC.encode(moved.state))
        if state.status in ("waiting", "backing-off"):
            assert any(isinstance(command, p.WakeAt) and command.when > now for command in moved.commands)
            moved = step(state, p.Woken(tag="poll"), now)


@settings(deadline=None)
@given(
    location=st.none() | WILD, body=BODIES, notification=BODIES, content_type=WILD, status=st.sampled_from([200, 400])
)
def test_any_registration_and_notification_is_taken(
    location: str | None, body: bytes, notification: bytes, content_type: str, status: int
) -> None:
    """Whatever a service answers to a registration and sends, the hook can be kept and switched off."""
    connector = samples.connector_of(samples.webhook(batch=True))
    subscription = samples.subscription_of("Hook")
    made = plan(connector, connector.definition.operations["Hook"], subscription)
    state = step(None, p.Enable(subscription=subscription, plan=made, callback_url="u"), START).state
    headers = () if location is None else (("Location", location),)
    inputs: list[p.Input] = [
        p.Called(tag="register 1", status=status, headers=headers, body=body, url="https://api.example.com/v1/hooks"),
        p.Notified(body=notification, content_type=content_type, id="\ud800"),
        p.Disable(),
    ]
    for one in inputs:
        moved = step(state, one, START)
        for command in moved.commands:
            assert CODEC.decode(CODEC.encode(command)) == command
        state = CODEC.decode(CODEC.encode(moved.state))
    assert state.status in ("unregistering", "removed")
