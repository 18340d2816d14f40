"""What a plain YAML scalar means: the core schema of YAML 1.2 (YAML 1.2.2, section 10.3).

So ``no``, ``on``, ``2024-01-01`` and ``1:30`` are text, ``012`` is twelve and ``0o14`` is twelve too.
"""

from __future__ import annotations

import re
from typing import Any

from .numbers import decimal, integer, not_finite
from .text import Repairs

CONSTANTS = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
NUMBER = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)|0o(?P<octal>[0-7]+)|0x(?P<hexadecimal>[0-9a-fA-F]+)"
    r"|(?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<odd>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
FIRST_OF_NUMBER = frozenset("0123456789.+-")
STANDARD = "tag:yaml.org,2002:"


def plain(source: str, offset: int, repairs: Repairs) -> Any:
    """The value of a plain (unquoted, untagged) scalar at ``offset``."""
    if source in CONSTANTS:
        return CONSTANTS[source]
    match = NUMBER.fullmatch(source) if source[0] in FIRST_OF_NUMBER else None
    if match is None:
        return source
    if match["decimal"]:
        return integer(source, 10, offset, repairs)
    if match["float"]:
        return decimal(source, offset, repairs)
    if match["octal"]:
        return integer(match["octal"], 8, offset, repairs)
    if match["hexadecimal"]:
        return integer(match["hexadecimal"], 16, offset, repairs)
    return not_finite(source, offset, repairs)


def tagged(tag: str, source: str, offset: int, repairs: Repairs) -> Any:
    """The value of a scalar with a tag; a tag that JSON has no type for, or that does not fit, is noted."""
    kind = tag.removeprefix(STANDARD)
    if tag in ("!", STANDARD + "str"):
        return source
    value = plain(source, offset, repairs)
    fitting: dict[str, tuple[type, ...]] = {
        "int": (int,),
        "float": (float, int),
        "bool": (bool,),
        "null": (type(None),),
    }
    types = fitting.get(kind, ()) if tag.startswith(STANDARD) else ()
    if isinstance(value, types) and (kind in ("bool", "null") or not isinstance(value, bool)):
        return float(value) if kind == "float" and isinstance(value, int) and abs(value) < 2**53 else value
    message = f'the tag "{tag.replace(STANDARD, "!!")}" has no meaning here; the value is read without it'
    repairs.add("yaml-tag", offset, message, "remove the tag")
    return value
