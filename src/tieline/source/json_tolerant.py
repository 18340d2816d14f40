"""JSON text as published files have it: value, tree of places, and a note for every repair.

One pass over the text, without recursion. When brackets do not match, the text is read a second time with its
indentation as a guide; the reading that has to guess less is taken. What brackets may stand in for which is the
business of ``json_brackets``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import json_brackets
from .json_tokens import Scanner, Token
from .limits import Limits
from .text import Broken, Lines, Repairs
from .tree import Member, Node

KEY_WITH_COLON = re.compile(r'"([\w$@./{}-]++)[ \t]*+:[ \t{\[]*+"')
BARE_KEY = re.compile(r"[\w$@/][\w$@./{}-]*+")
STRAY_QUOTE = re.compile(r'"?[ \t]*+:')
COLON_NEXT = re.compile(r"[ \t\r\n]*+:")
CLOSES = {"{": "}", "[": "]"}


@dataclass(slots=True)
class Open:
    """A container that is being read."""

    node: Node
    closer: str
    indent: int
    """Indentation of the line that it begins on."""
    key: str = ""
    """In an object: the key whose value comes next."""
    key_start: int = 0
    key_end: int = 0
    starts: dict[str, int] | None = None
    """In an object: where each key stands, to find those that occur twice."""

    @property
    def is_object(self) -> bool:
        """Whether it is an object."""
        return self.closer == "}"


class Reader:
    """One reading of one text. ``state`` is what may come next: value, key, colon, element, after, or end."""

    def __init__(self, text: str, limits: Limits, *, guided: bool) -> None:
        """``guided``: let the indentation decide which bracket belongs to which."""
        self.text = text
        self.limits = limits
        self.guided = guided
        self.repairs = Repairs()
        self.scanner = Scanner(text, self.repairs, indents=guided)
        self.stack: list[Open] = []
        self.root: Node | None = None
        self.state = "value"
        self.comma = -1
        """Offset of the comma just read, or -1."""
        self.last_end = 0
        """Offset behind the last value or closer."""
        self._nodes = 0
        self._line_indent = 0
        self._lines: Lines | None = None
        self._held: Token | None = None

    @property
    def lines(self) -> Lines:
        """Lines of the text, counted when first asked for."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines

    @property
    def top(self) -> Open:
        """The innermost open container."""
        return self.stack[-1]

    def read(self) -> Node:
        """The root of the tree. Raises Broken when the text cannot be repaired."""
        steps: dict[str, Callable[[Token], None]] = {
            "value": self.value,
            "key": self._key,
            "colon": self._colon,
            "element": self._element,
            "after": self._after,
            "end": self._end,
        }
        while self.state:
            self.scanner.key_next = self.state == "key"
            token = self._held or self.scanner.next()
            self._held = None
            if token.indent >= 0:
                self._line_indent = token.indent
                if self.guided and self.state in ("key", "element", "after") and json_brackets.dedent(self, token):
                    continue
            steps[self.state](token)
        assert self.root is not None
        return self.root

    def again(self, token: Token) -> None:
        """Reads a token once more, in the state that holds now."""
        self._held = token

    def note(self, rule: str, offset: int, message: str, remedy: str) -> None:
        """Notes a repair."""
        self.repairs.add(rule, offset, message, remedy)

    # -- what may come next -------------------------------------------------------------------------------------------

    def value(self, token: Token) -> None:
        """A value must come."""
        if token.kind == "string" or token.kind == "value" or (token.kind == "word" and self.scanner.mend(token)):
            self.put(Node("scalar", token.start, token.end, token.value))
            self.last_end = token.end
            self.state = "after" if self.stack else "end"
        elif token.kind in CLOSES:
            self.open(token.kind, token.start)
        elif token.kind == "word":
            raise self._unquoted(token)
        elif token.kind == "end":
            raise json_brackets.truncated(self, token)
        else:
            what = (
                f'after "{self.top.key}" there is no value'
                if self.stack and self.top.is_object
                else "there is no value"
            )
            raise Broken("missing-value", token.start, f'{what} before "{token.kind}"', "give a value, or null")

    def _key(self, token: Token) -> None:
        """In an object, behind its bracket or a comma."""
        kind = token.kind
        if kind == "string":
            self._set_key(token.value, token)
        elif kind == "}":
            self._trailing_comma()
            self.close(token.end)
        elif kind == ",":
            self._extra_comma(token)
        elif kind in ("word", "value"):
            self._bare_key(token)
        elif kind == ":":
            raise Broken("missing-key", token.start, "there is no key before the colon", "give the key")
        elif kind == "end":
            raise json_brackets.truncated(self, token)
        else:
            json_brackets.in_key_place(self, token)

    def _colon(self, token: Token) -> None:
        """Behind a key."""
        open_ = self.top
        if token.kind == ":":
            self.state = "value"
        elif glued := KEY_WITH_COLON.fullmatch(self.text, open_.key_start, open_.key_end):
            self.note("missing-quote", glued.end(1), "the key is not closed", 'write " before the colon')
            open_.key, open_.key_end = glued.group(1), glued.end(1)
            self.scanner.at = glued.end(1)
        elif token.kind in ("string", "value", "{", "["):
            self.note("missing-colon", open_.key_end, f'":" is missing after "{open_.key}"', 'write ":" there')
            self.state = "value"
            self.again(token)
        elif token.kind == "end":
            raise json_brackets.truncated(self, token)
        else:
            json_brackets.without_colon(self, token)

    def _element(self, token: Token) -> None:
        """In an array, behind its bracket or a comma."""
        if token.kind == "]":
            self._trailing_comma()
            self.close(token.end)
        elif token.kind == ",":
            self._extra_comma(token)
        elif token.kind == "}":
            json_brackets.wrong_closer(self, token)
        elif token.kind == "end":
            raise json_brackets.truncated(self, token)
        else:
            self.value(token)

    def _after(self, token: Token) -> None:
        """In a container, behind a value."""
        open_ = self.top
        kind = token.kind
        if kind == ",":
            self.comma = token.start
            self.state = "key" if open_.is_object else "element"
        elif kind == open_.closer:
            self.close(token.end)
        elif kind in "}]":
            json_brackets.wrong_closer(self, token)
        elif kind == ":":
            json_brackets.colon_after_value(self, token)
        elif kind == "end":
            json_brackets.at_end(self, token)
        elif open_.is_object and kind in "{[":
            json_brackets.in_key_place(self, token)
        else:
            self._missing_comma(token)

    def _end(self, token: Token) -> None:
        """Behind the whole value."""
        if token.kind == "end":
            self.state = ""
        else:
            json_brackets.behind_the_end(self, token)

    # -- steps --------------------------------------------------------------------------------------------------------

    def open(self, bracket: str, start: int, *, node: Node | None = None) -> None:
        """Begins a container at ``start``; ``node`` when it has taken its place in the tree already."""
        if len(self.stack) >= self.limits.depth:
            message = f"values are nested more than {self.limits.depth} levels deep"
            raise Broken("too-deep", start, message, "flatten the document")
        if node is None:
            node = Node("object", start, value={}) if bracket == "{" else Node("array", start, value=[])
            self.put(node)
        starts: dict[str, int] | None = {} if bracket == "{" else None
        self.stack.append(Open(node, CLOSES[bracket], self._line_indent, starts=starts))
        self.comma = -1
        self.state = "key" if bracket == "{" else "element"

    def put(self, node: Node) -> None:
        """Gives a value its place: in the innermost container, or as the root."""
        self._nodes += 1
        if self._nodes > self.limits.nodes:
            message = f"the document has more than {self.limits.nodes} values"
            raise Broken("too-many-values", node.start, message, "split it")
        self.comma = -1
        if not self.stack:
            self.root = node
            return
        open_ = self.top
        if open_.starts is not None:
            self._put_member(open_, open_.starts, node)
        else:
            open_.node.members.append(Member("", node.start, node.start, node))
            open_.node.value.append(node.value)

    def _put_member(self, open_: Open, starts: dict[str, int], node: Node) -> None:
        key = open_.key
        first = starts.get(key)
        if first is None:
            starts[key] = open_.key_start
        else:
            self.repairs.duplicate_key(key, first, open_.key_start, self.lines)
        open_.node.members.append(Member(key, open_.key_start, open_.key_end, node))
        open_.node.value[key] = node.value

    def close(self, end: int) -> None:
        """Ends the innermost container at ``end``."""
        self.stack.pop().node.end = end
        self.last_end = end
        self.comma = -1
        self.state = "after" if self.stack else "end"

    def _set_key(self, key: str, token: Token) -> None:
        open_ = self.top
        open_.key, open_.key_start, open_.key_end = key, token.start, token.end
        self.state = "colon"

    def _bare_key(self, token: Token) -> None:
        """A key without quotes, or one that lacks its opening quote."""
        match = BARE_KEY.match(self.text, token.start)
        if match and (stray := STRAY_QUOTE.match(self.text, match.end())):
            quoted = stray.group().startswith('"')
            rule = "missing-quote" if quoted else "unquoted-key"
            self.note(rule, token.start, f'the key "{match.group()}" is not in quotes', 'write it as "…"')
            token.end = match.end() + (1 if quoted else 0)
        elif token.kind == "value" and COLON_NEXT.match(self.text, token.end):
            self.note("unquoted-key", token.start, "the key is not in quotes", 'write it as "…"')
        else:
            raise self._unquoted(token)
        self.scanner.at = token.end
        self._set_key(self.text[token.start : token.end].rstrip('"'), token)

    def _trailing_comma(self) -> None:
        if self.comma >= 0:
            remedy = "remove it"
            self.note("trailing-comma", self.comma, "a comma stands behind the last member", remedy)

    def _extra_comma(self, token: Token) -> None:
        self.note("extra-comma", token.start, "a comma stands where a member is expected", "remove it")

    def _missing_comma(self, token: Token) -> None:
        """A value stands where a comma is expected."""
        open_ = self.top
        if open_.is_object and token.kind == "value" and not COLON_NEXT.match(self.text, token.end):
            raise self._unquoted(token)
        if token.kind == "word" and token.start == self.last_end and self._split_string():
            return
        if token.kind == "word" and not BARE_KEY.match(self.text, token.start):
            raise self._unquoted(token)
        self.note("missing-comma", self.last_end, '"," is missing between two members', 'write "," there')
        self.state = "key" if open_.is_object else "element"
        self.again(token)

    def _split_string(self) -> bool:
        """Ends the last string before a comma inside it, because its quote is missing there; False if it cannot be."""
        holder = self.top.node
        last = holder.members[-1].node if holder.members else None
        if last is None or not isinstance(last.value, str):
            return False
        inside = self.text[last.start + 1 : last.end - 1]
        outside = inside.rstrip(" \t")
        if not outside.endswith(","):
            return False
        own = outside[:-1].rstrip(" \t}]")
        last.value = last.value[: len(last.value) - len(inside) + len(own)]
        last.end = self.last_end = self.scanner.at = last.start + 1 + len(own)
        holder.value[holder.members[-1].key if holder.kind == "object" else -1] = last.value
        self.note("missing-quote", last.end, "the string is not closed", 'write " where it ends')
        return True

    def _unquoted(self, token: Token) -> Broken:
        shown = self.text[token.start : min(token.end, token.start + 40)]
        remedy = "put text in double quotes, or remove what does not belong there"
        return Broken("unreadable-document", token.start, f'unexpected text "{shown}"', remedy, words=True)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the tree with its value, and the repairs."""

    root: Node
    repairs: Repairs

    @property
    def value(self) -> Any:
        """The JSON value."""
        return self.root.value


def read(text: str, limits: Limits) -> Reading:
    """Reads JSON text and repairs it where needed. Raises Broken, with the offset of the trouble, when it cannot."""
    first = Reader(text, limits, guided=False)
    failure: Broken | None = None
    try:
        root = first.read()
        if not first.repairs.losses:
            return Reading(root, first.repairs)
    except Broken as broken:
        failure = broken
    if failure is not None and failure.rule in ("too-deep", "too-many-values", "too-many-repairs"):
        raise failure
    second = Reader(text, limits, guided=True) if "\n" in text else None
    try:
        guided = second.read() if second else None
    except Broken:
        guided = None
    if second and guided and (failure or second.repairs.losses <= first.repairs.losses):
        return Reading(guided, second.repairs)
    if failure:
        raise failure
    return Reading(root, first.repairs)
