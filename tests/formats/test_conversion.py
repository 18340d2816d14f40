"""From an API description to the files of a connector folder: Swagger 2.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tieline.formats import convert, folder, openapi2
from tieline.formats.selection import Selection
from tieline.model import DocumentError
from tieline.source import SourceDocument, dump, read

NAMES = {"apiDefinition.swagger.json", "apiProperties.json"}
API: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Orders API", "version": "1"},
    "host": "api.example.com",
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "paths": {"/a": {"get": {"operationId": "A", "responses": {"200": {"description": "OK"}}}}},
}


def written(files: Any) -> Any:
    """The definition that a conversion wrote."""
    return json.loads(files["apiDefinition.swagger.json"])


def test_json_stays_as_it_is_written() -> None:
    """A Swagger 2.0 file in JSON keeps its bytes; the properties are made beside it."""
    data = json.dumps(API, indent=3).encode()
    converted = convert(read(data, "orders.json"))
    assert set(converted.files) == NAMES
    assert converted.files["apiDefinition.swagger.json"] == data
    assert converted.title == "Orders API"
    assert converted.findings == ()
    connector = folder.read(converted.files)
    assert [parameter.name for parameter in connector.properties.connection_parameters] == ["api_key"]


def test_what_the_platform_could_not_read_is_written_anew() -> None:
    """A file that had to be repaired becomes plain JSON of the same value, and the repair is a finding."""
    data = json.dumps(API).encode()[:-1] + b",}"
    converted = convert(read(data, "orders.json"))
    assert written(converted.files) == API
    assert [finding.rule for finding in converted.findings] == ["trailing-comma"]


def test_yaml_becomes_json() -> None:
    """A YAML file becomes JSON; a block for signing in becomes security definitions."""
    text = """
