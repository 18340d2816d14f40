"""Names that a Swagger 2.0 definition needs and a description may lack: of definitions and of operations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from ..openapi2 import made_up_id
from .references import Target

VALID = re.compile(r"[A-Za-z0-9._-]+")
"""Names of definitions that are kept: those that OpenAPI allows for components; they need no escaping."""

NOISE = frozenset({"components", "schemas", "paths", "content", "schema", ""})
"""Keys that say nothing in the name of a definition."""

_OTHER = re.compile(r"[^A-Za-z0-9._-]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SMALL = frozenset({"a", "an", "and", "as", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})


def definition_names(names: Iterable[str]) -> dict[str, str]:
    """Names of component schemas -> names of definitions: valid ones stay, others are made valid and unique."""
    names = list(names)
    out = {name: name for name in names if VALID.fullmatch(name)}
    taken = set(out)
    for name in names:
        if name not in out:
            out[name] = unique(_OTHER.sub("_", name).strip("_") or "schema", taken)
            taken.add(out[name])
    return {name: out[name] for name in names}


def unique(name: str, taken: set[str]) -> str:
    """``name``, or the first of ``name_2``, ``name_3``, … that is not taken."""
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def definition_name(target: Target, main: str, taken: set[str]) -> str:
    """A name for a schema that is no component of the main document (whose file is ``main``).

    It is made of where the schema stands and of nothing else, so that it does not depend on what was met before; where
    that name is taken by another schema, some digits of a digest make it unique.
    """
    file = "" if target.file == main else target.file.rpartition(".")[0] or target.file
    keys = [key for key in (*file.split("/"), *target.fragment.split("/")) if key not in NOISE]
    words = (_OTHER.sub("_", key.replace("~1", "_").replace("~0", "_")).strip("._") for key in keys)
    name = "_".join(word for word in words if word) or "schema"
    if name.casefold() not in taken:
        return name
    digest = hashlib.sha256(f"{target.file}#{target.fragment}".encode()).hexdigest()
    return f"{name}_{digest[:6]}"


def operation_id(method: str, path: str, taken: set[str]) -> str:
    """A new id for an operation: verb and nouns in PascalCase, unique whatever its case; ``taken`` are those that are
    taken, in lower case."""
    made, number = made_up_id(method, path), 1
    candidate = made
    while candidate.lower() in taken:
        number += 1
        candidate = f"{made}_{number}"
    return candidate


def summary_of(id: str, method: str, path: str) -> str:
    """A summary made of an operationId: its words, the first with a capital letter, others in lower case.

    ``listAllUsers`` -> ``List all users``. An id without letters gives the method and the path in words.
    """
    words = _WORDS.findall(id) or [method.lower(), *_WORDS.findall(path)]
    text = " ".join(word if _is_initials(word) else word.lower() for word in words)
    return text[:1].upper() + text[1:]


def _is_initials(word: str) -> bool:
    """Whether a word is written in capital letters on purpose: ``URL``."""
    return len(word) > 1 and word.isupper() and word.lower() not in _SMALL
