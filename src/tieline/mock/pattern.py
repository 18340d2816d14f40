"""A text that a regular expression matches, for sample values.

What lives here: a small reader of regular expressions and what makes a text of one. What must not: checking.
Lookarounds and anchors are read over, so whoever uses the text must test it against the expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_PATTERN = 2_000
"""Characters of an expression that is looked at; the longest of the corpus has 240."""
LONGEST_TEXT = 20_000
"""Characters of a text that is made."""
DEEPEST = 60
"""Levels of groups."""

Ranges = tuple[tuple[int, int], ...]

DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((97, 122), (65, 90), (48, 57), (95, 95))
SPACE: Ranges = ((32, 32), (9, 13))
CLASSES = {"d": DIGIT, "w": WORD, "s": SPACE}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
HEX = frozenset("0123456789abcdefABCDEF")
FAVOURITES = "a1A0bB2-_. x@/:"
"""Characters to take where a class allows several: those that read well first."""


@dataclass(frozen=True, slots=True)
class Text:
    """Fixed text; empty for what has no width."""

    text: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]
    group: int = 0
    """Number of the capturing group; 0 for none."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """One part several times."""

    part: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Back:
    """The text of a group once more."""

    group: int


Node = Text | Sequence | Repeat | Back


class Unreadable(Exception):
    """The expression uses something that is not read here, or is larger than the caps."""


def texts(pattern: str, *, least: int = 0) -> Iterator[str]:
    """Texts that ``pattern`` probably matches: the shortest, then one of at least ``least`` characters.

    Nothing comes for an expression that cannot be read. Alternatives are taken by their first.
    """
    try:
        tree = _Reader(pattern).whole()
        shortest = _Writer(0).write(tree)
        yield shortest
        if len(shortest) < least <= LONGEST_TEXT:
            yield _Writer(least - len(shortest)).write(tree)
    except (Unreadable, RecursionError):
        return


@dataclass(slots=True)
class _Writer:
    """Makes a text of a tree; ``more`` characters beyond the shortest are put where a repetition has room."""

    more: int
    size: int = 0
    groups: dict[int, str] = field(default_factory=dict)

    def write(self, node: Node) -> str:
        """The text of a node."""
        match node:
            case Text():
                return node.text
            case Back():
                return self.groups.get(node.group, "")
            case Repeat():
                return self._repeated(node)
            case Sequence():
                text = "".join([self.write(part) for part in node.parts])
                self.groups[node.group] = text
                return text

    def _repeated(self, node: Repeat) -> str:
        once = self.write(node.part) if node.least or self.more > 0 else ""
        times = node.least
        if once and self.more > 0:
            wanted = -(-self.more // len(once))
            extra = wanted if node.most is None else min(wanted, node.most - node.least)
            times += extra
            self.more -= extra * len(once)
        self.size += times * len(once)
        if self.size > LONGEST_TEXT:
            raise Unreadable
        return once * times


class _Reader:
    """Recursive descent over one expression."""

    __slots__ = ("at", "depth", "groups", "pattern")

    def __init__(self, pattern: str) -> None:
        """Takes the expression."""
        if len(pattern) > LONGEST_PATTERN:
            raise Unreadable
        self.pattern = pattern
        self.at = 0
        self.depth = 0
        self.groups = 0

    def whole(self) -> Node:
        """The tree of the whole expression."""
        tree = self._alternatives()
        if self.at < len(self.pattern):
            raise Unreadable
        return tree

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise Unreadable
        self.at += 1
        return self.pattern[self.at - 1]

    def _skip(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def _alternatives(self, group: int = 0) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable
        branches = [self._sequence()]
        while self._skip("|"):
            branches.append(self._sequence())
        self.depth -= 1
        return Sequence((branches[0],), group)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while (char := self._peek()) and char not in "|)":
            parts.append(self._quantified(self._atom()))
        return Sequence(tuple(parts))

    def _quantified(self, atom: Node) -> Node:
        bounds = self._bounds()
        if bounds is None:
            return atom
        if self._peek() and self._peek() in "?+":
            self.at += 1  # lazy and possessive: the same texts
        return Repeat(atom, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if (char := self._peek()) in simple:
            self.at += 1
            return simple[char]
        end = self.pattern.find("}", self.at)
        if char != "{" or end < 0:
            return None
        low, comma, high = self.pattern[self.at + 1 : end].partition(",")
        if not all(text == "" or (text.isascii() and text.isdigit()) for text in (low, high)) or low + high == "":
            return None
        self.at = end + 1
        least = int(low or 0)
        most = (int(high) if high else None) if comma else least
        if most is not None and most < least:
            raise Unreadable
        return least, most

    def _atom(self) -> Node:
        char = self._next()
        match char:
            case "^" | "$":
                return Text("")
            case ".":
                return Text("a")
            case "(":
                return self._group()
            case "[":
                return Text(self._class())
            case "\\":
                return self._escape()
        return Text(char)

    def _group(self) -> Node:
        zero_width = self._skip("?=") or self._skip("?!") or self._skip("?<=") or self._skip("?<!")
        number = 0
        if not zero_width and not self._skip("?:"):
            if self._skip("?"):
                self._named()
            self.groups += 1
            number = self.groups
        inner = self._alternatives(number)
        if self._next() != ")":
            raise Unreadable
        return Text("") if zero_width else inner

    def _named(self) -> None:
        if self._next() != "<":
            raise Unreadable
        while self._next() != ">":
            pass

    def _escape(self) -> Node:
        char = self._next()
        if char in "bBAZzG":
            return Text("")
        if char in "123456789":
            return Back(int(char))
        if (ranges := self._shorthand(char)) is not None:
            return Text(_pick(*ranges))
        return Text(self._escaped(char))

    def _shorthand(self, char: str) -> tuple[Ranges, bool] | None:
        """Ranges and whether they are meant inverted, for ``\\d`` and its like."""
        if char.lower() in CLASSES:
            return CLASSES[char.lower()], char.isupper()
        if char in "pP":
            if self._next() != "{":
                raise Unreadable
            while self._next() != "}":
                pass
            return (((97, 122),), char == "P")  # a property of characters: most that are used include letters
        return None

    def _escaped(self, char: str) -> str:
        digits = {"x": 2, "u": 4}.get(char)
        if digits is None:
            return CONTROLS.get(char, char)
        code = self.pattern[self.at : self.at + digits]
        if len(code) < digits or not all(digit in HEX for digit in code):
            raise Unreadable
        self.at += digits
        return chr(int(code, 16))

    def _class(self) -> str:
        inverted = self._skip("^")
        ranges: list[tuple[int, int]] = []
        while self._peek() != "]":
            ranges.extend(self._member())
        self.at += 1
        return _pick(tuple(ranges), inverted)

    def _member(self) -> Ranges:
        low = self._class_char()
        if not isinstance(low, str):
            return low
        if self._peek() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return ((ord(low), ord(low)),)
        self.at += 1
        high = self._class_char()
        if not isinstance(high, str):
            return ((ord(low), ord(low)), (45, 45), *high)
        if ord(high) < ord(low):
            raise Unreadable
        return ((ord(low), ord(high)),)

    def _class_char(self) -> str | Ranges:
        char = self._next()
        if char != "\\":
            return char
        char = self._next()
        shorthand = self._shorthand(char)
        if shorthand is None:
            return "\b" if char == "b" else self._escaped(char)
        ranges, inverted = shorthand
        return _inverse(ranges) if inverted else ranges


def _inverse(ranges: Ranges) -> Ranges:
    out: list[tuple[int, int]] = []
    start = 32
    for low, high in sorted(ranges):
        if low > start:
            out.append((start, low - 1))
        start = max(start, high + 1)
    return (*out, (start, 0x2FF)) if start <= 0x2FF else tuple(out)


def _pick(ranges: Ranges, inverted: bool) -> str:
    """One character of (or, inverted, outside) the ranges; a favourite where that is possible."""
    allowed = _inverse(ranges) if inverted else ranges
    for char in FAVOURITES:
        if any(low <= ord(char) <= high for low, high in allowed):
            return char
    if not allowed:
        raise Unreadable
    return chr(allowed[0][0])
