"""Tokens of JSON text as people really write it: strict tokens fast, everything else repaired with a note.

This file knows how one token looks. What may follow what is the business of ``json_tolerant``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .numbers import decimal, integer, not_finite
from .text import Broken, Repairs


@dataclass(slots=True)
class Token:
    """One token; ``kind`` is a bracket, colon or comma itself, or one of the names below."""

    kind: str
    """``{ } [ ] : ,``, ``string``, ``value`` (number or literal), ``word`` (anything else), or ``end``."""
    start: int
    end: int
    value: Any = None
    """Decoded string, number or literal."""
    indent: int = -1
    """Width of the white space before it when it is the first on its line, otherwise -1."""


TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
      "([^"\\\x00-\x1f]*+)"
    | ([{}\[\]:,])
    | ("(?:[^"\\\x00-\x1f]++|\\.)*+")
    | (-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![\w.+"-])
    | (true|false|null)(?![\w.+"-])
    )""",
    re.VERBOSE,
)
SPACE = re.compile(r"[ \t\r\n]*+")
ODD_SPACE = re.compile("[\x00-\x20\x7f\x85\xa0\ufeff\u1680\u2000-\u200b\u2028-\u202f\u205f\u2060\u3000]++")
COMMENT = re.compile(r"//[^\r\n]*+|\#(?=[ \t\r\n])[^\r\n]*+|/\*(?s:.*?)\*/")
LENIENT_STRING = re.compile(r'"((?:[^"\\]++|\\(?s:.))*+)"')
SINGLE_QUOTED = re.compile(r"'((?:[^'\\\r\n]++|\\.)*+)'")
CURLY_QUOTED = re.compile('[\u201c\u201d\u201e]([^\u201c\u201d\u201e"\r\n]*+)[\u201c\u201d]')
NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F]++|[0-9]++\.?[0-9]*+(?:[eE][+-]?[0-9]++)?|\.[0-9]++(?:[eE][+-]?[0-9]++)?)"
)
STRICT_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
WORD = re.compile(r"[^\s\"',:{}\[\]]++")
LITERAL = re.compile(r"[+-]?[A-Za-z]++")
FOLLOWER = re.compile(r"[ \t\r\n]*+(?:[,:}\]]|//|/\*|\Z)")
NO_OPENING_QUOTE = re.compile(r'([^"\r\n{}\[\]]++)"(?=[ \t]*+(?:[,}\]\r\n]|\Z))')
KEY_ON_LINE = re.compile(
    r"""
    "([\w$@./{}-]++)                       # what may be a key, and behind its colon
    (?=[ \t]*+:[ \t]*+(?:
      "                                    # a string,
    | [{\[][ \t\r]*+$                     # a bracket at the end of the line,
    | (?:\{\}|\[\]|[\w.-]++)[ \t]*+,?[ \t\r]*+$   # or a whole value there
    ))""",
    re.MULTILINE | re.VERBOSE,
)
REST_OF_LINE = re.compile(r'"([^\r\n]*+)')
CONTROL = re.compile("[\x00-\x1f]")
SURROGATE = re.compile("[\ud800-\udfff]")
ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|((?s:.)))')

LITERALS = {"true": True, "false": False, "null": None, "none": None, "undefined": None}
"""Spelled in any case; the last two are Python's and JavaScript's."""
MORE_WORD = re.compile(r"[\w.+-]")
QUOTE_AND_COLON = re.compile(r'"[ \t]*+:')
NOT_FINITE = frozenset({"nan", "infinity", "inf"})

_loose = json.JSONDecoder(strict=False)


