"""pollingtrigger: makes of an operation that lists things a trigger that only gives the new ones.

Reference: triggers, section 2.1. It wraps the call. On the way out it takes ``/trigger`` off the path and sets the
query parameters that the state names; on the way back it reads the next state from the reply, and answers 202 (nothing
new) or 200 (the reply as it is) with the state in ``Location``. The state lives nowhere else. What lives here keeps no
clock and no state; whoever polls on a schedule uses :meth:`PollingTrigger.asked` and :meth:`PollingTrigger.poll`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..lang.tokens import Path, Template, get
from ..model import MISSING, BugError, DocumentError, Finding, Reply, Route, Severity, with_header
from . import query
from .json_body import dump, parse
from .message import Message, Outcome, Outgoing
from .policy import Policy, PolicyParameter
from .scope import MessageScope

PREFIX = "/trigger"
"""What the path of such an operation starts with and the service's path does not (inferred: all 39 published ones)."""

STATE = "triggerState"
"""The query parameter of the trigger's URL that holds the state."""

NEXT_LINK = "x-ms-triggerconfig-nextlink"
"""Key of the configuration, in lower case, that is no parameter but names the property with the next page's URL."""

DEFAULT_NEXT_LINK = "@odata.nextLink"
"""The property that counts when the configuration names none."""

NO_VALUE = "the newest item must come first and have it; with an empty list the next poll is sent without it"
"""What to do when an expression gives nothing."""

UNNAMED = ("a value of the trigger configuration has no parameter name; it is not sent", "name its query parameter")
"""What is wrong with an empty key, and what to do."""

