"""Descriptions made at random around callbacks and read-only properties: what is promised of the outcome holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tieline.formats import openapi3
from tieline.model import OperationKind
from tieline.source import dump, read

NAMES = ["A", "B", "C", "D"]
PROPERTIES = ["url", "data", "id"]

quiet = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))

leaves = st.fixed_dictionaries(
    {"type": st.sampled_from(["string", "string", "integer"])},
    optional={
        "readOnly": st.just(True),
        "writeOnly": st.just(True),
        "format": st.just("uri"),
        "x-ms-notification-url": st.just(True),
    },
)
references = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in NAMES])


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects."""
    properties = st.fixed_dictionaries({}, optional={name: st.one_of(leaves, inner) for name in PROPERTIES})
    required = st.lists(st.sampled_from(PROPERTIES), min_size=1, max_size=3, unique=True)
    return st.fixed_dictionaries({"type": st.just("object"), "properties": properties, "required": required})


def _holders(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects, lists and wholes of several parts."""
    objects = _objects(inner)
    wholes = st.fixed_dictionaries(
        {"allOf": st.lists(inner, min_size=1, max_size=3)},
        optional={"required": st.just(["id"]), "readOnly": st.booleans()},
    )
    return st.one_of(objects, objects, wholes, st.fixed_dictionaries({"type": st.just("array"), "items": inner}))


schemas = st.recursive(st.one_of(leaves, references), _holders, max_leaves=6)
bodies = st.one_of(_objects(schemas), _objects(schemas), references, _holders(schemas))


def _content(schema: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A JSON body of a schema."""
    return st.builds(lambda found: {"content": {"application/json": {"schema": found}}}, schema)


callbacks = st.dictionaries(
    st.sampled_from(["{$request.body#/url}", "{$request.body#/data/url}", "{$request.query.url}", "{url}"]),
    st.fixed_dictionaries({"post": st.fixed_dictionaries({}, optional={"requestBody": _content(schemas)})}),
    min_size=1,
    max_size=2,
)
operations = st.fixed_dictionaries(
    {
        "operationId": st.just("Add"),
        "requestBody": _content(bodies),
        "callbacks": st.dictionaries(st.sampled_from(["made", "gone"]), callbacks, min_size=1),
        "responses": st.builds(lambda body: {"200": {"description": "OK", **body}}, _content(schemas)),
    }
)
descriptions = st.builds(
    lambda operation, components: {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/hooks": {"post": operation}},
        "components": {"schemas": components},
    },
    operations,
    st.fixed_dictionaries({name: st.one_of(_objects(schemas), bodies, leaves) for name in NAMES}),
)


@quiet
@given(descriptions)
def test_a_trigger_has_its_url_marked_and_no_callback_is_lost(description: dict[str, Any]) -> None:
    """A trigger has a marked text whose chain is required, and content; each callback is in a finding."""
    document = read(dump(description), "api.json")
    lowered = openapi3.lower(document)
    item = lowered.definition["paths"]["/hooks"]
    is_trigger = "x-ms-trigger" in item["post"]
    event(f"trigger: {is_trigger}")
    assert is_trigger == ("x-ms-notification-content" in item)
    if is_trigger:
        (body,) = item["post"]["parameters"]
        assert any(ok for ok in _marks(body["schema"], lowered.definition["definitions"]))
    routes = {one.route.keys for one in lowered.findings if one.rule in ("callback-dropped", "callback-trigger")}
    for name, addresses in description["paths"]["/hooks"]["post"]["callbacks"].items():
        for address in addresses:
            assert ("paths", "/hooks", "post", "callbacks", name, address) in routes
    operation = openapi3.read(document).operations["Add"]
    assert operation.raw == item["post"]
    assert operation.kind is (OperationKind.WEBHOOK if is_trigger else OperationKind.ACTION)


@quiet
@given(descriptions)
def test_no_input_requires_what_is_read_only_and_no_reply_what_is_write_only(description: dict[str, Any]) -> None:
    """What a body reaches requires no read-only property, what a reply reaches none that is write-only; read alone, an
    operation leads to the same definitions."""
    lowered = openapi3.lower(read(dump(description), "api.json"))
    definitions = lowered.definition["definitions"]
    operation = lowered.definition["paths"]["/hooks"]["post"]
    event(f"variants: {any(one.rule == 'direction-variant' for one in lowered.findings)}")
    sent, received = operation["parameters"][0]["schema"], operation["responses"]["200"]["schema"]
    for schema, keyword in ((sent, "readOnly"), (received, "x-write-only")):
        for reached in _reached(schema, definitions):
            flat = _flat(reached, definitions)
            for name in flat.get("required", ()):
                found = flat.get("properties", {}).get(name, {})
                assert _flat(found, definitions).get(keyword) is not True, (name, reached)
    alone = openapi3.read(read(dump(description), "api.json"))
    assert alone.operations["Add"].raw == operation
    for ref in _refs(operation):
        assert alone.refs.resolve(ref)[0] == definitions[ref.rpartition("/")[2]]


def _marks(schema: Any, definitions: Any, depth: int = 0) -> Iterator[bool]:
    """For each marked property, whether it is a hidden text and its chain is required."""
    flat = _flat(schema, definitions)
    for name, child in flat.get("properties", {}).items() if depth < 4 else ():
        found = _flat(child, definitions)
        chained = name in flat.get("required", ())
        if found.get("x-ms-notification-url") is True:
            yield chained and found["type"] == "string" and found.get("x-ms-visibility") == "internal"
        for inner in _marks(child, definitions, depth + 1):
            yield chained and inner


def _flat(schema: Any, definitions: Any, seen: set[str] | None = None) -> dict[str, Any]:
    """A schema with what its references and parts say, each reference once; later parts count more."""
    seen = set() if seen is None else seen
    ref = schema.get("$ref")
    if ref is not None:
        if ref in seen:
            return {}
        seen.add(ref)
        return _flat(definitions[ref.rpartition("/")[2]], definitions, seen)
    out: dict[str, Any] = {}
    for part in (*(_flat(one, definitions, seen) for one in schema.get("allOf", ())), schema):
        properties = {**out.get("properties", {}), **part.get("properties", {})}
        required = [*out.get("required", ()), *part.get("required", ())]
        out |= {**part, "properties": properties, "required": required}
    return out


def _reached(schema: Any, definitions: Any) -> Iterator[Any]:
    """A schema and all that it reaches, each object once; parts of a whole belong to the whole."""
    seen: set[int] = set()
    stack = [schema]
    while stack:
        found = stack.pop()
        while "$ref" in found:
            found = definitions[found["$ref"].rpartition("/")[2]]
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        stack += list(_flat(found, definitions).get("properties", {}).values())
        stack += [found[key] for key in ("items",) if key in found]


def _refs(value: Any) -> list[str]:
    """All references in a value."""
    if isinstance(value, list):
        return [ref for child in value for ref in _refs(child)]
    if not isinstance(value, dict):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    return own + [ref for child in value.values() for ref in _refs(child)]
