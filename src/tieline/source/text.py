"""Bytes to characters and back, lines and columns, and what text is no document at all.

Nothing here knows JSON or YAML. Every byte survives: what cannot be decoded keeps its place, so that an edited
document differs from the author's bytes only where it was edited.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import islice

from ..model import DocumentError, Finding, Position, Route, Severity

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Longest first where one starts like another."""

MAGIC = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x1f\x8b", "a gzip file"),
    (b"BZh", "a bzip2 file"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)
"""How files that are no text at all begin."""

MOST_FINDINGS = 100
"""Findings of one rule in one document; one more says how many were left out."""

MOST_REPAIRS = 100_000
"""Repairs of one document. More of them are no oversight of an author any more."""

LINE_END = re.compile(r"\r\n|\n|\r")
ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
MARKUP = re.compile(r"<(?:[a-z][\w:-]*[\s/>]|!doctype|!--|\?xml)")
SNIPPET_WIDTH = 100


def _windows_1252() -> dict[int, str]:
    """What each byte that is not UTF-8 stands for: its cp1252 character, or its Latin-1 one where cp1252 has none."""
    table = {}
    for byte in range(0x80, 0x100):
        raw = bytes([byte])
        table[0xDC00 + byte] = raw.decode("cp1252", "ignore") or raw.decode("latin-1")
    return table


WINDOWS_1252 = _windows_1252()


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A document's characters. ``raw`` and ``text`` have the same length; they differ in undecodable bytes only."""

    raw: str = field(repr=False)
    """With each undecodable byte as a lone surrogate, so that it can be written back."""
    text: str = field(repr=False)
    """As a person would read it."""
    mark: bytes
    """The byte order mark, or nothing."""
    codec: str
    """How the bytes after the mark are encoded."""

    def encode(self, raw: str) -> bytes:
        """The bytes of an edited ``raw``, with the document's mark and encoding."""
        return self.mark + raw.encode(self.codec, "surrogateescape" if self.codec == "utf-8" else "strict")

    @property
    def ascii_only(self) -> bool:
        """Whether new text must be ASCII, because the document is not in one known encoding."""
        return self.raw != self.text


class Lines:
    """Line and column of each offset of a text, as editors count."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        """Takes the decoded text."""
        self._text = text
        self._starts = [0, *(match.end() for match in LINE_END.finditer(text))]

    def position(self, offset: int) -> Position:
        """The position of the character at ``offset``."""
        line = bisect_right(self._starts, offset)
        return Position(line=line, column=offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """A line (1-based) without its line end; empty when there is none."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        return self._text[self._starts[number - 1] : end].rstrip("\r\n")

    def snippet(self, position: Position) -> str:
        """The source line with a caret below the column; a long line is cut around it."""
        line = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", self.line(position.line))
        column = min(position.column - 1, len(line))
        start = max(0, min(column - SNIPPET_WIDTH // 2, len(line) - SNIPPET_WIDTH))
        shown = line[start : start + SNIPPET_WIDTH]
        before = "…" if start else ""
        after = "…" if start + SNIPPET_WIDTH < len(line) else ""
        return f"{before}{shown}{after}\n{' ' * (len(before) + column - start)}^"


class Broken(Exception):
    """Text that cannot be repaired; becomes the DocumentError of the file when no other reading works."""

    def __init__(self, rule: str, offset: int, message: str, remedy: str = "", *, words: bool = False) -> None:
        """Takes the parts of the error; ``words`` says that unquoted text was met, so it may be YAML after all."""
        super().__init__(message)
        self.rule = rule
        self.offset = offset
        self.message = message
        self.remedy = remedy
        self.words = words


class Repairs:
    """Collects what was repaired in one text; positions are worked out once, at the end."""

    __slots__ = ("_found", "_more", "_total", "losses")

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[int, str, str, Severity]]] = {}
        self._more: dict[str, int] = {}
        self._total = 0
        self.losses = 0
        """How many of them guess at the structure; used to choose between two readings."""

    def add(self, rule: str, offset: int, message: str, remedy: str, severity: Severity = Severity.WARNING) -> None:
        """Notes one repair at an offset. Raises Broken when there are too many."""
        self._total += 1
        if self._total > MOST_REPAIRS:
            message = f"the document needs more than {MOST_REPAIRS} repairs, the next one here: {message}"
            raise Broken("too-many-repairs", offset, message, remedy)
        found = self._found.setdefault(rule, [])
        if len(found) < MOST_FINDINGS:
            found.append((offset, message, remedy, severity))
        else:
            self._more[rule] = self._more.get(rule, 0) + 1

    def more(self, rule: str, count: int) -> None:
        """Notes that a rule has further repairs, which are only counted."""
        if count > 0:
            self._more[rule] = self._more.get(rule, 0) + count

    def full(self, rule: str) -> bool:
        """Whether further repairs of a rule are only counted, so that their message does not matter."""
        return len(self._found.get(rule, ())) >= MOST_FINDINGS

    def duplicate_key(self, key: str, first: int, again: int, lines: Lines) -> None:
        """Notes a key that occurs twice in one object, with both places."""
        there, here = lines.position(first), lines.position(again)
        message = (
            f'key "{key}" occurs twice in one object: at line {there.line}, column {there.column} and again at line '
            f"{here.line}, column {here.column}; the last one counts"
        )
        self.add("duplicate-key", again, message, "remove or rename one of them")

    def include(self, other: Repairs) -> None:
        """Takes over all repairs of another collection."""
        for rule, found in other._found.items():
            for offset, message, remedy, severity in found:
                self.add(rule, offset, message, remedy, severity)
        for rule, count in other._more.items():
            self.more(rule, count)

    def findings(self, lines: Lines | None, name: str) -> tuple[Finding, ...]:
        """The findings in order of the text; ``lines`` may be missing when nothing was repaired."""
        if not self._found or lines is None:
            return ()
        route = Route(name)
        placed: list[tuple[int, Finding]] = []
        for rule, found in self._found.items():
            more = self._more.get(rule, 0)
            if more:
                offset, _, remedy, severity = found[-1]
                found = [*found, (offset, f"{more} more of the same in this file", remedy, severity)]
            for offset, message, remedy, severity in found:
                position = lines.position(offset)
                placed.append(
                    (
                        offset,
                        Finding(
                            rule=rule,
                            route=route,
                            message=message,
                            remedy=remedy,
                            severity=severity,
                            position=position,
                        ),
                    )
                )
        placed.sort(key=lambda pair: pair[0])
        return tuple(finding for _, finding in placed)


