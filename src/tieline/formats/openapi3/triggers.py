"""Webhook triggers: which operations register a callback URL, and what is sent to it.

What lives here decides. What is sent is read in ``callbacks``, the property that carries the URL in ``callback_url``.

An operation becomes a trigger by its own callbacks, or, since webhooks belong to no operation, when it is the only one
that clearly registers a URL for them: a POST to a resource that is called like one for that (``RESOURCES``), with a
JSON body in which exactly one text is by its name and format a URL to be called back (``likely``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from ...model import JsonObject
from .bodies import Body
from .callback_url import ANY, MARK, Keys, is_resource, keys_of, likely, marked, with_url
from .callbacks import Sent, callbacks_of, content_of, webhooks_of
from .endings import endings_of, note_ending
from .lowering import Lowering
from .media import kind_of_media
from .names import summary_of
from .operations import Entry, request_body
from .plan import NOTIFICATION, TRIGGER, Apart, Key, Plan, is_declared, is_trigger
from .schemas import lower_schema

REGISTERING = frozenset({"post", "put"})
"""Methods of operations that become triggers. Flows assume POST, and PUT is seen in the corpus of connectors
(reference: triggers, 1.1)."""


class Triggers(NamedTuple):
    """The webhook triggers of a description."""

    plans: dict[Key, Plan]
    contents: dict[str, JsonObject]
    """Path -> what is sent, where the path item does not say it itself."""
    busy: Counter[str]
    """Path -> how many of its operations say themselves that they are triggers."""
    endings: dict[str, Entry]
    """What :func:`endings_of` gives."""


class _Wish(NamedTuple):
    """What an operation is to be made a trigger for."""

    keys: Keys
    """The property that carries the URL; ``ANY`` where it is to be found."""
    sent: list[Sent]

    def drop(self, low: Lowering, reason: str) -> None:
        """Note that it comes to nothing."""
        for sent in self.sent:
            sent.drop(low, reason)


def plan_triggers(entries: Sequence[Entry], low: Lowering) -> Triggers:
    """The triggers among operations. What is left out of webhooks that no operation registers is noted right away,
    all else in the plans."""
    out = Triggers({}, {}, Counter(one.path for one in entries if is_trigger(one.operation[0])), endings_of(entries))
    for entry in entries:
        declared = is_declared(entry.item, entry.operation)
        if declared or entry.operation[0].get("callbacks"):
            with Apart(low) as notes:
                wish = _wish(entry, low)
                made = _plan(entry, wish, out, low)
            out.plans[entry.method, entry.path] = made._replace(findings=tuple(notes))
    hooks = webhooks_of(low)
    if hooks:
        _plan_webhooks(_Wish(ANY, hooks), entries, out, low)
    return out


# What is wished for


def _wish(entry: Entry, low: Lowering) -> _Wish:
    """The callbacks of an operation that are sent to the same URL as its first usable one; the others are noted."""
    found: list[Sent] = []
    wanted = ANY
    for sent in callbacks_of(entry.operation, low):
        keys = keys_of(sent.address)
        if isinstance(keys, str):
            sent.drop(low, keys)
        elif not found or keys == wanted:
            wanted = keys
            found.append(sent)
        else:
            sent.drop(low, f'a trigger has one URL, and it is that of the callback "{found[0].name}"')
    return _Wish(wanted, found)


def _plan_webhooks(wish: _Wish, entries: Sequence[Entry], out: Triggers, low: Lowering) -> None:
    """Add the plan of the operation that registers a URL for all webhooks, if there is one and it is clear which."""
    found = [entry for entry in entries if _registers(entry, low)]
    if len(found) != 1:
        names = ", ".join(f'"{entry.id}"' for entry in found[:3])
        wish.drop(low, f"{len(found)} operations register URLs ({names})" if found else "no operation registers a URL")
        return
    entry = found[0]
    key = (entry.method, entry.path)
    if not is_declared(entry.item, entry.operation) and out.plans.get(key, Plan()).body is not None:
        wish.drop(low, f'"{entry.id}", which registers URLs, is a trigger by its callbacks')
        return
    before = out.plans.pop(key, Plan())
    with Apart(low) as notes:
        notes.extend(before.findings)
        made = _plan(entry, wish, out, low)
    out.plans[key] = made._replace(findings=tuple(notes))


def _registers(entry: Entry, low: Lowering) -> bool:
    """Whether an operation clearly registers a URL to which the service then sends."""
    if entry.method != "post" or not is_resource(entry.path):
        return False
    with Apart(low):
        schema = _json_schema(request_body(entry, low))
        return schema is not None and len(_candidates(schema, low)) == 1


# What comes of it


def _plan(entry: Entry, wish: _Wish, out: Triggers, low: Lowering) -> Plan:
    """The plan of an operation for what it is wished to be a trigger for; notes what comes of the wish."""
    declared = is_declared(entry.item, entry.operation)
    if not declared:
        reason = _unfit(entry, out)
        if reason or not wish.sent:
            wish.drop(low, reason)
            return Plan()
    body = request_body(entry, low)
    made = _with_url(entry, body, wish.keys, low)
    if isinstance(made, str):
        wish.drop(low, made)
        if declared:
            low.notes.add("notification-url-missing", entry.operation[1], f'in "{entry.id}" {made}')
        return Plan()
    if declared:
        _compare(entry, wish, made, low)
    else:
        out.contents[entry.path] = content_of(wish.sent, low)
        _note_trigger(entry, wish, low)
    note_ending(entry, out.endings, low)
    own = entry.operation[0].get(TRIGGER)
    return Plan(extensions={} if own else {TRIGGER: "single"}, body=made.body)


def _unfit(entry: Entry, out: Triggers) -> str:
    """Why an operation cannot be made a trigger; empty when it can."""
    if entry.method not in REGISTERING:
        return f"a trigger registers its URL by POST or PUT, not by {entry.method.upper()}"
    if NOTIFICATION in entry.item[0] or entry.path in out.contents:
        return "the path has another trigger"
    if out.busy[entry.path] > is_trigger(entry.operation[0]):
        return "the path has another trigger"
    return ""


class _Made(NamedTuple):
    """The body of a trigger."""

    body: Body
    keys: list[Keys]
    """The properties that carry the URL."""


def _with_url(entry: Entry, body: Body, keys: Keys, low: Lowering) -> _Made | str:
    """The body of an operation with its callback URL marked, or the reason why there is none.

    Whether the body itself is required stays: 37 of 202 triggers of the corpus of connectors have an optional one.
    """
    schema = _json_schema(body)
    if schema is None:
        return "the platform gives its URL in a JSON body, and the operation has none"
    found = marked(schema, low) if is_declared(entry.item, entry.operation) else []
    if not found:
        found = [keys] if keys else _candidates(schema, low)
        if len(found) != 1:
            which = f"{len(found)} properties" if found else "no property"
            return f"{which} of the body can be told to be its URL"
    changed: JsonObject = schema
    for one in found:
        step = with_url(changed, one, low)
        if isinstance(step, str):
            return step
        changed = step
    parameter, place = body.parameters[0]
    if changed is not schema:
        names = ", ".join('"' + "/".join(one) + '"' for one in found)
        message = f'{names} carries the URL of the trigger: it is marked "{MARK}", required and hidden from people'
        low.notes.add("notification-url", place, message)
    return _Made(Body([({**parameter, "schema": changed}, place)], body.media_type), found)


def _json_schema(body: Body) -> JsonObject | None:
    """The schema of a body in JSON; None for another body and for none."""
    if len(body.parameters) != 1 or kind_of_media(body.media_type) != "json":
        return None
    parameter = body.parameters[0][0]
    schema: JsonObject | None = parameter.get("schema") if parameter["in"] == "body" else None
    return schema


def _candidates(schema: JsonObject, low: Lowering) -> list[Keys]:
    """The properties that may carry the URL: those that say so, else those that are likely to."""
    return marked(schema, low) or likely(schema, low)


def _compare(entry: Entry, wish: _Wish, made: _Made, low: Lowering) -> None:
    """Note of a wish whether the path item says the same of the trigger that it declares."""
    if not wish.sent:
        return
    value, at = entry.item
    written = value[NOTIFICATION]
    place = ((at, NOTIFICATION), "schema")
    with Apart(low):
        own = lower_schema(written.get("schema", {}), place, low) if isinstance(written, dict) else {}
        same = content_of(wish.sent, low)["schema"] == own
    if same and (wish.keys == ANY or wish.keys in made.keys):
        for sent in wish.sent:
            message = f'the {sent.kind} "{sent.name}" is what "{NOTIFICATION}" of the path says'
            low.notes.add(f"{sent.kind}-trigger", sent.at, message)
        return
    wish.drop(low, f'the path says otherwise by "{NOTIFICATION}"')


def _note_trigger(entry: Entry, wish: _Wish, low: Lowering) -> None:
    """Note that an operation is a trigger now, and how its name could say so."""
    for sent in wish.sent:
        message = (
            f'"{entry.id}" becomes a trigger, which is sent the {sent.kind} "{sent.name}"; it is no action any more'
        )
        low.notes.add(f"{sent.kind}-trigger", sent.at, message)
    summary = entry.operation[0].get("summary")
    if not isinstance(summary, str) or not summary.strip().lower().startswith("when"):
        sent = wish.sent[0]
        said = sent.operation[0].get("summary")
        event = said.strip() if isinstance(said, str) and said.strip() else summary_of(sent.name, "event", "")
        proposal = event if event.lower().startswith("when") else f"When {event[:1].lower()}{event[1:]}"
        message = f'the summary of the trigger does not say when it fires, for example "{proposal}"'
        at = entry.operation[1]
        low.notes.add("trigger-summary", (at, "summary") if "summary" in entry.operation[0] else at, message)
