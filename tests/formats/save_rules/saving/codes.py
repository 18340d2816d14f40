"""Every save-time rule by its code.

Left out are rules that only certification has (texts, contact, icons: marked E! in the reference), those whose limit is
not published, and warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from . import documents, members, parameters, references, schemas, security
from .api import Api, Keys

RULES = {
    **documents.RULES,
    **members.RULES,
    **parameters.RULES,
    **references.RULES,
    **schemas.RULES,
    **security.RULES,
}
"""Code -> the places of a document that break it."""


class Fault(NamedTuple):
    """One place that breaks a rule."""

    code: str
    keys: Keys
    said: str

    def __str__(self) -> str:
        pointer = "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in self.keys)
        return f"{self.code} {pointer or '/'} {self.said}".strip()


def faults(value: dict[str, Any]) -> Iterator[Fault]:
    """What breaks a rule in a written Swagger value, rule by rule."""
    api = Api(value)
    for code, rule in RULES.items():
        yield from (Fault(code, keys, said) for keys, said in rule(api))
