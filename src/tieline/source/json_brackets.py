"""Brackets that do not match: which one is missing, wrong or too many.

Every function here is asked by the reader at a place where strict JSON would stop. It changes the reader's state and
notes one repair that counts as a guess (``losses``), or raises Broken. Published files that need this miss or repeat
one bracket (reference: connector-format, section 9).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Severity
from .json_tokens import Token
from .text import Broken
from .tree import Member, Node

if TYPE_CHECKING:
    from .json_tolerant import Reader

MOST_GUESSES = 20
"""Bracket repairs in one document; more of them make another document, not a repaired one."""
MOST_UNCLOSED = 3
"""Closing brackets that may be missing at the end; where more are missing, content is missing too."""
LEFTOVER = re.compile(r"[\s,}\]]*+")
QUOTES = "\"'\u201c\u201d"
NAMES = {"}": "object", "]": "array"}


def guess(reader: Reader, rule: str, offset: int, message: str, remedy: str) -> None:
    """Notes a repair of the structure; too many of them are no repair any more."""
    reader.repairs.losses += 1
    if reader.repairs.losses > MOST_GUESSES:
        raise Broken(
            "unbalanced-brackets",
            offset,
            f"brackets do not match here, nor at {MOST_GUESSES} places before",
            "check the brackets from the first place on",
        )
    reader.repairs.add(rule, offset, message, remedy, Severity.ERROR)


def close_unclosed(reader: Reader) -> None:
    """Ends the innermost container where its last member ends, because its own bracket is missing."""
    open_ = reader.top
    begin = reader.lines.position(open_.node.start)
    what = NAMES[open_.closer]
    message = f'"{open_.closer}" is missing here; the {what} begins at line {begin.line}, column {begin.column}'
    end = max(reader.last_end, open_.node.start + 1)
    comma = reader.comma
    guess(reader, f"unclosed-{what}", end, message, f'write "{open_.closer}" here')
    reader.close(end)
    if comma >= 0 and reader.stack:
        reader.comma = comma
        reader.state = "key" if reader.top.is_object else "element"


def extra(reader: Reader, token: Token) -> None:
    """Skips a closing bracket that closes nothing."""
    guess(reader, "extra-bracket", token.start, f'"{token.kind}" closes nothing', "remove it")


def instead(reader: Reader, token: Token) -> None:
    """Takes one closing bracket for the other."""
    open_ = reader.top
    what = NAMES[open_.closer]
    message = f'"{token.kind}" closes the {what} that begins with "{reader.text[open_.node.start]}"'
    guess(reader, "wrong-bracket", token.start, message, f'write "{open_.closer}"')
    reader.close(token.end)


def dedent(reader: Reader, token: Token) -> bool:
    """Closes what the indentation of a line's first token says is over; True when the token is done with.

    A member or element stands deeper than the line of its container's opening bracket, a closing bracket as deep.
    """
    closer = token.kind in NAMES
    while len(reader.stack) > 1:
        indent = reader.top.indent
        if token.indent > indent or (closer and token.indent == indent):
            break
        close_unclosed(reader)
    if not reader.stack:
        return False
    if closer and token.indent > reader.top.indent:
        extra(reader, token)
        return True
    if closer and token.kind != reader.top.closer and token.indent == reader.top.indent:
        instead(reader, token)
        return True
    return False


def wrong_closer(reader: Reader, token: Token) -> None:
    """A closing bracket of the other kind than the innermost container needs."""
    below = reader.stack[-2] if len(reader.stack) > 1 else None
    if below is not None and below.closer == token.kind:
        close_unclosed(reader)
        reader.again(token)
    elif token.kind == "]" and reader.top.node.members and all(open_.is_object for open_ in reader.stack):
        _wrap_last(reader)
        reader.close(token.end)
    else:
        instead(reader, token)


def in_key_place(reader: Reader, token: Token) -> None:
    """An opening bracket, or ``]``, where an object's key is expected."""
    if token.kind == "]":
        wrong_closer(reader, token)
        return
    members = reader.top.node.members
    if len(reader.stack) > 1 and not reader.stack[-2].is_object and members:
        close_unclosed(reader)
        if reader.state == "after":
            reader.note("missing-comma", reader.last_end, '"," is missing between two members', 'write "," there')
            reader.state = "element"
    elif members and members[-1].node.kind != "scalar" and reader.comma >= 0:
        _wrap_last(reader)
        reader.state = "element"
    else:
        message = f'"{token.kind}" stands where a key is expected'
        raise Broken("unbalanced-brackets", token.start, message, "give the key, or check the brackets before it")
    reader.again(token)


