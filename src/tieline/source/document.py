"""A document: its bytes, its value, and where each value stands in the text.

Reading tries strict JSON first, at full speed, and looks at the text itself only when that fails or when somebody asks
for a position. Changing a document is the business of ``edits``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from ..model import DocumentError, Finding, Position, Route
from . import json_strict, json_tolerant, yaml_text
from .limits import DEFAULT, Limits
from .text import Broken, Lines, Repairs, Text, decode, no_document
from .tree import Node, offset_of

Format = Literal["json", "yaml"]

SIGNIFICANT = re.compile(r"[\s\ufeff]*+(/[/*]|.)?", re.DOTALL)


class SourceDocument:
    """One document as its author wrote it. Its value must not be changed in place; see ``edit``."""

    __slots__ = ("_lines", "_root", "_text", "data", "findings", "format", "limits", "name", "value")

    def __init__(
        self,
        *,
        name: str,
        data: bytes,
        value: Any,
        format: Format,
        findings: tuple[Finding, ...] = (),
        limits: Limits = DEFAULT,
    ) -> None:
        """Takes what a reader found."""
        self.name = name
        """File name as the user knows it."""
        self.data = data
        """The bytes as read, or as edited."""
        self.value = value
        """The JSON value: dict, list, str, int, float, bool, None."""
        self.format: Format = format
        """How the text is written."""
        self.findings = findings
        """What was repaired on reading."""
        self.limits = limits
        """The caps that it was read with."""
        self._text: Text | None = None
        self._lines: Lines | None = None
        self._root: Node | None = None

    def __repr__(self) -> str:
        return f"SourceDocument({self.name!r}, {self.format}, {len(self.data)} bytes)"

    @property
    def text(self) -> Text:
        """The characters of the document."""
        if self._text is None:
            self._text = decode(self.data, self.name, Repairs())
        return self._text

    @property
    def lines(self) -> Lines:
        """The lines of the document."""
        if self._lines is None:
            self._lines = Lines(self.text.text)
        return self._lines

    @property
    def root(self) -> Node:
        """The tree of places."""
        if self._root is None:
            self._root = json_strict.tree(self.text.text)
        return self._root

    def position(self, route: Route) -> Position | None:
        """Line and column of a route: of the key of an object's member, of an element itself.

        For a route that does not exist it is the position of its nearest existing ancestor; None when the route is one
        of another document.
        """
        if route.document not in ("", self.name):
            return None
        return self.lines.position(offset_of(self.root, route.keys))

    def snippet(self, position: Position) -> str:
        """The line of a position with a caret below its column; a long line is cut around it."""
        return self.lines.snippet(position)


def read(data: bytes, name: str, limits: Limits = DEFAULT) -> SourceDocument:
    """Reads JSON or YAML, told apart by content; ``name`` is for messages only.

    What published files get wrong is repaired, and each repair is a finding (reference: connector-format, section 9).
    Raises DocumentError, with a position, for text that no repair makes a document, and beyond the limits.
    """
    if len(data) > limits.size:
        raise DocumentError(
            "too-large",
            f"the file has {len(data)} bytes; at most {limits.size} are read",
            remedy="split it, or leave out what is not needed",
            route=Route(name),
            position=Position(line=1, column=1),
        )
    try:
        value = json_strict.loads(data, limits)
    except json_strict.NotPlain:
        return _read_text(data, name, limits)
    return SourceDocument(name=name, data=data, value=value, format="json", limits=limits)


@dataclass(slots=True)
class _Attempt:
    """One reading of a text as one format; ``root`` is None where it can be found again from strict text."""

    format: Format
    value: Any
    root: Node | None
    repairs: Repairs
    lines: Lines | None = None


def _read_text(data: bytes, name: str, limits: Limits) -> SourceDocument:
    """A document that is not strict JSON in UTF-8."""
    repairs = Repairs()
    text = decode(data, name, repairs)
    if error := no_document(text.text, name):
        raise error
    attempt = _attempt(text.text, name, limits)
    attempt.repairs.include(repairs)
    lines = attempt.lines or Lines(text.text)
    findings = attempt.repairs.findings(lines, name)
    document = SourceDocument(
        name=name, data=data, value=attempt.value, format=attempt.format, findings=findings, limits=limits
    )
    document._text, document._lines, document._root = text, lines, attempt.root
    return document


def _attempt(text: str, name: str, limits: Limits) -> _Attempt:
    """The text as the format that it looks like, or else as the other one; the error is that of the likelier one."""
    match = SIGNIFICANT.match(text)
    first = match.group(1) if match else None
    if first not in ("{", "[", "//", "/*"):
        return _yaml_first(text, name, limits, quoted=first == '"')
    try:
        return _json(text, limits)
    except Broken as broken:
        error = _error_of(broken, text, name)
        if not broken.words:
            raise error from None
    try:
        return _yaml(text, name, limits, brackets=True)
    except DocumentError:
        raise error from None


def _yaml_first(text: str, name: str, limits: Limits, *, quoted: bool) -> _Attempt:
    """Text that does not begin with a bracket: YAML, or else a lone JSON scalar, or JSON without its first bracket."""
    try:
        yaml = _yaml(text, name, limits)
    except DocumentError:
        other = _json_if_it_reads(text, limits) if quoted else None
        if other is None:
            raise
        return other
    if yaml.root is None or yaml.root.kind != "scalar":
        return yaml
    other = _json_if_it_reads(text, limits)
    if other and (not other.repairs.losses or (other.root and other.root.kind != "scalar")):
        return other
    raise DocumentError(
        "unreadable-document",
        "the file is plain text, not a JSON or YAML document",
        remedy="give a JSON or YAML document",
        route=Route(name),
        position=Lines(text).position(yaml.root.start),
    )


def _json(text: str, limits: Limits) -> _Attempt:
    """The text as JSON, strict where it is. Raises Broken."""
    try:
        return _Attempt("json", json_strict.loads(text.encode(), limits), None, Repairs())
    except (json_strict.NotPlain, UnicodeEncodeError):
        reading = json_tolerant.read(text, limits)
        return _Attempt("json", reading.value, reading.root, reading.repairs)


def _json_if_it_reads(text: str, limits: Limits) -> _Attempt | None:
    try:
        return _json(text, limits)
    except Broken:
        return None


def _yaml(text: str, name: str, limits: Limits, *, brackets: bool = False) -> _Attempt:
    """The text as YAML; ``brackets`` when it looks like JSON but is none. Raises DocumentError."""
    reader = yaml_text.Reader(text, name, limits)
    try:
        root = reader.read()
    except Broken as broken:
        raise _error_of(broken, text, name) from None
    if brackets:
        if reader.quoted_inside:
            raise _error_of(Broken("unreadable-document", root.start, "neither JSON nor YAML"), text, name)
        message = "the brackets suggest JSON, but some text is not in quotes; the file is read as YAML"
        reader.repairs.add("yaml-flow", root.start, message, "put text in double quotes")
    return _Attempt("yaml", root.value, root, reader.repairs, reader.lines)


def _error_of(broken: Broken, text: str, name: str) -> DocumentError:
    return DocumentError(
        broken.rule,
        broken.message,
        remedy=broken.remedy,
        route=Route(name),
        position=Lines(text).position(broken.offset),
    )


def dump(value: Any) -> bytes:
    """A new JSON document: UTF-8, indented by two spaces, keys in the given order, with a final newline."""
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # orjson refuses integers beyond 64 bits and deep nesting, which JSON has no quarrel with.
        return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