swagger: "2.0"
info: {title: T, version: "1"}
host: h
paths: {}
authentication:
  type: oauth2
  oauth2: {authorizationUrl: https://l/a, tokenUrl: https://l/t, refreshUrl: https://l/r, clientId: me, scopes: [read]}
"""
    converted = convert(read(text.encode(), "api.yaml"))
    definition = written(converted.files)
    assert "authentication" not in definition
    assert definition["securityDefinitions"] == {
        "oauth2_auth": {
            "type": "oauth2",
            "flow": "accessCode",
            "authorizationUrl": "https://l/a",
            "tokenUrl": "https://l/t",
            "scopes": {"read": "read"},
        }
    }
    token = json.loads(converted.files["apiProperties.json"])["properties"]["connectionParameters"]["token"]
    assert token["oAuthSettings"]["clientId"] == "me"
    assert token["oAuthSettings"]["customParameters"]["refreshUrl"] == {"value": "https://l/r"}


def test_made_up_ids_and_base_url_are_written() -> None:
    """What Tieline made up or was told for the description is in the file that it writes."""
    value = {key: item for key, item in API.items() if key != "host"}
    value["paths"] = {
        "/a": {"get": {"responses": {"200": {"description": "OK"}}}},
        "/b": {"get": {"operationId": "GetA", "responses": {"200": {"description": "OK"}}}},
    }
    converted = convert(read(dump(value), "api.json"), base_url="http://localhost:8000/v1")
    definition = written(converted.files)
    assert (definition["host"], definition["basePath"], definition["schemes"]) == ("localhost:8000", "/v1", ["http"])
    assert definition["paths"]["/a"]["get"]["operationId"] == "GetA_2"
    connector = folder.read(converted.files)
    assert folder.check(connector) == ()
    assert {finding.rule for finding in converted.findings} == {"missing-host", "missing-operation-id"}


def test_several_files_become_one() -> None:
    """What references lead to in other files is brought in, each thing once, cycles included."""
    value = {
        **API,
        "definitions": {"Pet": {"type": "string"}},
        "paths": {
            "/pets": {
                "get": {
                    "operationId": "ListPets",
                    "parameters": [{"$ref": "shared.json#/parameters/Page"}],
                    "responses": {
                        "200": {"description": "", "schema": {"$ref": "pets/pet.json"}},
                        "400": {"$ref": "shared.json#/responses/Failed"},
                        "404": {"description": "", "schema": {"$ref": "pets/pet.json"}},
                    },
                }
            },
            "/more": {"$ref": "shared.json#/more"},
        },
    }
    others: dict[str, Any] = {
        "pets/pet.json": {
            "type": "object",
            "properties": {"mother": {"$ref": "pet.json"}, "of": {"$ref": "#/x"}},
            "x": {},
        },
        "shared.json": {
            "parameters": {"Page": {"name": "page", "in": "query", "type": "integer"}},
            "responses": {"Failed": {"description": "Failed", "schema": {"$ref": "pets/pet.json"}}},
            "more": {"get": {"operationId": "More", "responses": {"default": {"$ref": "#/responses/Failed"}}}},
        },
    }

    def load(name: str) -> SourceDocument:
        return read(dump(others[name]), name)

    converted = convert(read(dump(value), "api.json"), load)
    definition = written(converted.files)
    assert definition["parameters"] == {"Page": others["shared.json"]["parameters"]["Page"]}
    assert definition["responses"] == {"Failed": {"description": "Failed", "schema": {"$ref": "#/definitions/pet"}}}
    assert definition["definitions"]["Pet"] == {"type": "string"}
    assert definition["definitions"]["pet"]["properties"]["mother"] == {"$ref": "#/definitions/pet"}
    assert definition["definitions"]["x"] == {}
    assert definition["paths"]["/more"]["get"]["responses"]["default"] == {"$ref": "#/responses/Failed"}
    assert ".json" not in converted.files["apiDefinition.swagger.json"].decode()
    assert [finding.rule for finding in converted.findings] == ["extension-name-not-valid"]
    assert set(converted.documents) == {"api.json", "pets/pet.json", "shared.json"}
    assert [outline.id for outline in folder.read(converted.files).definition.operations.outlines] == [
        "ListPets",
        "More",
    ]


def test_a_missing_file_is_found_where_it_is_needed() -> None:
    """A reference to a file that is not there stays, with a finding at its place."""
    value = {**API, "definitions": {"A": {"properties": {"b": {"$ref": "b.json#/B"}}}}}
    converted = convert(read(dump(value), "api.json"))
    assert [f"{finding.rule} at {finding.route}" for finding in converted.findings] == [
        "dangling-ref at api.json#/definitions/A/properties/b/$ref"
    ]
    assert written(converted.files)["definitions"] == value["definitions"]


def test_what_is_no_description_is_refused() -> None:
    """A JSON file without a root key of any dialect is refused with its name."""
    with pytest.raises(DocumentError) as caught:
        convert(read(b'{"a": 1}', "package.json"))
    assert caught.value.finding.rule == "not-an-api-description"
    assert "package.json" in caught.value.finding.message


@pytest.mark.corpus
def test_every_swagger_document_converts(shared: Path) -> None:
    """All Swagger 2.0 documents of the corpus become folders that load with all their operations."""
    converted_ones = 0
    for path in sorted((shared / "corpus" / "swagger2").rglob("*")):
        if not path.is_file():
            continue
        document = read(path.read_bytes(), path.name)
        converted = convert(document)
        connector = folder.read(converted.files)
        assert list(connector.definition.operations) == list(openapi2.read(document).operations), path
        assert {finding.rule for finding in converted.findings} <= {"dangling-ref", "missing-operation-id"}, path
        converted_ones += 1
    assert converted_ones >= 12


def test_repairs_of_other_files_are_said() -> None:
    """What was repaired in another file of a description is a finding there; so it is when operations are selected."""
    main = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a": {"get": {"operationId": "A", "summary": "S", "parameters": [{"$ref": "p.json"}]}}},
    }

    def load(name: str) -> SourceDocument:
        return read(b'{"name": "q", "in": "query", "schema": {"type": "string"},}', name)

    for selection in (Selection(), Selection(only=("A",))):
        made = convert(read(dump(main), "api.json"), load, selection=selection)
        assert ("p.json", "trailing-comma") in {(finding.route.document, finding.rule) for finding in made.findings}


def test_one_sign_in_is_said_where_operations_need_several() -> None:
    """A connection signs in once; an import of the operations of one sign-in says nothing of it."""
    flows = {
        name: {
            "authorizationCode": {
                "authorizationUrl": f"https://{name}.example/a",
                "tokenUrl": f"https://{name}.example/t",
            }
        }
        for name in ("a", "b")
    }
    operation = {"summary": "S", "responses": {"200": {"description": "OK"}}}
    main = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "components": {"securitySchemes": {name: {"type": "oauth2", "flows": flows[name]} for name in flows}},
        "paths": {
            f"/{name}": {"get": {**operation, "operationId": name, "security": [{name: []}]}} for name in ("a", "b")
        },
    }
    document = read(dump(main), "api.json")
    assert [finding.rule for finding in convert(document).findings] == ["one-sign-in"]
    assert convert(document, selection=Selection(only=("b",))).findings == ()


@pytest.mark.parametrize("pattern", ["GET /A/{id}", "/find?q=*", "get /find?q={q}", "/A/{id}/2"])
def test_an_operation_is_selected_by_its_path_in_the_description(pattern: str) -> None:
    """An operation whose path the platform does not take is found by that path, and by that of the definition."""
    operation = {"summary": "S", "responses": {"200": {"description": "OK"}}}
    paths = ("/a/{id}", "/A/{id}", "/find?q={q}")
    main = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "paths": {path: {"get": {**operation, "operationId": path}} for path in paths},
    }
    made = convert(read(dump(main), "api.json"), selection=Selection(only=(pattern,)))
    kept = [one["get"]["operationId"] for one in made.definition["paths"].values()]
    assert kept == ["/find?q={q}" if "find" in pattern else "/A/{id}"]


def test_extensions_are_checked_in_any_encoding() -> None:
    """An extension that the platform refuses is a finding in a description in UTF-16 as well."""
    choices = {"operationId": "A", "parameters": {"none": 1}, "value-path": "id"}
    parameter = {"name": "q", "in": "query", "schema": {"type": "string"}, "x-ms-dynamic-values": choices}
    operation = {"operationId": "A", "summary": "S", "responses": {"200": {"description": "OK"}}}
    main = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a": {"get": operation, "put": {**operation, "operationId": "B", "parameters": [parameter]}}},
    }
    rules = [
        {finding.rule for finding in convert(read(json.dumps(main).encode(encoding), "api.json")).findings}
        for encoding in ("utf-8", "utf-16")
    ]
    assert rules == [{"operation-parameter-name-not-found"}, {"operation-parameter-name-not-found", "not-utf-8"}]
