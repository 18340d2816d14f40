"""Samples: data cases, and any schema at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.mock.sample import Sampler, sample
from tieline.model import Schema
from tieline.pipeline.validate import compile_schema

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "samples.yaml").read_text("utf-8"))

MakeSchema = Callable[..., Schema]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_sample(case: dict[str, Any], make_schema: MakeSchema) -> None:
    """The sample is the expected one, fits, and its findings are the expected ones."""
    schema = make_schema(case["schema"], case.get("definitions"))
    reply = case.get("reply", True)
    sampled = Sampler(reply=reply).sample(schema)
    assert [finding.rule for finding in sampled.findings] == case.get("findings", [])
    if "value" in case:
        assert sampled.value == case["value"]
        assert type(sampled.value) is type(case["value"])
    if not sampled.findings:
        assert compile_schema(schema, "reply" if reply else "request").fits(sampled.value)


def test_samples_are_the_same_every_time(make_schema: MakeSchema) -> None:
    """Two samples of one schema are equal, with and without what the sampler remembers."""
    schema = make_schema({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}})
    sampler = Sampler(reply=True)
    assert sampler.sample(schema).value == sampler.sample(schema).value == sample(schema, reply=True)


def test_wide_schemas_stay_small(make_schema: MakeSchema) -> None:
    """A schema whose full sample would have ten million values gives a small one that fits."""
    definitions: dict[str, Any] = {"L0": {"type": "string"}}
    for level in range(1, 8):
        part = {"$ref": f"#/definitions/L{level - 1}"}
        definitions[f"L{level}"] = {"type": "object", "properties": {f"p{number}": part for number in range(10)}}
    schema = make_schema({"$ref": "#/definitions/L7"}, definitions)
    sampled = Sampler(reply=True).sample(schema)
    assert len(repr(sampled.value)) < 512 * 1024
    assert not sampled.findings


def test_wide_required_schemas_are_given_up(make_schema: MakeSchema) -> None:
    """The same with everything required is said to be too large, and ends soon."""
    definitions: dict[str, Any] = {"L0": {"type": "string"}}
    for level in range(1, 8):
        properties = {f"p{number}": {"$ref": f"#/definitions/L{level - 1}"} for number in range(10)}
        definitions[f"L{level}"] = {"type": "object", "properties": properties, "required": list(properties)}
    sampled = Sampler(reply=True).sample(make_schema({"$ref": "#/definitions/L7"}, definitions))
    assert [finding.rule for finding in sampled.findings] == ["endless-schema"]


def schemas() -> st.SearchStrategy[dict[str, Any]]:
    """Draft 4 schemas that something fits."""
    text = st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 30),
        st.integers(0, 30),
    )
    formats = st.sampled_from(["date-time", "date", "uuid", "email", "uri", "byte", "ipv4", "hostname", "nonsense"])
    formatted = formats.map(lambda name: {"type": "string", "format": name})
    patterns = st.sampled_from(
        ["^[a-z]{2,5}$", r"^\d{3}-\d{4}$", "^(red|green)$", "[A-F0-9]{8}", r"^\S+@\S+$", "x+y?z*"]
    )
    patterned = patterns.map(lambda pattern: {"type": "string", "pattern": pattern})
    whole = st.builds(
        lambda low, more, step: {"type": "integer", "minimum": low, "maximum": low + step + more, "multipleOf": step},
        st.integers(-(10**6), 10**6),
        st.integers(0, 100),
        st.integers(1, 50),
    )
    real = st.builds(
        lambda low, more, flag: {"type": "number", "minimum": low, "maximum": low + more, "exclusiveMinimum": flag},
        st.integers(-1000, 1000),
        st.integers(1, 5),
        st.booleans(),
    )
    chosen = st.lists(st.one_of(st.integers(-(2**60), 2**60), st.text(max_size=5)), min_size=1, max_size=4).map(
        lambda v: {"enum": v}
    )
    leaf = st.one_of(text, formatted, patterned, whole, real, chosen, st.just({"type": "boolean"}))
    return st.recursive(leaf, _nested, max_leaves=12)


def _nested(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    arrays = st.builds(
        lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(0, 3)
    )
    names = st.sampled_from(["a", "b", "c", "id"])
    objects = st.builds(
        lambda properties, required: {
            "type": "object",
            "properties": properties,
            **({"required": wanted} if (wanted := [name for name in properties if name in required]) else {}),
        },
        st.dictionaries(names, inner, max_size=4),
        st.sets(names),
    )
    maps = inner.map(lambda schema: {"type": "object", "additionalProperties": schema})
    joined = st.lists(objects, min_size=1, max_size=1).map(lambda parts: {"allOf": parts})
    options = st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts})
    return st.one_of(arrays, objects, maps, joined, options)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schema=schemas())
def test_any_sample_fits(schema: dict[str, Any], make_schema: MakeSchema) -> None:
    """A sample of any satisfiable schema passes jsonschema-rs as draft 4."""
    validator = jsonschema_rs.Draft4Validator(schema, validate_formats=True)
    value = sample(make_schema(schema), reply=True)
    assert validator.is_valid(value), value


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), st.text(max_size=6)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)),
    max_leaves=8,
)
KEYWORDS = """
    type properties items allOf oneOf required enum minimum maxLength pattern format additionalProperties minItems
    discriminator example default $ref multipleOf maxProperties uniqueItems exclusiveMaximum maximum
"""
keywords = st.sampled_from(KEYWORDS.split())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schema=st.dictionaries(keywords, json_values, max_size=5))
def test_nonsense_gives_some_value(schema: dict[str, Any], make_schema: MakeSchema) -> None:
    """Whatever a schema object holds, there is a sample and no error."""
    assert Sampler(reply=True).sample(make_schema(schema)) is not None
