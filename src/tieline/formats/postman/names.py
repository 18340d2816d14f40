"""Names for people and machines, made of those in a collection: operationIds, summaries, labels, names of parameters.

What lives here is deterministic: the same collection gives the same names.
"""

from __future__ import annotations

import re
from collections.abc import Container

from ..openapi2 import made_up_id
from .variables import VARIABLE

MOST_ID = 80
"""Characters of an operationId; no published connector has more (reference: limits, section 3)."""

MOST_SUMMARY = 80
"""Characters of a summary (reference: limits, section 1)."""

METHODS = frozenset({"GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"})
"""Words of a name that are written like any other word in an operationId."""

RESERVED = frozenset({"connectionid"})
"""Names (lower case) that a path parameter may not have (``ConnectionIdParameterNotAllowed``)."""

_NUMBER = re.compile(r"^[0-9]+[.):]*\s+|^[0-9]+[.):]+")
_URL_LIKE = re.compile(r"^(https?://|/|\{\{[^{}]*\}\}/|[\w.-]+\.[A-Za-z]{2,}/)")
_WORDS = re.compile(r"[A-Za-z0-9]+")
_LABEL_WORDS = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+|[^\W\d_A-Za-z]+")
_RESTRICTED = re.compile(r"[/\\<>*%&?\x00-\x1f]+")
_OTHER = re.compile(r"[^A-Za-z0-9_.-]+")


def plain(name: str) -> str:
    """A name with its variables as words: ``Add {{user}}`` is ``Add user``."""
    return " ".join(VARIABLE.sub(lambda match: match[1].strip().lstrip("$"), name).split())


def operation_id(name: str, method: str, path: str) -> str:
    """An operationId made of the name of a request, in PascalCase, else of its method and path.

    A number in front of a name counts its place and is left out; a name that is a URL says nothing.
    """
    text = _NUMBER.sub("", plain(name))
    words = [] if _URL_LIKE.match(name) or not text.isascii() else _WORDS.findall(text.replace("'", ""))
    made = ""
    for word in words:
        shown = word.capitalize() if word in METHODS else word[0].upper() + word[1:]
        if len(made) + len(shown) > MOST_ID:
            break
        made += shown
    if not made or not made[0].isalpha():
        made = made_up_id(method.lower(), path)[:MOST_ID]
    return _OTHER.sub("", made) or method.capitalize()


def summary(name: str, id: str) -> str:
    """A summary made of the name of a request, without the characters that the platform refuses in it
    (``RestrictedCharactersInSummary``); of an operationId where nothing is left."""
    text = "" if _URL_LIKE.match(name) else " ".join(_RESTRICTED.sub(" ", plain(name)).split())
    text = text or label(id).capitalize()
    if len(text) > MOST_SUMMARY:
        text = text[: MOST_SUMMARY + 1].rpartition(" ")[0] or text[:MOST_SUMMARY]
    return text.rstrip(" .,;:!-") or id


def label(name: str) -> str:
    """A name in title case: ``pageSize`` and ``page_size`` are ``Page Size``."""
    words = _LABEL_WORDS.findall(name)
    return " ".join(word[:1].upper() + word[1:] for word in words)[:MOST_SUMMARY] or name


def parameter_name(name: str, taken: Container[str]) -> str:
    """A name for a path parameter, which is the author's own business, unlike those on the wire; unique."""
    made = _OTHER.sub("_", name.strip().lstrip("$")).strip("_.") or "value"
    if made.lower() in RESERVED:
        made = "connection_id"
    return unique(made, taken)


def unique(name: str, taken: Container[str]) -> str:
    """``name``, or the first of ``name_2``, ``name_3``, … that is not taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
