"""Descriptions made at random, right and wrong ones: each is lowered, or refused with a clear error."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.formats import openapi3
from tieline.model import DocumentError
from tieline.source import dump, read

RULES = {rule.id for rule in openapi3.RULES}

SWAGGER = jsonschema_rs.Draft4Validator(
    orjson.loads(
        (Path(openapi_spec_validator.__file__).parent / "resources/schemas/v2.0/schema.json").read_text(
            encoding="utf-8"
        )
    )
)

NAMES = ["A", "B", "C", "a b", "Ä"]
REFS = [
    *(f"#/components/schemas/{name}" for name in NAMES),
    "#/components/schemas/a%20b",
    "#/components/schemas/A/properties/x",
    "#/paths/~1p~1%7Bid%7D/get/responses/200/content/application~1json/schema",
    "#/components/parameters/P",
    "#/components/responses/R",
    "#/nowhere",
    "#anchor",
    "#",
    "other.yaml#/A",
    "other.yaml",
    "https://example.com/x.json",
    "",
]
MEDIA_TYPES = [
    "application/json",
    "*/*",
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "image/png",
    "application/x-www-form-urlencoded",
]
URLS = ["https://api.example.com/v1", "/v2", "http://{h}.x/{p}", "ftp://x", "https://[", "", "http://h:99999/"]
TYPES = ["string", "integer", "number", "boolean", "array", "object", "null", "file", "String"]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 300), st.floats(allow_nan=False), st.sampled_from(["", "x", "10", "true"])
)
garbage = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "$ref", "x-b"]), inner, max_size=2)
    ),
    max_leaves=4,
)
references = st.builds(lambda ref: {"$ref": ref}, st.sampled_from(REFS))


def objects(needed: dict[str, st.SearchStrategy[Any]], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects with all of the needed fields and any of the others."""
    return st.fixed_dictionaries(needed, optional=fields)