class Scanner:
    """Gives the tokens of a text one after the other, and notes what it repaired."""

    __slots__ = ("_indents", "_repairs", "_text", "at", "key_next")

    def __init__(self, text: str, repairs: Repairs, *, indents: bool) -> None:
        """Takes the text, where to note repairs, and whether tokens need their ``indent``."""
        self._indents = indents
        self._text = text
        self._repairs = repairs
        self.at = 0
        """Where the next token is looked for; may be set back by the reader."""
        self.key_next = False
        """Whether a key is expected; set by the reader, used only where a quote is missing."""

    def next(self) -> Token:
        """The next token. Raises Broken where nothing can be made of the text."""
        begin = self.at
        match = TOKEN.match(self._text, begin)
        if match is None:
            return self._irregular(begin)
        self.at = end = match.end()
        group = match.lastindex
        if group == 1:
            token = Token("string", match.start(1) - 1, end, match.group(1))
        elif group == 2:
            token = Token(match.group(2), end - 1, end)
        else:
            token = self._token(group or 0, match.start(group or 0), end)
        if self._indents:
            token.indent = self._indent(begin, token.start)
        return token

    def _token(self, group: int, start: int, end: int) -> Token:
        """The token of a strict match other than a plain string or a bracket."""
        source = self._text[start:end]
        if group == 3:
            return Token("string", start, end, self._unescape(source[1:-1], start))
        if group == 4:
            return Token("value", start, end, self._number(source, start))
        return Token("value", start, end, LITERALS[source])

    def _indent(self, begin: int, start: int) -> int:
        """Width of the white space before a token that is the first on its line; otherwise -1."""
        line = self._text.rfind("\n", begin, start)
        if line < 0 and begin > 0:
            return -1
        return len(self._text[line + 1 : start].expandtabs(4))

    def _irregular(self, begin: int) -> Token:
        """A token that strict JSON does not have; white space and comments before it are skipped with a note."""
        start = self._skip(begin)
        if start > begin and (match := TOKEN.match(self._text, start)):
            self.at = start
            token = self.next()
            token.indent = self._indent(begin, match.start(match.lastindex or 0))
            return token
        if start == len(self._text):
            self.at = start
            return Token("end", start, start)
        token = self._quoted(start) or self._bare(start)
        token.indent = self._indent(begin, start)
        self.at = token.end
        return token

    def _skip(self, at: int) -> int:
        """The offset behind all white space and comments."""
        text = self._text
        while at < len(text):
            if (space := SPACE.match(text, at)) and space.end() > at:
                at = space.end()
            elif comment := COMMENT.match(text, at):
                self._note("comment", at, "JSON has no comments", "remove it, or put the note in a description")
                at = comment.end()
            elif odd := ODD_SPACE.match(text, at):
                message = f"character U+{ord(text[at]):04X} is no white space in JSON"
                self._note("odd-space", at, message, "replace it by a space")
                at = odd.end()
            elif text.startswith("/*", at):
                raise Broken("unclosed-comment", at, "the comment is not closed", 'write "*/" where it ends')
            else:
                break
        return at

    def _quoted(self, start: int) -> Token | None:
        """A string that strict JSON would refuse."""
        if self._text[start] == '"':
            return self._loose_string(start)
        for pattern, rule in ((SINGLE_QUOTED, "single-quotes"), (CURLY_QUOTED, "curly-quotes")):
            if match := pattern.match(self._text, start):
                self._note(rule, start, "the string is not in straight double quotes", 'write it as "…"')
                inner = match.group(1).replace("\\'", "'")
                inner = re.sub(r'(\\.)|"', lambda quote: quote.group(1) or '\\"', inner)
                return Token("string", start, match.end(), self._unescape(inner, start))
        return None

    def _loose_string(self, start: int) -> Token:
        """A string with raw control characters in it, or one whose closing quote is missing on its line."""
        match = LENIENT_STRING.match(self._text, start)
        if match and ("\n" not in match.group(1) or FOLLOWER.match(self._text, match.end())):
            inner = match.group(1)
            for control in CONTROL.finditer(inner):
                message = f"control character U+{ord(control.group()):04X} inside a string"
                self._note("control-character", start + 1 + control.start(), message, "write it as an escape")
            return Token("string", start, match.end(), self._unescape(inner, start))
        rest = KEY_ON_LINE.match(self._text, start) if self.key_next else None
        rest = rest or REST_OF_LINE.match(self._text, start)
        inner = rest.group(1).rstrip().removesuffix(",") if rest else ""
        end = start + 1 + len(inner)
        self._note("missing-quote", end, "the string is not closed on its line", 'write " where it ends')
        return Token("string", start, end, self._unescape(inner, start))

    def _bare(self, start: int) -> Token:
        """A number or literal in a spelling that JSON does not have, or some other word."""
        text = self._text
        number = NUMBER.match(text, start)
        if number and self._ends(start, number.end()):
            source = number.group()
            strict = STRICT_NUMBER.fullmatch(source)
            value = self._number(source, start) if strict else self._odd_number(source, start)
            return Token("value", start, number.end(), value)
        literal = LITERAL.match(text, start)
        if literal and self._ends(start, literal.end()):
            name = literal.group().lower()
            if name.lstrip("+-") in NOT_FINITE:
                not_finite(literal.group(), start, self._repairs)
                return Token("value", start, literal.end())
            if literal.group() in ("true", "false", "null"):
                return Token("value", start, literal.end(), LITERALS[name])
            if name in LITERALS:
                return Token("word", start, literal.end(), (LITERALS[name],))
        word = WORD.match(text, start)
        return Token("word", start, word.end() if word else start + 1)

    def _ends(self, start: int, end: int) -> bool:
        """Whether a number or literal ends at ``end``, and is not the beginning of text without an opening quote."""
        text = self._text
        if not text.startswith('"', end):
            return not MORE_WORD.match(text, end)
        return not (NO_OPENING_QUOTE.match(text, start) or QUOTE_AND_COLON.match(text, end))

    def mend(self, token: Token) -> bool:
        """Makes a value of a word: a literal in odd spelling, or text without its opening quote; False if neither."""
        if isinstance(token.value, tuple):
            written = self._text[token.start : token.end]
            proper = json.dumps(token.value[0])
            self._note("odd-literal", token.start, f'JSON writes "{written}" as {proper}', f"write {proper}")
            token.kind, token.value = "value", token.value[0]
            return True
        match = NO_OPENING_QUOTE.match(self._text, token.start)
        if match is None:
            return False
        self._note("missing-quote", token.start, "the string has no opening quote", 'write " where it begins')
        token.kind, token.value = "string", self._unescape(match.group(1), token.start)
        token.end = self.at = match.end()
        return True

    def _number(self, source: str, start: int) -> int | float | None:
        """The value of a strict number."""
        if source.lstrip("-").isdigit():
            return integer(source, 10, start, self._repairs)
        return decimal(source, start, self._repairs)

    def _odd_number(self, source: str, start: int) -> int | float | None:
        """The value of a number such as ``01``, ``+1``, ``.5``, ``1.`` or ``0x1F``."""
        self._note("odd-number", start, f'JSON does not write numbers as "{source[:40]}"', "write it in plain digits")
        digits = source.lstrip("+-")
        if digits[:2].lower() == "0x":
            return integer(source.replace(digits[:2], "", 1), 16, start, self._repairs)
        return self._number(source.lstrip("+"), start)

    def _unescape(self, inner: str, start: int) -> str:
        """The characters of a string's inside. What is not possible in JSON or in UTF-8 is repaired with a note."""
        if "\\" not in inner and not CONTROL.search(inner) and not SURROGATE.search(inner):
            return inner
        wrong = [match for match in ESCAPE.finditer(inner) if match.group(1) is not None]
        if wrong or re.search(r"(?<!\\)(?:\\\\)*\\\Z", inner):
            for match in wrong:
                message = f'"{match.group()[:6]}" is no escape; read as a backslash'
                self._note("invalid-escape", start + 1 + match.start(), message, "write the backslash twice")
            inner = ESCAPE.sub(
                lambda match: "\\" + match.group() if match.group(1) is not None else match.group(), inner
            )
            inner = re.sub(r"(?<!\\)((?:\\\\)*)\\\Z", r"\1\\\\", inner)
        value = _loose.decode(f'"{inner}"')
        if SURROGATE.search(value):
            self._note("lone-surrogate", start, "half of a surrogate pair; read as U+FFFD", "write the whole character")
            value = SURROGATE.sub("\ufffd", value)
        assert isinstance(value, str)
        return value

    def _note(self, rule: str, offset: int, message: str, remedy: str) -> None:
        self._repairs.add(rule, offset, message, remedy)