def decode(data: bytes, name: str, repairs: Repairs) -> Text:
    """The characters of a document; notes a byte order mark, UTF-16 and bytes that are not UTF-8.

    Raises DocumentError ``not-text`` for files that are no text. Bytes that are not UTF-8 are read as Windows-1252,
    one by one, which leaves what is UTF-8 in the same file as it is (reference: connector-format, section 9).
    """
    mark, codec = _encoding(data)
    for magic, what in MAGIC:
        if data.startswith(magic):
            raise _no_text(name, what)
    body = data[len(mark) :]
    if codec != "utf-8":
        raw = _decode_wide(body, codec, name)
        repairs.add("not-utf-8", 0, f'the file is encoded as "{codec.upper()}"', "save it as UTF-8")
        return Text(raw=raw, text=raw, mark=mark, codec=codec)
    if mark:
        repairs.add("byte-order-mark", 0, "the file begins with a byte order mark", "save it as UTF-8 without BOM")
    try:
        raw = body.decode()
    except UnicodeDecodeError:
        raw = body.decode(errors="surrogateescape")
    if _is_binary(raw):
        raise _no_text(name, "binary data")
    text = raw
    if not raw.isascii() and ESCAPED_BYTE.search(raw):
        text = raw.translate(WINDOWS_1252)
        _note_bytes(raw, repairs)
    return Text(raw=raw, text=text, mark=mark, codec="utf-8")


def _note_bytes(raw: str, repairs: Repairs) -> None:
    """Notes each byte that is not UTF-8; files in Latin-1 have many, so most are only counted."""
    for match in islice(ESCAPED_BYTE.finditer(raw), MOST_FINDINGS):
        code = ord(match.group())
        character = WINDOWS_1252[code]
        shown = f'"{character}"' if character.isprintable() else f"U+{ord(character):04X}"
        message = f"byte 0x{code - 0xDC00:02X} is not UTF-8; read as Windows-1252 {shown}"
        repairs.add("not-utf-8", match.start(), message, "save the file as UTF-8")
    repairs.more("not-utf-8", len(ESCAPED_BYTE.findall(raw)) - MOST_FINDINGS)


def _encoding(data: bytes) -> tuple[bytes, str]:
    """Byte order mark and codec of a document; UTF-16 is recognised without a mark too, by its zero bytes."""
    for mark, codec in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return mark, codec
    head = data[:64]
    even, odd = head[::2], head[1::2]
    if len(head) >= 4 and len(head) % 2 == 0:
        if not any(odd) and all(even):
            return b"", "utf-16-le"
        if not any(even) and all(odd):
            return b"", "utf-16-be"
    return b"", "utf-8"


def _decode_wide(body: bytes, codec: str, name: str) -> str:
    """The characters of UTF-16 or UTF-32; DocumentError when they are not that."""
    try:
        return body.decode(codec)
    except UnicodeDecodeError as error:
        raise DocumentError(
            "unreadable-document",
            f'the file says it is "{codec.upper()}", but byte {error.start} cannot be decoded: {error.reason}',
            remedy="save it as UTF-8",
            route=Route(name),
            position=Position(line=1, column=1),
        ) from None


def _is_binary(text: str) -> bool:
    """Whether a text's beginning has zero bytes, or consists of control characters to more than a tenth."""
    head = text[:1024]
    controls = sum(1 for character in head if character < " " and character not in "\t\n\r\f")
    return "\x00" in head[:64] or controls > max(4, len(head) // 10)


def _no_text(name: str, what: str) -> DocumentError:
    """The error for a file that is no text."""
    return DocumentError(
        "not-text",
        f"the file is no JSON or YAML text; it looks like {what}",
        remedy="give the API description itself, as a JSON or YAML file",
        route=Route(name),
        position=Position(line=1, column=1),
    )


def no_document(text: str, name: str) -> DocumentError | None:
    """The error for text that is plainly no JSON or YAML document: nothing at all, or a web page; otherwise None."""
    start = re.match(r"[\s\ufeff]*", text)
    offset = start.end() if start else 0
    head = text[offset : offset + 512].lower()
    if not head:
        return DocumentError(
            "empty-document",
            "the file is empty",
            remedy="give a JSON or YAML document",
            route=Route(name),
            position=Position(line=1, column=1),
        )
    if not MARKUP.match(head):
        return None
    position = Lines(text[: offset + 1]).position(offset)
    if head.startswith("<!doctype html") or "<html" in head or "<head" in head or "<body" in head:
        return DocumentError(
            "html-page",
            "the file is an HTML page, not a JSON or YAML document",
            remedy="give the address of the document itself, such as the raw file behind a web page; a page may also "
            "be a sign-in form or an error message of the server",
            route=Route(name),
            position=position,
        )
    return DocumentError(
        "unreadable-document",
        "the file is XML or some other markup, not a JSON or YAML document",
        remedy="give a JSON or YAML document",
        route=Route(name),
        position=position,
    )