def without_colon(reader: Reader, token: Token) -> None:
    """A key that is followed by a comma or a closing bracket: an element of an array whose bracket is missing."""
    open_ = reader.top
    members = open_.node.members
    if token.kind not in (",", "]") or not members or not isinstance(members[-1].node.value, str):
        message = f'after the key "{open_.key}" there is no colon and no value'
        raise Broken("missing-colon", open_.key_end, message, 'write ":" and the value')
    element = Node("scalar", open_.key_start, open_.key_end, open_.key)
    _wrap_last(reader)
    reader.put(element)
    reader.last_end = element.end
    reader.state = "after"
    reader.again(token)


def colon_after_value(reader: Reader, token: Token) -> None:
    """A colon behind a value: what was taken for the value is a key."""
    open_ = reader.top
    last = open_.node.members[-1].node if open_.node.members else None
    if last is None or not isinstance(last.value, str):
        raise Broken(
            "unbalanced-brackets", token.start, "a colon stands behind a value", "check the brackets before it"
        )
    elements = [] if open_.is_object else open_.node.members[:-1]
    below = reader.stack[-2] if len(reader.stack) > 1 else None
    if elements and elements[-1].node.kind == "scalar" and below is not None and below.is_object:
        _give_back_last(reader)
        close_unclosed(reader)
        open_ = reader.top
    else:
        node = Node("object", last.start, value={})
        _replace_last(reader, node)
        guess(reader, "missing-bracket", last.start, '"{" is missing here', 'write "{" here')
        reader.open("{", last.start, node=node)
        open_ = reader.top
    open_.key, open_.key_start, open_.key_end = last.value, last.start, last.end
    reader.state = "value"


def at_end(reader: Reader, token: Token) -> None:
    """The text ends inside containers, behind a whole value."""
    if len(reader.stack) > MOST_UNCLOSED or _ends_in_string(reader):
        raise truncated(reader, token)
    while reader.stack:
        close_unclosed(reader)
    reader.again(token)


def truncated(reader: Reader, token: Token) -> Broken:
    """The error for a text that stops too early."""
    if not reader.stack:
        return Broken("empty-document", token.start, "the file has no value", "give a JSON or YAML document")
    open_ = reader.top
    begin = reader.lines.position(open_.node.start)
    levels = len(reader.stack)
    message = (
        f"the text ends inside {levels} open bracket{'s' if levels > 1 else ''}; the innermost "
        f"{NAMES[open_.closer]} begins at line {begin.line}, column {begin.column}"
    )
    return Broken("truncated-document", token.start, message, "get the whole file, or close the brackets")


def behind_the_end(reader: Reader, token: Token) -> None:
    """Something stands behind the whole value."""
    root = reader.root
    if token.kind == ":" and root is not None and isinstance(root.value, str):
        node = Node("object", root.start, value={})
        reader.root = node
        guess(reader, "missing-bracket", root.start, '"{" is missing here', 'write "{" here')
        reader.open("{", root.start, node=node)
        reader.top.key, reader.top.key_start, reader.top.key_end = root.value, root.start, root.end
        reader.state = "value"
        return
    leftover = LEFTOVER.match(reader.text, token.start)
    if leftover and leftover.end() == len(reader.text):
        shown = "".join(leftover.group().split())[:10]
        guess(reader, "extra-data", token.start, f'"{shown}" behind the end closes nothing', "remove it")
    elif token.kind in (",", "}", "]", ":"):
        raise Broken(
            "unbalanced-brackets",
            token.start,
            "the document ends here by its brackets, but the text goes on",
            "check the brackets before this place: one closes too early, or one too many",
        )
    else:
        size = len(reader.text) - token.start
        message = f"{size} characters behind the end of the document are left out"
        guess(reader, "extra-data", token.start, message, "remove them, or give each document its own file")
    reader.state = ""


def _ends_in_string(reader: Reader) -> bool:
    """Whether the last thing in the text is a string without its closing quote."""
    members = reader.top.node.members
    last = members[-1].node if members else None
    return (
        last is not None
        and isinstance(last.value, str)
        and last.end == len(reader.text.rstrip())
        and reader.text[last.end - 1] not in QUOTES
    )


def _wrap_last(reader: Reader) -> None:
    """Makes the last member's value the first element of an array that stays open: its bracket is missing."""
    last = reader.top.node.members[-1].node
    node = Node("array", last.start, value=[])
    _replace_last(reader, node)
    guess(reader, "missing-bracket", last.start, '"[" is missing here', 'write "[" here')
    reader.open("[", last.start, node=node)
    node.members.append(Member("", last.start, last.start, last))
    node.value.append(last.value)


def _replace_last(reader: Reader, node: Node) -> None:
    """Puts another value in the place of the last member's."""
    holder = reader.top.node
    member = holder.members[-1]
    start = node.start if holder.kind == "array" else member.start
    holder.members[-1] = Member(member.key, start, start if holder.kind == "array" else member.key_end, node)
    holder.value[member.key if holder.kind == "object" else -1] = node.value


def _give_back_last(reader: Reader) -> None:
    """Takes the last element out of the innermost array."""
    node = reader.top.node
    node.members.pop()
    node.value.pop()
    reader.last_end = node.members[-1].node.end
