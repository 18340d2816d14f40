"""What becomes of each schema keyword that holds no schema.

Steps come in two kinds. A step for a keyword takes the schema that is being made, the keyword, its value and the place
of the schema. A step for a whole schema runs after those, because it looks at several keywords: it takes the schema
that is being made, the schema as it is written and its place. Steps only add to what is being made.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...model import JsonObject
from ..save_rules.patterns import is_readable
from .addresses import as_uri, is_url
from .lowering import Lowering
from .media import written_out
from .place import Place
from .unions import UNIONS, kind_of_value

Step = Callable[[JsonObject, str, Any, Place, Lowering], None]
"""A step for one keyword."""

WholeStep = Callable[[JsonObject, JsonObject, Place, Lowering], None]
"""A step for a whole schema."""

TYPES = frozenset({"string", "number", "integer", "boolean", "object", "array"})
"""Types of Swagger 2.0 schemas."""

NUMBERS = frozenset({"integer", "number"})
"""Types of numbers."""


XML_TYPES: dict[str, type] = {"name": str, "namespace": str, "prefix": str, "attribute": bool, "wrapped": bool}
"""Fields of ``xml`` in Swagger 2.0."""

MOST = 2**53
"""The largest count; larger ones are not whole numbers to every reader of JSON."""


def fits_type(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a type; anything is of an unknown type."""
    found = kind_of_value(value)
    if kind == "number":
        return found in NUMBERS
    if kind == "integer":
        return found == "integer" or (isinstance(value, float) and value.is_integer())
    return found == kind or kind not in TYPES


# Steps for one keyword


