"""Saved responses, as the declared responses of an operation.

What lives here makes one response of all examples with the same status.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from ...model import MISSING, DocumentError, JsonObject, Route
from ...model.media_type import bare, is_json_type
from .bodies import inferred
from .collection import Asked, Saved
from .examples import Examples
from .media import JSON, accepted, is_binary, is_media_type
from .notes import Notes
from .texts import is_whole, value_of

TEXT = "text/plain"
"""The media type of a saved text that says none."""

DEFAULT = "default"
"""The code of a response whose status is not known."""


class Replies(NamedTuple):
    """What an operation may be answered."""

    responses: JsonObject
    """Code -> Swagger response."""
    media_types: list[str]
    """What the operation asks for and gets; empty where nothing is known."""
    made_up: bool
    """Whether no response of success is saved, so that one was added."""


class _Example(NamedTuple):
    """One saved body."""

    saved: Saved
    media_type: str
    """Without parameters."""
    value: Any
    """The JSON value; MISSING for a text."""


def replies_of(requests: Sequence[Asked], examples: Examples, notes: Notes) -> Replies:
    """The responses of the operation that these requests are."""
    by_code: dict[str, list[_Example]] = {}
    for asked in requests:
        for saved in asked.saved:
            by_code.setdefault(saved.code or DEFAULT, []).append(_example(saved, examples))
    wanted = [name for asked in requests for name in _wanted(asked) if not examples.hides(name)]
    wanted = list(dict.fromkeys(wanted))
    found: JsonObject = {}
    media_types = list(wanted)
    for code in sorted(by_code):
        response, media_type = _response(code, by_code[code], wanted, examples, notes)
        found[code] = response
        media_types += [media_type] if media_type and media_type not in media_types else []
    made_up = not any(code == DEFAULT or code.startswith("2") for code in by_code)
    if made_up:
        found[DEFAULT] = {"description": "Any other reply" if found else "Any reply"}
    return Replies(found, media_types, made_up)


def _wanted(asked: Asked) -> list[str]:
    """The media types that a request asks for, as far as they are known."""
    for entry in asked.headers:
        if entry.enabled and entry.name.lower() == "accept":
            return accepted(asked.variables.peek(entry.value or ""))
    return []


def _example(saved: Saved, examples: Examples) -> _Example:
    """One saved response with its body read."""
    said = next((entry.value or "" for entry in saved.headers if entry.name.lower() == "content-type"), "")
    media_type = bare(said)
    value: Any = MISSING
    body = saved.body.strip()
    if body and (is_json_type(media_type) or (body[0] in "{[" and media_type in ("", TEXT))):
        try:
            value = value_of(body)
        except DocumentError:
            value = MISSING
    if not is_media_type(media_type) or examples.hides(media_type):
        media_type = JSON if value is not MISSING else TEXT
    return _Example(saved, media_type, value)


def _response(
    code: str, found: list[_Example], wanted: list[str], examples: Examples, notes: Notes
) -> tuple[JsonObject, str]:
    """One response and its media type, which is empty when it has no body."""
    out: JsonObject = {"description": examples.text(_description(code, found))}
    filled = [example for example in found if example.saved.body.strip() or is_binary(example.media_type)]
    if not filled or code in ("204", "304"):
        return out, ""
    route = filled[0].saved.route / "body"
    broken = [example for example in filled if example.value is MISSING and is_json_type(example.media_type)]
    for example in broken:
        message = "the saved response should be JSON, but cannot be read as such"
        notes.add("unreadable-body", example.saved.route / "body", message)
    filled = [example for example in filled if example not in broken]
    if not filled:
        return {**out, "schema": {}}, broken[0].media_type
    values = [example for example in filled if example.value is not MISSING]
    kept = values or filled
    for example in filled:
        if bool(values) != (example.value is not MISSING):
            message = f'"{example.media_type}" is left out; "{kept[0].media_type}" is used'
            notes.add("content-type-dropped", example.saved.route, message)
    if values:
        out["schema"] = inferred([examples.scrubbed(example.value) for example in values], route, notes)
        media_type = next((name for name in wanted if is_json_type(name)), _json_type(values))
        shown: list[Any] = [example.value for example in values if is_whole(example.value)]
    else:
        media_type = kept[0].media_type
        binary = is_binary(media_type)
        out["schema"] = {"type": "string", "format": "binary"} if binary else {"type": "string"}
        shown = [] if binary else [example.saved.body for example in kept]
    for value in examples.first(shown, route, notes).values():
        out["examples"] = {media_type: value}
    return out, media_type


def _json_type(found: list[_Example]) -> str:
    """The media type of JSON bodies; servers also send it as something else."""
    return next((example.media_type for example in found if is_json_type(example.media_type)), JSON)


def _description(code: str, found: list[_Example]) -> str:
    """What a response is: its status in words, else the name of its example."""
    words = next((example.saved.status for example in found if example.saved.status), "")
    name = next((example.saved.name for example in found if example.saved.name), "")
    if words or not code.isdigit():
        return words or name or "Any reply"
    try:
        return HTTPStatus(int(code)).phrase
    except ValueError:
        return name or code


def note_headers(requests: Sequence[Asked], route: Route, notes: Notes) -> None:
    """Note once that headers of saved responses are not carried over."""
    count = sum(1 for asked in requests for saved in asked.saved if saved.headers)
    if count:
        notes.add("reply-headers", route, f"the headers of {count} saved responses are not carried over")
