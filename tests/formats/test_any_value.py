"""Every reader of this part, given a whole document in which anything may stand in the place of any value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.formats import api_properties, convert, folder, read_definition
from tieline.model import Connector, DocumentError
from tieline.source import dump, read

DATA = Path(__file__).parent / "data"
DEFINITION = yaml.safe_load((DATA / "definition.yaml").read_text(encoding="utf-8"))
PROPERTIES = yaml.safe_load((DATA / "properties.yaml").read_text(encoding="utf-8"))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, width=16) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
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
    """``value`` with up to four values inside it replaced, now and then by references that lead in circles."""
    circles = st.sampled_from([{"$ref": "#/paths"}, {"$ref": "#/definitions/Failure"}, {"$ref": "#"}, {"$ref": ""}])
    change = st.tuples(st.sampled_from(nodes(value)), json_values | circles)

    def apply(changes: list[tuple[Keys, Any]]) -> Any:
        result = value
        for keys, new in changes:
            result = replaced(result, keys, new)
        return result

    return st.lists(change, max_size=4).map(apply)


def looked_at(connector: Connector) -> None:
    """Ask for everything that is made late."""
    folder.check(connector)
    for operation in connector.definition.operations.values():
        for parameter in operation.parameters:
            assert parameter.name
            assert isinstance(parameter.schema.value, dict)
    assert "hush" not in repr(connector)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed(DEFINITION), changed(PROPERTIES))
def test_any_value_anywhere(definition: Any, properties: Any) -> None:
    """Such a folder is a connector, whole, or refused with a DocumentError about its definition."""
    files = {"apiDefinition.swagger.json": dump(definition), "apiProperties.json": dump(properties)}
    try:
        connector = folder.read(files, "X")
    except DocumentError as error:
        refusal = error.finding
        assert refusal.rule in ("not-an-api-description", "unsupported-version")
        assert refusal.remedy
        return
    looked_at(connector)
    assert folder.write(connector) == files


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed(DEFINITION))
def test_any_value_converts(definition: Any) -> None:
    """Such a description becomes a folder that loads with the same operations, or is refused with a DocumentError."""
    try:
        converted = convert(read(dump(definition), "api.json"))
    except DocumentError as error:
        refusal = error.finding
        assert refusal.rule in ("not-an-api-description", "unsupported-version")
        return
    again = folder.read(converted.files)
    before, _ = read_definition(read(dump(definition), "api.json"))
    assert list(again.definition.operations) == list(before.operations)


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_any_value_at_all(value: Any) -> None:
    """Any JSON value is read as properties, and as a definition or refused."""
    api_properties.read(read(dump(value), "apiProperties.json"))
    try:
        looked_at(folder.read({"a.json": dump(value)}, "X"))
    except DocumentError as error:
        refusal = error.finding
        assert refusal.rule in ("no-definition", "unsupported-version")


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["apiDefinition.json", "a.swagger.json", "b.yaml", "Script.cs"]), st.binary(max_size=40)
    )
)
def test_any_bytes(files: dict[str, bytes]) -> None:
    """A folder of any bytes is a connector or refused with a DocumentError that has a remedy."""
    try:
        looked_at(folder.read(files, "X"))
    except DocumentError as error:
        refusal = error.finding
        assert refusal.message
