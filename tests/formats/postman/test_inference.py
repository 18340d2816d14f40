"""Schemas made of values."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats import openapi2
from tieline.formats.postman.inference import Inference
from tieline.formats.postman.texts import format_of
from tieline.pipeline.validate import compile_schema
from tieline.source import dump, read

words = st.text(max_size=8).filter(lambda text: not text.startswith("\x00")) | st.sampled_from(
    ["2024-02-29", "2024-02-29T10:00:00Z", "a@example.com", "https://a.example.com", "", "x"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words | st.sampled_from("abc12"), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(values, min_size=1, max_size=4))
def test_a_schema_takes_what_it_is_made_of(found: list[Any]) -> None:
    """Every value fits the schema that is made of it and of others; what is mixed is said."""
    inference = Inference()
    schema = inference.schema(found)
    operation = {"responses": {"200": {"description": "", "schema": schema}}}
    document = {"swagger": "2.0", "info": {"title": "T"}, "host": "h", "paths": {"/a": {"get": operation}}}
    response = next(iter(openapi2.read(read(dump(document), "x.json")).operations.values())).responses[0]
    assert response.schema is not None
    validator = compile_schema(response.schema, "reply")
    for value in found:
        assert validator.fits(value), (schema, value)
    kinds = {type(value) for value in found if value is not None}
    assert bool(schema) == (kinds in ({bool}, {int}, {float}, {int, float}, {str}, {list}, {dict}))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_formats_of_any_text(text: str) -> None:
    """Any text has one of the formats or none."""
    assert format_of(text) in ("", "date-time", "date", "uuid", "uri", "email")


def test_many_levels() -> None:
    """A value of very many levels gives a schema that stops, and says so."""
    value: Any = 1
    for _ in range(200):
        value = [value]
    inference = Inference()
    assert inference.schema([value])["type"] == "array"
    assert inference.deep
