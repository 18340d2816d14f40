"""Any JSON in any place of a collection: it is imported, or refused with a DocumentError, and never anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV2SpecValidator

from tieline.formats import convert, folder, read_definition
from tieline.formats.postman.texts import is_whole, value_of
from tieline.formats.postman.url import parts_of
from tieline.formats.postman.variables import Met, Variables
from tieline.model import DocumentError
from tieline.source import dump, read

DATA = Path(__file__).parent / "data"
WHOLE = yaml.safe_load((DATA / "whole.yaml").read_text(encoding="utf-8"))
SECRET = "s3cr3t-t0ken-value"

texts = st.text(max_size=6) | st.sampled_from(
    ["{{baseUrl}}", "{{x}}", ":id", "GET", "a/b", "https://h.example.com/p?q=1", "{{$guid}}", "{", "[1]", SECRET]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 999) | st.floats(allow_nan=False, width=16) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
Keys = tuple[str | int, ...]


def nodes(value: Any, keys: Keys = ()) -> list[Keys]:
    """The ways to all values inside a value, its own included."""
    found = [keys]
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            found.extend(nodes(item, (*keys, key)))
    return found


def replaced(value: Any, keys: Keys, new: Any) -> Any:
    """A copy of ``value`` with another value at ``keys``, as far as those exist."""
    if not keys:
        return new
    if isinstance(value, dict) and keys[0] in value:
        return value | {keys[0]: replaced(value[keys[0]], keys[1:], new)}
    if isinstance(value, list):
        return [replaced(item, keys[1:], new) if index == keys[0] else item for index, item in enumerate(value)]
    return value


def changed(value: Any) -> st.SearchStrategy[Any]:
    """``value`` with up to five values inside it replaced, by anything or by what stands elsewhere in it."""
    ways = nodes(value)
    elsewhere = st.sampled_from(ways).map(lambda keys: at(value, keys))
    change = st.tuples(st.sampled_from(ways[1:]), json_values | elsewhere)

    def apply(changes: list[tuple[Keys, Any]]) -> Any:
        result = value
        for keys, new in changes:
            result = replaced(result, keys, new)
        return result

    return st.lists(change, max_size=5).map(apply)


def at(value: Any, keys: Keys) -> Any:
    """The value at ``keys``."""
    for key in keys:
        value = value[key]
    return value


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed(WHOLE))
def test_any_value_anywhere(value: Any) -> None:
    """Such a collection becomes a valid definition that loads without a word and with the operations that reading it
    gives, or is refused with a remedy."""
    try:
        converted = convert(read(dump(value), "c.json"))
    except DocumentError as error:
        refusal = error.finding
        assert refusal.rule in ("not-a-collection", "unsupported-version", "not-an-api-description")
        assert refusal.remedy
        return
    definition = json.loads(converted.files["apiDefinition.swagger.json"])
    assert [str(error) for error in OpenAPIV2SpecValidator(definition).iter_errors()] == []
    connector = folder.read(converted.files)
    assert folder.check(connector) == ()
    again, _ = read_definition(read(dump(value), "c.json"))
    assert list(again.operations) == list(connector.definition.operations)


@pytest.mark.parametrize("around", ["{}", "{} x", "x/{}", "https://{}.example.com/{}", '{{"{}": "{}"}}', "{}: {}"])
def test_a_secret_anywhere(around: str) -> None:
    """A secret of the collection that is repeated in any other text of it does not get out, nor does it break it."""
    text = around.format(SECRET, SECRET)
    for keys in nodes(WHOLE):
        if not isinstance(at(WHOLE, keys), str):
            continue
        value = {**replaced(WHOLE, keys, text)}
        value["variable"] = [*value["variable"], {"key": "apiToken", "value": SECRET, "type": "secret"}]
        try:
            converted = convert(read(dump(value), "c.json"))
        except DocumentError:
            continue
        for data in converted.files.values():
            assert SECRET not in data.decode(), keys
        said = [finding for finding in converted.findings if SECRET in finding.message + finding.remedy]
        assert not said, keys
        definition = json.loads(converted.files["apiDefinition.swagger.json"])
        assert [str(error) for error in OpenAPIV2SpecValidator(definition).iter_errors()] == [], keys


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text('{}":[],/\\ {{x}}1\n', max_size=60))
def test_any_text(text: str) -> None:
    """Any text is taken apart as a URL and filled in, and is JSON or none."""
    parts = parts_of(text)
    assert "\x00" not in "".join(parts)
    met = Met()
    filled = Variables({"x": text}, met).fill(text)
    assert set(filled.unknown) <= set(met.unknown)
    try:
        is_whole(value_of(text))
    except DocumentError as error:
        assert error.finding.rule  # noqa: PT017


@pytest.mark.parametrize("depth", [50, 125])
def test_deep_collections(depth: int, importing: Callable[..., Any]) -> None:
    """Folders inside of folders and values inside of values, as deep as a document may be, are read."""
    item: Any = {"name": "A", "request": {"method": "POST", "url": "https://a.example.com/a", "body": deep(90)}}
    for number in range(depth - 5):
        item = {"name": f"F{number}", "item": [item]}
    result = importing(read(dump({"info": {"name": "T"}, "item": [item]}), "c.json"))
    assert list(result.connector.definition.operations) == ["A"]
    assert "too-deep" in {finding.rule for finding in result.findings}


def deep(levels: int) -> Any:
    """A JSON body of many levels."""
    return {"mode": "raw", "raw": '{"a":' * levels + "1" + "}" * levels}
