"""Schemas are counted as the platform counts them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats.refs import LocalRefs
from tieline.formats.schema_counts import COUNTED, SchemaCounts
from tieline.model import DocumentError, Refs, Route

TEXT: dict[str, Any] = {"type": "string"}


def ref(name: str) -> dict[str, Any]:
    """A reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


DEFINITIONS: dict[str, Any] = {
    "Name": TEXT,
    "Item": {"properties": {"a": TEXT, "b": ref("Name")}},
    "Alias": ref("Item"),
    "Tree": {"properties": {"name": TEXT, "left": ref("Tree"), "right": ref("Tree")}},
    "Man": {"properties": {"wife": ref("Woman"), "name": TEXT}},
    "Woman": {"properties": {"husband": ref("Man"), "car": ref("Item")}},
    "Loop": ref("Pool"),
    "Pool": ref("Loop"),
}

CASES: dict[str, tuple[dict[str, Any], int]] = {
    "a scalar": (TEXT, 1),
    "an object": ({"properties": {"a": TEXT, "b": TEXT}}, 3),
    "an array": ({"type": "array", "items": TEXT}, 2),
    "additional properties": ({"additionalProperties": TEXT}, 2),
    "additional properties of any kind": ({"additionalProperties": True}, 1),
    "parts": ({"allOf": [TEXT, {"properties": {"a": TEXT}}]}, 4),
    "a reference is what it leads to": (ref("Name"), 1),
    "a reference to an object": (ref("Item"), 3),
    "the same twice counts twice": ({"properties": {"a": ref("Item"), "b": ref("Item")}}, 7),
    "a reference to a reference": (ref("Alias"), 3),
    "inside itself": (ref("Tree"), 4),
    "inside each other": (ref("Man"), 7),
    "inside each other, from the other side": (ref("Woman"), 7),
    "nowhere": (ref("None"), 1),
    "round in circles": (ref("Loop"), 1),
    "a wrong type": ({"properties": [TEXT], "items": 3, "allOf": {"a": 1}}, 1),
}


def naive(schema: Any, refs: Refs, inside: frozenset[int] = frozenset()) -> int:
    """The count by its definition, without remembering anything."""
    if not isinstance(schema, dict):
        return 0
    target, hops = schema, 0
    while isinstance(text := target.get("$ref"), str):
        hops += 1
        try:
            target = refs.resolve(text)[0]
        except DocumentError:
            return 1
        if hops > 30 or not isinstance(target, dict):
            return 1
    if target is not schema:
        return 1 if id(target) in inside else naive(target, refs, inside | {id(target)})
    found = [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
    found += [schema.get("items"), schema.get("additionalProperties")]
    return 1 + sum(naive(child, refs, inside) for child in found)


@pytest.mark.parametrize("name", CASES)
def test_count(name: str) -> None:
    """Each schema counts 1, a reference what it leads to, and 1 where that is around it."""
    schema, expected = CASES[name]
    assert SchemaCounts(LocalRefs({"definitions": DEFINITIONS}, Route())).of(schema) == expected


NAMES = st.sampled_from("ABCDE")
SCHEMAS = st.recursive(
    st.one_of(st.just(TEXT), NAMES.map(ref)),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
            "items": inner,
            "additionalProperties": inner,
            "allOf": st.lists(inner, max_size=2),
        },
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys("ABCDE", SCHEMAS)), SCHEMAS)
def test_counts_are_exact(definitions: dict[str, Any], schema: dict[str, Any]) -> None:
    """Whatever leads to whatever, the count is that of its definition, up to where counting ends."""
    refs = LocalRefs({"definitions": definitions}, Route())
    counts = SchemaCounts(refs)
    for one in (schema, *definitions.values(), *(ref(name) for name in definitions)):
        assert counts.of(one) == min(naive(one, refs), COUNTED)


def test_counting_ends() -> None:
    """A definition made to explode is counted to the end of counting, at once, and so is one made of circles."""
    wide = {f"D{level}": {"properties": {"a": ref(f"D{level + 1}"), "b": ref(f"D{level + 1}")}} for level in range(60)}
    names = [f"C{number}" for number in range(60)]
    dense = {name: {"properties": {other: ref(other) for other in names}} for name in names}
    deep = {f"L{level}": {"items": ref(f"L{level + 1}")} for level in range(20_000)}
    counts = SchemaCounts(LocalRefs({"definitions": {**wide, **dense, **deep}}, Route()))
    started = time.perf_counter()
    assert counts.of(ref("D0")) == COUNTED
    assert counts.of(ref("C0")) == COUNTED
    assert counts.of(ref("L0")) == COUNTED
    assert time.perf_counter() - started < 20