State: TypeAlias = Mapping[str, str]
"""Query parameter -> value that the next poll sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What one poll gave."""

    fires: bool
    """Whether there is something new; never on the first call, which only finds the state."""
    items: tuple[Any, ...]
    """What stands at the data path, newest first; on the first call, too."""
    state: State
    """What the next poll is to be made with; the old state when nothing is new."""
    unset: tuple[str, ...] = ()
    """Parameters whose expression gave nothing, though their state was asked for."""
    next_link: str = ""
    """The URL of further items, which this policy does not fetch (unknown whether the platform does)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingTrigger:
    """Poll one list."""

    config: Mapping[str, Template]
    """Query parameter -> expression on the reply."""
    data: Path
    """Where the items stand in the reply."""
    next_link: str = DEFAULT_NEXT_LINK
    unnamed: bool = False
    """Whether there is an expression for a parameter without name, which is left out (published once; unknown)."""

    def apply(self, message: Message, scope: MessageScope) -> Outcome:
        """The part for the request or that for the reply. Raises DocumentError ``bad-trigger-state``."""
        return self._on_reply(message, scope) if isinstance(message, Reply) else self._on_request(message)

    def describe(self) -> str:
        """For example ``@triggerBody().value; $filter = Created gt @{triggerBody().value[0].Created}``."""
        return "; ".join([self.data.text, *(f"{name} = {entry.text}" for name, entry in self.config.items())])

    def asked(self, outgoing: Outgoing, state: State | None) -> Outgoing:
        """The request to the service for a call of the trigger; parameters in the state overwrite those of the call."""
        path = outgoing.path
        if path == PREFIX or path.startswith(PREFIX + "/"):
            path = path[len(PREFIX) :] or "/"
        changed = query.without(outgoing.query, (STATE,)) if query.has(outgoing.query, STATE) else outgoing.query
        for name in self.config:
            if state is not None and name in state:
                changed = query.with_pair(changed, name, state[name])
        same = path == outgoing.path and changed == outgoing.query
        return outgoing if same else outgoing.to(path=path, query=changed)

    def poll(self, scope: MessageScope, state: State | None) -> Poll:
        """What the reply that ``scope`` shows means after a call with ``state`` (None for the first call)."""
        body = scope.trigger_body()
        any_case = scope.context.settings.tokens.any_case_properties
        items = items_of(get(body, self.data.keys, any_case=any_case))
        if state is not None and not items:
            return Poll(fires=False, items=(), state=state)
        found = {name: scope.text(entry) for name, entry in self.config.items() if scope.lacking(entry) is None}
        unset = tuple(name for name in self.config if name not in found)
        if state is not None and scope.context.settings.missing_watermark == "keep":
            found = {**{name: state[name] for name in unset if name in state}, **found}
        link = get(body, (self.next_link,), any_case=any_case)
        return Poll(
            fires=state is not None,
            items=items,
            state=found,
            unset=unset,
            next_link=link if isinstance(link, str) else "",
        )

    def _on_request(self, message: Outgoing) -> Outcome:
        state = state_of(message)
        asked = self.asked(message, state)
        findings = (_finding("unnamed-trigger-parameter", *UNNAMED),) if self.unnamed else ()
        stripped = f'"{PREFIX}" taken off the path' if asked.path != message.path else f'the path has no "{PREFIX}"'
        if state is None:
            return Outcome(message=asked, did=f"first call, without state; {stripped}", findings=findings)
        names = ", ".join(f'"{name}"' for name in self.config if name in state)
        return Outcome(message=asked, did=f"{names or 'nothing'} set from the state; {stripped}", findings=findings)

    def _on_reply(self, reply: Reply, scope: MessageScope) -> Outcome:
        if not 200 <= reply.status < 300:
            return Outcome(message=reply, did=f"the poll failed with {reply.status}; its state stays as it is")
        called = scope.context.called
        if called is None:
            raise BugError("no-trigger-call", "a trigger's reply came without the request that called the trigger")
        state = state_of(called)
        poll = self.poll(scope, state)
        answer = answered(reply, location(called, scope.context.caller_base, poll.state), poll, scope)
        return Outcome(message=answer, did=_did(state, poll), findings=tuple(self._findings(poll)))

    def _findings(self, poll: Poll) -> list[Finding]:
        found = []
        if poll.unset:
            names = ", ".join(f'"{name}"' for name in poll.unset)
            found.append(_finding("trigger-without-state", f"the reply gives no value for {names}", NO_VALUE))
        if poll.fires and poll.next_link:
            message = f'there are more new items on the page that "{self.next_link}" leads to; they are not given'
            found.append(_finding("trigger-page-left", message, "let the service send more items on one page"))
        return found


def _finding(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, route=Route(), message=message, remedy=remedy, severity=Severity.WARNING)


def _did(state: State | None, poll: Poll) -> str:
    if state is None:
        return "first call: answered 202 with the state in Location"
    if poll.fires:
        count = len(poll.items)
        return f"{count} new item{'' if count == 1 else 's'}: answered 200 with the next state in Location"
    return "nothing new: answered 202 with the same state in Location"


def items_of(value: Any) -> tuple[Any, ...]:
    """The items at the data path: the elements of an array, none of nothing, else the one thing (inferred)."""
    if isinstance(value, list):
        return tuple(value)
    return () if value is MISSING or value is None or value == "" else (value,)


def answered(reply: Reply, location: str, poll: Poll, scope: MessageScope) -> Reply:
    """What the engine is sent: the reply with ``Location``, or 202 with ``Location`` and ``Retry-After`` alone."""
    if poll.fires:
        headers = with_header(reply.headers, "Location", location)
        return Reply(status=200, reason="OK", headers=headers, body=reply.body)
    seconds = str(scope.context.settings.poll_seconds)
    return Reply(status=202, reason="Accepted", headers=(("Location", location), ("Retry-After", seconds)))


def location(called: Outgoing, caller_base: str, state: State) -> str:
    """The URL of the next call: that of this one with another state, under the URL of the caller."""
    base = caller_base or called.base
    return called.to(base=base, query=query.with_pair(called.query, STATE, write_state(state))).request.url


def state_of(called: Outgoing) -> State | None:
    """The state in the URL of a call; None for the first call. Raises DocumentError ``bad-trigger-state``."""
    text = query.value_of(called.query, STATE)
    return read_state(text) if text else None


def write_state(state: State) -> str:
    """A state as one opaque text that any URL can hold."""
    return base64.urlsafe_b64encode(dump(dict(state))).decode().rstrip("=")


def read_state(text: str) -> State:
    """The state that :func:`write_state` wrote. Raises DocumentError ``bad-trigger-state`` for another text."""
    try:
        state = parse(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except ValueError:
        state = None
    if not isinstance(state, dict) or not all(isinstance(value, str) for value in state.values()):
        raise DocumentError(
            "bad-trigger-state",
            f'the query parameter "{STATE}" is no state of a trigger',
            remedy="call the URL of the last reply's Location, or leave it out to start anew",
        )
    return state


def build(*, config: Mapping[str, Template], data: Path) -> PollingTrigger:
    """The behaviour, with what is no query parameter taken out of the configuration."""
    special = [name for name in config if name.lower() == NEXT_LINK]
    return PollingTrigger(
        config={name: entry for name, entry in config.items() if name and name not in special},
        data=data,
        next_link=(config[special[0]].text if special else "") or DEFAULT_NEXT_LINK,
        unnamed="" in config,
    )


POLICY = Policy(
    id="polling-trigger",
    template="pollingtrigger",
    title="Polling trigger",
    summary="Makes of an operation that lists things a trigger that gives what is new since the last poll.",
    parameters=(
        PolicyParameter(
            name="triggerConfig",
            field="config",
            title="Trigger configuration",
            description="Query parameters of the next poll, each with an expression on the reply of this one.",
            kind="templates",
            required=True,
        ),
        PolicyParameter(
            name="triggerDataPath",
            field="data",
            title="Trigger data path",
            description="Where the items stand in the reply.",
            kind="path",
            roots=("triggerBody",),
            required=True,
        ),
    ),
    sections=("request",),
    wraps=True,
    build=build,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/create-polling-trigger",
)