def text(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A text stays; null is as good as nothing."""
    if isinstance(value, str):
        out[key] = value
    elif value is not None:
        low.wrong((at, key), "a text", value)


def number(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A number stays."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        out[key] = value
    elif value is not None:
        low.wrong((at, key), "a number", value)


def count(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A count of 0 or more stays."""
    if fits_type(value, "integer") and 0 <= value <= MOST:
        out[key] = int(value)
    elif value is not None:
        low.wrong((at, key), "a whole number of 0 or more", value)


def step_size(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """What numbers are a multiple of stays if it is more than nothing."""
    number(out, key, value, at, low)
    if out.get(key, 1) <= 0:
        low.notes.add("bad-bounds", (at, key), f'"{key}" must be more than 0; it is kept as "x-{key}"')
        out[f"x-{key}"] = out.pop(key)


def pattern(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A regular expression stays if the platform can read it."""
    text(out, key, value, at, low)
    if key in out and not is_readable(out[key]):
        low.notes.add("bad-pattern", (at, key), f'the platform cannot read the pattern; it is kept as "x-{key}"')
        out[f"x-{key}"] = out.pop(key)


def flag(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """True and false stay."""
    if isinstance(value, bool):
        out[key] = value
    elif value is not None:
        low.wrong((at, key), "true or false", value)


def example(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """An example stays, without a reference in its place."""
    out.update((key, one) for one in written_out(value, (at, key), low))


def external_docs(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A link to a page stays, with an absolute URL."""
    docs = low.docs_at({key: value}, at)
    if docs:
        out[key] = docs


def xml(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """What a value is called in XML stays, as far as Swagger 2.0 knows it."""
    if not isinstance(value, dict):
        low.wrong((at, key), "an object", value)
        return
    kept: JsonObject = {}
    for name, child in value.items():
        if name not in XML_TYPES and not name.startswith("x-"):
            unknown(kept, name, child, (at, key), low)
        elif name == "namespace" and isinstance(child, str) and not is_url(child):
            low.notes.add("bad-address", ((at, key), name), f'"{child}" is no address; it is kept as "x-{name}"')
            kept[f"x-{name}"] = child
        elif name == "namespace" and isinstance(child, str):
            kept[name] = as_uri(child)
        elif isinstance(child, XML_TYPES.get(name, object)):
            kept[name] = child
        else:
            low.wrong(((at, key), name), "of another type", child)
    out[key] = kept


def kept_as(name: str) -> Step:
    """A step that keeps a true flag under another name, which the platform does not read."""

    def step(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
        if isinstance(value, bool):
            if value:
                out[name] = True
        elif value is not None:
            low.wrong((at, key), "true or false", value)

    return step


def lost(rule: str, message: str) -> Step:
    """A step that leaves the keyword out with a finding."""

    def step(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
        low.notes.add(rule, (at, key), f'"{key}" {message}')

    return step


def nothing(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """The keyword means nothing by itself, or a later step sees to it."""


def one_type(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """One type stays; lists of types were seen to before."""
    name = value.lower() if isinstance(value, str) else value
    if isinstance(name, str) and name in TYPES:
        out[key] = name
    elif name == "null":
        out["x-nullable"] = True
    elif name is not None:
        low.notes.add("unknown-type", (at, key), f'type "{name}" does not exist; anything is accepted')


def required(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """The names of required properties, each once; an empty list is left out, since Swagger 2.0 forbids it."""
    if not isinstance(value, list):
        low.wrong((at, key), "a list of names", value)
        return
    names = list(dict.fromkeys(name for name in value if isinstance(name, str)))
    if any(not isinstance(name, str) for name in value):
        low.notes.add("wrong-type", (at, key), '"required" holds something that is no name; it is left out')
    if names:
        out[key] = names


def enum(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """Allowed values, each once. Null among them makes the schema nullable."""
    if not isinstance(value, list):
        low.wrong((at, key), "a list", value)
        return
    values = distinct(item for item in value if item is not None)
    if len(values) < len(value) and None in value:
        out["x-nullable"] = True
    if values:
        out[key] = values if len(values) < len(value) else value
    elif not value:
        low.notes.add("wrong-type", (at, key), '"enum" allows no value; it is left out', "list the allowed values")


def distinct(values: Any) -> list[Any]:
    """The values of a list without those that occurred before; ``1`` and ``true`` are different."""
    out: list[Any] = []
    seen: set[Any] = set()
    for value in values:
        mark = (type(value), value) if isinstance(value, (str, int, float)) else None
        if mark is None:
            if value not in out:
                out.append(value)
        elif mark not in seen:
            seen.add(mark)
            out.append(value)
    return out


def nullable(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """``nullable`` is ``x-nullable`` to the platform (reference: extensions, section 2)."""
    if value is True:
        out["x-nullable"] = True
    elif value not in (False, None):
        low.wrong((at, key), "true or false", value)


def reference(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """What should be a reference and is none; references were seen to before."""
    low.wrong((at, key), "a text", value)


def unknown(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A keyword of no known meaning is kept in the form that Swagger 2.0 allows."""
    out[f"x-{key}"] = value
    low.notes.add("unknown-keyword", (at, key), f'"{key}" is no keyword of OpenAPI; it is kept as "x-{key}"')


KEYWORDS: dict[str, Step] = {
    "$ref": reference,
    "type": one_type,
    "enum": enum,
    "required": required,
    "nullable": nullable,
    "example": example,
    "deprecated": kept_as("x-deprecated"),
    "writeOnly": kept_as("x-write-only"),
    "not": lost("not-dropped", "is left out, so more is accepted than the description says"),
    "if": lost("condition-dropped", "is left out with its branches, so more is accepted than the description says"),
    "dependentRequired": lost("condition-dropped", "is left out, so more is accepted than the description says"),
    "dependentSchemas": lost("condition-dropped", "is left out, so more is accepted than the description says"),
    "dependencies": lost("condition-dropped", "is left out, so more is accepted than the description says"),
    "propertyNames": lost("pattern-properties", "is left out, so any name is accepted"),
    "contains": lost("contains-dropped", "is left out, so more is accepted than the description says"),
    "unevaluatedItems": lost("unevaluated-dropped", "is left out, so more is accepted than the description says"),
    "contentSchema": lost("content-dropped", "is left out, so a text of any content is accepted"),
    **dict.fromkeys(("title", "description", "format"), text),
    "pattern": pattern,
    **dict.fromkeys(("minimum", "maximum"), number),
    "multipleOf": step_size,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), count),
    **dict.fromkeys(("readOnly", "uniqueItems"), flag),
    "xml": xml,
    "externalDocs": external_docs,
    **dict.fromkeys(("$schema", "$id", "$anchor", "$comment", "$defs", "$dynamicAnchor", "$vocabulary"), nothing),
    **dict.fromkeys(("definitions", "then", "else", "minContains", "maxContains"), nothing),
}
"""Keywords that hold no schema, or one that is left out, each with its step."""


# Steps for a whole schema


def const(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """A constant is an enum of one; it also says the type where the schema does not."""
    value = schema["const"]
    if value is None:
        out["x-nullable"] = True
        return
    out["enum"] = [value]
    out.setdefault("type", kind_of_value(value))


def exclusive(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """Exclusive bounds as numbers (3.1) become a bound and a flag; as flags (3.0) they stay beside a bound."""
    for key, bound, tighter in (("exclusiveMinimum", "minimum", max), ("exclusiveMaximum", "maximum", min)):
        value = schema.get(key)
        if isinstance(value, bool):
            if value and bound in out:
                out[key] = True
        elif isinstance(value, (int, float)) and math.isfinite(value):
            if tighter(value, out.get(bound, value)) == value:
                out[bound] = value
                out[key] = True
        elif value is not None:
            low.wrong((at, key), "a number, or true or false", value)


BOUNDS = (("minimum", "maximum"), ("minLength", "maxLength"), ("minItems", "maxItems"))
"""Keywords of which the first must not be more than the second."""

LEAST = frozenset(low for low, _ in BOUNDS)
"""The first of them."""


def bounds(out: JsonObject, at: Place, low: Lowering) -> None:
    """Bounds that no value can be between are kept under names that the platform does not read."""
    for least, most in BOUNDS:
        if least in out and most in out and out[least] > out[most]:
            message = f'"{least}" is more than "{most}"; they are kept as "x-{least}" and "x-{most}"'
            low.notes.add("bad-bounds", (at, least), message)
            for key in (least, most, *(("exclusiveMinimum", "exclusiveMaximum") if least == "minimum" else ())):
                if key in out:
                    out[f"x-{key}"] = out.pop(key)


def default(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """A default stays where it fits; null says no more than that null is allowed."""
    value = schema["default"]
    kind, allowed = out.get("type", ""), out.get("enum")
    if value is None:
        out["x-default"] = None
        return
    value = converted(value, kind)
    if fits_type(value, kind) and (allowed is None or value in allowed):
        out["default"] = value
        return
    out["x-default"] = value
    reason = f"is not of type {kind}" if not fits_type(value, kind) else "is none of the allowed values"
    low.notes.add("default-mismatch", (at, "default"), f'the default {reason}; it is kept as "x-default"')


def converted(value: Any, kind: str) -> Any:
    """A scalar as the scalar of another type that means the same, if there is one: ``"10"`` and ``10.0`` -> ``10``."""
    if kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "string" and isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if kind in NUMBERS and isinstance(value, str):
        try:
            found = float(value) if kind == "number" else int(value)
        except ValueError:
            return value
        return found if math.isfinite(found) else value
    return value


def examples(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """The first example is the one that Swagger 2.0 has room for; all are kept beside it when there are more."""
    value = schema["examples"]
    values = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(values, list):
        low.wrong((at, "examples"), "a list", value)
        return
    if values and "example" not in out:
        example(out, "example", values[0], (at, "examples"), low)
    if len(values) > 1:
        out["x-examples"] = value


IDENTITIES = ("binary", "7bit", "8bit")
"""Values of ``contentEncoding`` that say that nothing is encoded (RFC 2045, section 6.2)."""


def content(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """Encoded texts (3.1) become formats where Swagger 2.0 has one: base64 is ``byte``, bytes are ``binary``."""
    encoding, media = schema.get("contentEncoding"), schema.get("contentMediaType")
    if encoding is None or encoding in IDENTITIES:
        if isinstance(media, str) and not media.startswith("text/") and "json" not in media:
            out.setdefault("format", "binary")
        elif media is not None:
            out["x-content-media-type"] = media
        return
    if encoding == "base64":
        out.setdefault("format", "byte")
    else:
        low.notes.add("content-dropped", (at, "contentEncoding"), f'the encoding "{encoding}" is not said any more')
    if media is not None:
        out["x-content-media-type"] = media


def discriminator(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """A discriminator stays where it is a required text property; its mapping becomes the choices of that property.

    Beside a choice it has been used for the choice already.
    """
    if any(key in schema for key in UNIONS):
        return
    value = schema["discriminator"]
    name = value.get("propertyName") if isinstance(value, dict) else None
    if not isinstance(name, str):
        low.wrong((at, "discriminator"), 'an object with "propertyName"', value)
        return
    properties = out.get("properties", {})
    own = properties.get(name, {})
    mapping = value.get("mapping")
    fits = own.get("type") == "string" and name in out.get("required", ())
    if fits:
        out["discriminator"] = name
    if isinstance(mapping, dict) and mapping and own.get("type") == "string" and "enum" not in own:
        out["properties"] = {**properties, name: {**own, "enum": distinct([*mapping, *_unmapped(mapping, at, low)])}}
    if not fits or mapping:
        message = f'which schema belongs to which value of "{name}" is not said any more'
        low.notes.add("discriminator-dropped", (at, "discriminator"), message)


def _unmapped(mapping: JsonObject, at: Place, low: Lowering) -> list[str]:
    """The values of a discriminator that a mapping leaves out: the names of other schemas that are made of this one."""
    holder, name = at if isinstance(at, tuple) else (at, "")
    if holder != low.schemas[1]:
        return []
    mapped = {str(target).rpartition("/")[2] for target in mapping.values()}
    return [heir for heir in low.heirs.get(str(name), ()) if heir not in mapped]


WHOLE: tuple[tuple[frozenset[str], WholeStep], ...] = (
    (frozenset({"exclusiveMinimum", "exclusiveMaximum"}), exclusive),
    (frozenset({"contentEncoding", "contentMediaType"}), content),
    (frozenset({"examples"}), examples),
    (frozenset({"discriminator"}), discriminator),
    (frozenset({"default"}), default),
)
"""Keywords without schemas that are seen to together with others, with their step, in the order of the steps."""
