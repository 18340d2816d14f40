"""The parameters of one operation, made of the rows of all its requests: what they are called, what they hold, which of
them are in every request.

What lives here treats query parameters, headers and form fields alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...model import JsonObject, Route
from .entries import Entry
from .examples import Examples
from .names import label
from .secret_values import MASKED, is_guessed_secret
from .texts import STAND_INS, format_of, kind_of_text, typed
from .variables import VARIABLE, Variables


class Row(NamedTuple):
    """One row of a request."""

    entry: Entry
    variables: Variables
    """What holds where it stands."""


@dataclass(slots=True)
class Seen:
    """What all requests of an operation say of one parameter."""

    name: str
    """On the wire."""
    where: str
    """``path``, ``query``, ``header`` or ``formData``."""
    rows: list[Row] = field(default_factory=list)
    always: bool = True
    """Whether it is sent by every request."""
    several: bool = False
    """Whether some request sends it more than once."""

    @property
    def route(self) -> Route:
        """Where it is written first."""
        return self.rows[0].entry.route

    @property
    def file(self) -> bool:
        """Whether it is a file of a form."""
        return any(row.entry.file for row in self.rows)

    def parameter(self, examples: Examples) -> JsonObject:
        """The Swagger parameter."""
        out: JsonObject = {"name": self.name, "in": self.where}
        description = next((row.entry.description for row in self.rows if row.entry.description), "")
        if description:
            out["description"] = examples.text(description)
        if self.always or self.where == "path":
            out["required"] = True
        if self.file:
            return out | {"type": "file", "x-ms-summary": label(self.name)}
        out |= self._type(examples)
        if self.where in ("query", "formData") and all(not row.entry.value for row in self.rows):
            out["allowEmptyValue"] = True
        out["x-ms-summary"] = label(self.name)
        return out | ({"x-ms-url-encoding": "single"} if self.where == "path" else {})

    def _type(self, examples: Examples) -> JsonObject:
        """Type, format, default and example."""
        filled = [row.variables.fill(row.entry.value) for row in self.rows if row.entry.value]
        known = [text for text, unknown in filled if not unknown and text not in STAND_INS]
        told = [STAND_INS[text] for text, _ in filled if text in STAND_INS]
        if told and not known and all(schema == told[0] for schema in told):
            out = dict(told[0])
        else:
            out = _scalar(known, self.name, typed_texts=self.where != "header")
        shown = [text for text in known if not is_guessed_secret(self.name, text) and examples.usable(text)]
        if len(shown) == len(known):
            out |= self._sample(shown, str(out["type"]), complete=len(known) == len(filled))
        return _listed(out, self.where) if self.several else out

    def _sample(self, texts: Sequence[str], kind: str, *, complete: bool) -> JsonObject:
        """The value that it has, as a default where the collection fixes it, in a header or by a variable, and every
        request sends it: a default is sent by itself, so of what may be left out the value is an example."""
        if not texts:
            return {}
        value: Any = typed(texts[0], kind)
        fixed = self.where == "header" or any(VARIABLE.search(row.entry.value or "") for row in self.rows)
        if self.where == "header" and not (texts[0].isascii() and texts[0].isprintable()):
            return {}
        same = complete and len(set(texts)) == 1 and not self.several and (self.always or self.where == "path")
        return {"default": value} if fixed and same else {"x-example": [value] if self.several else value}


def _scalar(texts: Sequence[str], name: str, *, typed_texts: bool) -> JsonObject:
    """The type that all of several texts have."""
    kinds = {kind_of_text(text) for text in texts} if typed_texts else set()
    if kinds == {"integer", "number"}:
        kinds = {"number"}
    kind = kinds.pop() if len(kinds) == 1 else "string"
    if kind != "string":
        return {"type": kind}
    formats = {format_of(text) for text in texts} if typed_texts else set()
    if len(formats) == 1 and "" not in formats:
        return {"type": "string", "format": formats.pop()}
    return {"type": "string", "format": "password"} if MASKED.search(name) else {"type": "string"}


def _listed(scalar: JsonObject, where: str) -> JsonObject:
    """A list of such values, each sent by itself; a header's are joined, which means the same (RFC 9110, 5.3)."""
    items = {key: scalar[key] for key in ("type", "format") if key in scalar}
    rest = {key: value for key, value in scalar.items() if key not in items}
    return {"type": "array", "items": items, "collectionFormat": "csv" if where == "header" else "multi", **rest}


def gathered(where: str, requests: Sequence[Sequence[tuple[str, Row]]]) -> list[Seen]:
    """What several requests say of their parameters in one place, in the order in which they were met.

    Each request gives its rows with the names that they have on the wire; headers are told apart without regard to
    case. A parameter that is switched off, or missing, in one of them is not always sent.
    """
    found: dict[str, Seen] = {}
    for rows in requests:
        sent: dict[str, int] = {}
        for name, row in rows:
            key = name.lower() if where == "header" else name
            seen = found.setdefault(key, Seen(name=name, where=where))
            seen.rows.append(row)
            sent[key] = sent.get(key, 0) + row.entry.enabled
        for key, seen in found.items():
            seen.several = seen.several or sent.get(key, 0) > 1
    for key, seen in found.items():
        seen.always = all(
            any(row.entry.enabled and _key(where, name) == key for name, row in rows) for rows in requests
        )
    return list(found.values())


def _key(where: str, name: str) -> str:
    return name.lower() if where == "header" else name
