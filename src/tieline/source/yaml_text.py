"""YAML text to value, tree of places and notes: libyaml's events, with our own meaning for scalars.

Aliases share their value with the anchor; what they would expand to is counted, so a small text cannot stand for a
huge value. Notes follow the JSON reader's: nothing is dropped in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..model import DocumentError, Position, Route, Severity
from .limits import Limits
from .text import Lines, Repairs
from .tree import Member, Node
from .yaml_scalars import plain, tagged

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there; the same events, twenty times slower, where not."""

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that libyaml refuses (YAML 1.2.2, section 5.1)."""

REMEDIES = (
    ("'\\t'", "indent with spaces; YAML has no tabs there"),
    ("mapping values are not allowed", 'put a text with ": " in quotes, or check the indentation'),
    ("undefined alias", "put a text that begins with * in quotes"),
    ("expected alphabetic or numeric character", "put a text that begins with * or & in quotes"),
    ("cannot start any token", "put the text in quotes"),
    ("could not find expected ':'", "check the line before, and quotes that are not closed"),
    ("block end", "check the indentation"),
)
"""What to do about what libyaml says."""


@dataclass(slots=True)
class Weight:
    """What a value comes to when its aliases are expanded."""

    nodes: int = 1
    characters: int = 0
    depth: int = 0

    def add(self, other: Weight) -> None:
        """Adds a member."""
        self.nodes += other.nodes
        self.characters += other.characters
        self.depth = max(self.depth, other.depth + 1)


@dataclass(slots=True)
class Open:
    """A collection that is being read."""

    node: Node
    anchor: str | None
    weight: Weight = field(default_factory=Weight)
    key: tuple[str, int, int, bool] | None = None
    """In a mapping: key, start, end, and whether it is a merge key, when its value comes next."""
    merges: list[Member] = field(default_factory=list)


class Reader:
    """One reading of one YAML text."""

    def __init__(self, text: str, name: str, limits: Limits) -> None:
        """Takes the text, the document's name for errors, and the caps."""
        self.repairs = Repairs()
        self.lines = Lines(text)
        self._text = text
        self._name = name
        self._limits = limits
        self._stack: list[Open] = []
        self._anchors: dict[str, tuple[Node, Weight] | None] = {}
        self._root: Node | None = None
        self.quoted_inside = False
        """Whether a quote stands inside a plain scalar, which in text that looks like JSON means broken JSON."""

    def read(self) -> Node:
        """The root of the first document's tree.

        Raises DocumentError for text that is no YAML or has no value, and for values beyond the limits.
        """
        steps: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._begin,
            yaml.SequenceStartEvent: self._begin,
            yaml.MappingEndEvent: self._finish,
            yaml.SequenceEndEvent: self._finish,
            yaml.AliasEvent: self._alias,
        }
        events = self._events()
        for event in events:
            step = steps.get(type(event))
            if step:
                step(event)
            elif isinstance(event, yaml.DocumentEndEvent):
                break
        if self._root is None:
            raise self._error("empty-document", "the file has no value", 0, "give a JSON or YAML document")
        self._check_rest(events)
        return self._root

    def _events(self) -> Iterator[Any]:
        """libyaml's events of the text, without characters that it refuses; its errors as ours."""
        text = self._text
        for match in FORBIDDEN.finditer(text):
            message = f"character U+{ord(match.group()):04X} is not allowed in YAML; read as a space"
            self.repairs.add("control-character", match.start(), message, "write it as an escape in double quotes")
        try:
            yield from yaml.parse(FORBIDDEN.sub(" ", text), Loader=LOADER)
        except yaml.MarkedYAMLError as error:
            raise self._error_of(error) from None
        except yaml.YAMLError as error:
            raise self._error("unreadable-document", str(error), 0, "give a JSON or YAML document") from None

    def _check_rest(self, events: Iterator[Any]) -> None:
        """Notes that more documents follow the first one."""
        try:
            event = next(events, None)
        except DocumentError as error:
            position = error.finding.position
            where = f"line {position.line}" if position else "the end"
            message = f"what follows the first document cannot be read: {error.finding.message} ({where})"
            self.repairs.add("extra-data", len(self._text), message, error.finding.remedy, Severity.ERROR)
            return
        if isinstance(event, yaml.DocumentStartEvent):
            message = "a second YAML document begins here; only the first one is read"
            offset = event.start_mark.index if event.start_mark else len(self._text)
            self.repairs.add("extra-data", offset, message, "give each document its own file", Severity.ERROR)

    def _scalar(self, event: Any) -> None:
        start, end, source = event.start_mark.index, event.end_mark.index, event.value
        if event.style in ("|", ">"):
            end = start + len(self._text[start:end].rstrip(" \r\n"))
        self.quoted_inside = self.quoted_inside or (not event.style and '"' in source)
        if self._key_expected():
            merge = source == "<<" and event.implicit[0] and event.tag is None
            self._stack[-1].key = (source, start, end, merge)
            self._weigh(self._stack[-1].weight, Weight(nodes=0, characters=len(source)))
            return
        if event.tag is not None:
            value = tagged(event.tag, source, start, self.repairs)
        else:
            value = plain(source, start, self.repairs) if event.implicit[0] else source
        weight = Weight(characters=len(source))
        node = Node("scalar", start, end, value)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, weight)
        self._put(node)
        self._add(weight)

    def _begin(self, event: Any) -> None:
        start = event.start_mark.index
        if self._key_expected():
            raise self._complex_key(start)
        if len(self._stack) >= self._limits.depth:
            raise self._too_deep(start)
        mapping = isinstance(event, yaml.MappingStartEvent)
        if event.tag not in (None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            message = f'the tag "{shown}" has no meaning here; the value is read without it'
            self.repairs.add("yaml-tag", start, message, "remove the tag")
        node = Node("object", start, value={}) if mapping else Node("array", start, value=[])
        node.flow = bool(event.flow_style)
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        self._put(node)
        self._stack.append(Open(node, event.anchor))

    def _finish(self, event: Any) -> None:
        open_ = self._stack.pop()
        node = open_.node
        node.end = event.end_mark.index
        if not node.flow:
            node.end = max((member.node.end for member in node.members[-1:]), default=node.start)
        if open_.merges:
            self._merge(open_)
        if open_.anchor is not None:
            self._anchors[open_.anchor] = (node, open_.weight)
        self._add(open_.weight)

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        target = self._anchors.get(event.anchor, ())
        if target == ():
            message = f'the alias "*{event.anchor}" has no anchor before it'
            raise self._error("unknown-alias", message, start, "put a text that begins with * in quotes")
        if not target:
            message = f'the alias "*{event.anchor}" stands inside its own anchor'
            raise self._error("recursive-alias", message, start, "write the value out, or use $ref")
        anchored, weight = target
        if self._key_expected():
            if anchored.kind != "scalar":
                raise self._complex_key(start)
            self._stack[-1].key = (str(anchored.value), start, end, False)
            return
        node = Node(anchored.kind, start, end, anchored.value)
        node.share(anchored)
        self._put(node)
        self._add(weight)

    def _key_expected(self) -> bool:
        return bool(self._stack) and self._stack[-1].node.kind == "object" and self._stack[-1].key is None

    def _put(self, node: Node) -> None:
        """Gives a value its place in the innermost collection, or makes it the root."""
        if not self._stack:
            self._root = node
            return
        open_ = self._stack[-1]
        holder = open_.node
        if open_.key is None:
            holder.members.append(Member("", node.start, node.start, node))
            holder.value.append(node.value)
            return
        key, start, end, merge = open_.key
        if merge and node.kind != "scalar":
            open_.merges.append(Member(key, start, end, node))
            return
        if key in holder.value:
            self._note_duplicate(holder, key, start)
        holder.members.append(Member(key, start, end, node))
        holder.value[key] = node.value

    def _add(self, weight: Weight) -> None:
        """Counts a value that is whole, and is done with its key."""
        if not self._stack:
            return
        open_ = self._stack[-1]
        open_.key = None
        self._weigh(open_.weight, weight)

    def _weigh(self, holder: Weight, weight: Weight) -> None:
        holder.add(weight)
        offset = self._stack[-1].node.start
        if holder.nodes > self._limits.nodes:
            message = f"the document has more than {self._limits.nodes} values when its aliases are expanded"
            raise self._error("too-many-values", message, offset, "use fewer aliases, or split the document")
        if holder.characters > self._limits.size:
            message = f"the document has more than {self._limits.size} characters when its aliases are expanded"
            raise self._error("too-large", message, offset, "use fewer aliases, or split the document")
        if holder.depth + len(self._stack) - 1 > self._limits.depth:
            raise self._too_deep(offset)

    def _merge(self, open_: Open) -> None:
        """Brings in the members of ``<<``: own keys count before merged ones, earlier maps before later ones."""
        node = open_.node
        merged: dict[str, Member] = {}
        for member in open_.merges:
            sources = (
                [element.node for element in member.node.members] if member.node.kind == "array" else [member.node]
            )
            for source in sources:
                if source.kind != "object":
                    message = "a merge key takes a mapping or a list of mappings; what is no mapping is left out"
                    self.repairs.add("yaml-merge", member.start, message, "merge an alias of a mapping")
                    continue
                for key in source.value:
                    found = source.child(key)
                    if key not in node.value and found is not None:
                        merged.setdefault(key, found)
        node.merged = list(merged.values())
        own = dict(node.value)
        node.value.clear()
        node.value.update((key, member.node.value) for key, member in merged.items())
        node.value.update(own)

    def _note_duplicate(self, holder: Node, key: str, start: int) -> None:
        if self.repairs.full("duplicate-key"):
            first = start
        else:
            first = next(member.start for member in holder.members if member.key == key)
        self.repairs.duplicate_key(key, first, start, self.lines)

    def _complex_key(self, offset: int) -> DocumentError:
        message = "a mapping key is itself a list or a mapping, which JSON does not have"
        return self._error(
            "complex-key", message, offset, "use a text as key; put a key that begins with { or [ in quotes"
        )

    def _too_deep(self, offset: int) -> DocumentError:
        message = f"values are nested more than {self._limits.depth} levels deep"
        return self._error("too-deep", message, offset, "flatten the document")

    def _error_of(self, error: yaml.MarkedYAMLError) -> DocumentError:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and mark and mark.index >= len(self._text.rstrip()):
            mark = error.context_mark
        problem = error.problem or error.context or "the text cannot be read"
        offset = mark.index if mark else 0
        remedy = next((remedy for sign, remedy in REMEDIES if sign in problem), "correct the text there")
        if "nesting depth" in problem:
            return self._too_deep(offset)
        if "\\t" in repr(self._text[offset : offset + 1]):
            remedy = REMEDIES[0][1]
        context = f" {error.context}" if error.context and error.problem else ""
        return self._error("unreadable-document", f"not readable as YAML{context}: {problem}", offset, remedy)

    def _error(self, rule: str, message: str, offset: int, remedy: str) -> DocumentError:
        position: Position = self.lines.position(min(offset, len(self._text)))
        return DocumentError(rule, message, remedy=remedy, route=Route(self._name), position=position)