def named(value: st.SearchStrategy[Any], names: list[str], least: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of the names."""
    return st.dictionaries(st.sampled_from(names), value, min_size=least, max_size=3)


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas with schemas inside."""
    members = st.lists(inner, min_size=1, max_size=3)
    of_objects = objects(
        {"properties": named(inner, ["x", "y", "kind"])},
        type=st.just("object"),
        required=st.lists(st.sampled_from(["x", "y"]), max_size=2),
        additionalProperties=st.one_of(st.booleans(), inner),
        patternProperties=named(inner, ["^x", "y$"]),
        propertyNames=inner,
        unevaluatedProperties=st.booleans(),
        dependentRequired=garbage,
        discriminator=st.just({"propertyName": "kind", "mapping": {"a": "#/components/schemas/A"}}),
        readOnly=st.booleans(),
    )
    of_lists = objects({"items": inner}, type=st.just("array"), prefixItems=members, contains=inner, minItems=scalars)
    of_choices = st.builds(
        lambda key, value, beside: {key: value, **beside},
        st.sampled_from(["oneOf", "anyOf", "allOf"]),
        members,
        objects({}, nullable=st.booleans(), discriminator=st.just({"propertyName": "kind"}), required=st.just(["x"])),
    )
    others = objects(
        {},
        type=st.lists(st.sampled_from(TYPES), max_size=3),
        **{
            "not": inner,
            "$ref": st.sampled_from(REFS),
            "$dynamicRef": st.sampled_from(REFS),
            "odd": garbage,
            "if": inner,
        },
    )
    return st.one_of(of_objects, of_choices, of_lists, others)


values = objects(
    {"type": st.sampled_from(TYPES)},
    enum=st.lists(scalars, max_size=3),
    const=scalars,
    default=scalars,
    nullable=st.booleans(),
    minimum=st.integers(0, 3),
    exclusiveMinimum=st.one_of(st.booleans(), st.integers(0, 3)),
    maxLength=st.integers(-1, 3),
    format=st.sampled_from(["date", "binary", "int32"]),
    examples=st.lists(scalars, max_size=2),
    contentEncoding=st.sampled_from(["base64", "quoted-printable"]),
    readOnly=st.booleans(),
    writeOnly=st.booleans(),
    **{"$anchor": st.just("anchor"), "x-ms-notification-url": st.just(True)},
)
links = objects({"url": st.just("/docs")}, description=scalars, **{"x-a": garbage, "odd": garbage})
values = st.one_of(
    values,
    objects(
        {"type": st.just("string")}, xml=objects({}, name=scalars, wrapped=scalars, odd=scalars), externalDocs=links
    ),
)
schemas = st.recursive(st.one_of(values, values, references, st.booleans()), keywords, max_leaves=8)
encodings = objects(
    {}, style=st.sampled_from(["form", "deepObject"]), explode=st.booleans(), contentType=st.just("a/b")
)
media = objects(
    {"schema": schemas},
    example=garbage,
    examples=named(objects({"value": garbage}), ["one", "two"]),
    encoding=named(encodings, ["x", "y"]),
)
content = named(media, MEDIA_TYPES)
plain_parameters = objects(
    {
        "name": st.sampled_from(["id", "id", "q", "Accept"]),
        "in": st.sampled_from(["path", "query", "query", "header", "cookie"]),
        "schema": schemas,
    },
    style=st.sampled_from(["form", "simple", "deepObject", "pipeDelimited", "label"]),
    explode=st.booleans(),
    required=st.booleans(),
    allowReserved=st.booleans(),
    deprecated=st.booleans(),
    examples=named(objects({"value": garbage}), ["one", "two"]),
)
parameters = st.one_of(
    plain_parameters,
    references,
    objects({"name": st.just("c"), "in": st.sampled_from(["query", "header"]), "content": content}),
)
links = objects(
    {"operationId": st.sampled_from(["one", "two", "three"])},
    parameters=named(
        st.sampled_from(["$response.body#/x", "$response.body#/nextLink", "$response.body#/0/x", "$request.query.q"]),
        ["id", "q", "path.id"],
    ),
)
callbacks = named(
    st.one_of(
        objects(
            {
                "post": objects(
                    {}, requestBody=objects({"content": content}), parameters=st.lists(parameters, max_size=2)
                )
            },
            put=garbage,
        ),
        garbage,
    ),
    ["{$request.body#/x}", "{$request.body#/x/y}", "{$request.query.q}", "{url}"],
)
responses = st.one_of(
    objects(
        {"description": st.just("OK")},
        content=content,
        headers=named(objects({"schema": schemas}, required=st.booleans()), ["X-A", "Content-Type"]),
        links=named(st.one_of(garbage, links), ["l"]),
    ),
    references,
)
requirements = st.lists(
    named(st.lists(st.sampled_from(["read", "write"]), max_size=1), ["key", "oauth", "none"], 0), max_size=3
)
servers = st.lists(
    objects({"url": st.sampled_from(URLS)}, variables=named(objects({"default": scalars}), ["h", "p"])), max_size=2
)
operations = objects(
    {
        "parameters": st.lists(parameters, max_size=3),
        "responses": named(responses, ["200", "2XX", "default", "abc"], 0),
    },
    operationId=st.sampled_from(["one", "two", ""]),
    summary=st.just("Summary"),
    requestBody=st.one_of(references, objects({"content": content}, required=st.booleans())),
    callbacks=named(st.one_of(garbage, callbacks), ["c", "d"]),
    security=requirements,
    servers=servers,
    tags=st.lists(scalars, max_size=2),
    externalDocs=links,
    **{"x-ms-trigger": st.just("single")},
)
path_items = st.one_of(
    objects(
        {"post": operations},
        get=operations,
        trace=operations,
        parameters=st.lists(parameters, max_size=2),
        servers=servers,
        **{"x-ms-notification-content": objects({"schema": schemas})},
    ),
    references,
)
flows = named(
    objects(
        {"authorizationUrl": st.just("https://a.example.com"), "tokenUrl": st.just("/token")},
        scopes=named(scalars, ["read"]),
    ),
    ["authorizationCode", "implicit", "clientCredentials", "odd"],
)
schemes = st.one_of(
    objects(
        {"type": st.just("apiKey"), "name": st.just("X-Key"), "in": st.sampled_from(["header", "query", "cookie"])}
    ),
    objects({"type": st.just("http"), "scheme": st.sampled_from(["basic", "bearer", "digest", "Token"])}),
    objects({"type": st.just("oauth2"), "flows": flows}),
    objects({"type": st.sampled_from(["openIdConnect", "mutualTLS", "odd"])}, openIdConnectUrl=st.just("https://id.x")),
    references,
)
whole = st.fixed_dictionaries(
    {
        "openapi": st.sampled_from(["3.0.3", "3.1.0", "3.2.0", "3.9", 3.1]),
        "info": objects(
            {"title": st.just("T"), "version": st.sampled_from(["1", 2, ""])},
            contact=objects({}, name=scalars, url=st.just("me"), odd=garbage),
            license=objects({}, name=scalars, identifier=st.just("MIT")),
            summary=scalars,
            description=scalars,
            termsOfService=scalars,
        ),
        "servers": servers,
        "paths": named(path_items, ["/p/{id}", "/q", "q", "/Q?x=1"]),
        "components": st.fixed_dictionaries(
            {
                "schemas": named(schemas, NAMES),
                "parameters": named(parameters, ["P"]),
                "responses": named(responses, ["R"]),
                "securitySchemes": named(schemes, ["key", "oauth"]),
            }
        ),
    },
    optional={
        "security": requirements,
        "tags": st.lists(
            objects({"name": st.just("t")}, description=scalars, kind=scalars, externalDocs=links), max_size=2
        ),
        "webhooks": named(path_items, ["w"]),
    },
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Descriptions in which up to two values are replaced by something else or taken out."""
    value: dict[str, Any] = copy.deepcopy(draw(whole))
    for _ in range(draw(st.integers(0, 2))):
        holder: Any = value
        while True:
            key = draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
            if isinstance(holder[key], (dict, list)) and holder[key] and draw(st.integers(0, 4)):
                holder = holder[key]
                continue
            if key != "openapi":
                holder[key] = draw(garbage)
            break
    return value


quiet = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def other(path: str) -> Any:
    """The one other file of the generated descriptions."""
    if path != "other.yaml":
        raise DocumentError("no-file", f'there is no "{path}"')
    return read(
        b"A: {type: object, properties: {x: {$ref: '#/A'}, y: {$ref: 'main.json#/components/schemas/A'}}}", path
    )


@quiet
@given(documents())
def test_any_description_is_lowered_and_every_reference_in_it_leads_somewhere(value: dict[str, Any]) -> None:
    """What comes of any description is Swagger 2.0 by that one's own schema, the same each time, its findings known."""
    document = read(dump(value), "main.json")
    lowered = openapi3.lower(document, other)
    data = dump(lowered.definition)
    assert data == dump(openapi3.lower(document, other).definition)
    assert {finding.rule for finding in lowered.findings} <= RULES
    assert all(finding.message and finding.route.document for finding in lowered.findings)
    swagger = orjson.loads(data)
    assert all(_end(name, swagger["definitions"]) for name in swagger["definitions"])
    assert [f"{error.instance_path}: {error.message}" for error in SWAGGER.iter_errors(swagger)] == []
    assert set(_references(swagger["paths"])) | set(_references(swagger["definitions"])) <= set(swagger["definitions"])


@quiet
@given(documents())
def test_an_operation_read_alone_is_the_one_of_the_whole(value: dict[str, Any]) -> None:
    """Operations lowered one by one, the last first, and their definitions are those of the whole document."""
    document = read(dump(value), "main.json")
    lowered = openapi3.lower(document, other)
    definition = openapi3.read(document, other)
    whole = {
        operation["operationId"]: operation
        for path, item in lowered.definition["paths"].items()
        if path.startswith("/")
        for method, operation in item.items()
        if method in ("get", "post")
    }
    assert set(definition.operations) == set(whole)
    for id in reversed(list(definition.operations)):
        assert definition.operations[id].raw == whole[id]
    for name, schema in lowered.definition["definitions"].items():
        if name in set(_references(lowered.definition["paths"])):
            assert definition.refs.resolve(f"#/definitions/{name}")[0] == schema


@quiet
@given(garbage)
def test_anything_else_is_refused(value: Any) -> None:
    """What is no OpenAPI 3 document raises DocumentError and nothing else."""
    with pytest.raises(DocumentError):
        openapi3.lower(read(dump(value), "main.json"))


def _end(name: str, definitions: dict[str, Any]) -> bool:
    """Whether a definition is, or at last leads to, a schema of its own."""
    for _ in definitions:
        schema = definitions[name]
        if set(schema) != {"$ref"}:
            return True
        name = schema["$ref"].removeprefix("#/definitions/")
    return False


def _references(value: Any) -> list[str]:
    """The names of all definitions that a Swagger value refers to, apart from what extensions and samples hold."""
    if isinstance(value, list):
        return [name for child in value for name in _references(child)]
    if not isinstance(value, dict):
        return []
    found = [value["$ref"].removeprefix("#/definitions/")] if isinstance(value.get("$ref"), str) else []
    for key, child in value.items():
        if not key.startswith("x-") and key not in ("example", "examples", "default", "enum"):
            found += _references(child)
    return found
