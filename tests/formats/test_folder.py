"""The connector folder: data cases, the whole corpus, new connectors, and names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.formats import folder, openapi2
from tieline.model import Connector, DocumentError, OperationKind, Severity
from tieline.source import dump, read

DATA = Path(__file__).parent / "data" / "folder"
PLAIN = {"swagger": "2.0", "info": {"title": "Orders", "version": "1"}, "host": "h", "paths": {}}
API = PLAIN | {
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "paths": {"/a": {"get": {"operationId": "A", "responses": {}}}},
}
SHORT = {"api": API, "plain": PLAIN}


def cases() -> list[Any]:
    """Every case of every file, called by its file and its sentence."""
    return [
        pytest.param(case, id=f"{path.stem}: {case['what']}")
        for path in sorted(DATA.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def files_of(case: dict[str, Any]) -> dict[str, bytes]:
    """The files of a case as bytes."""
    files = {name: SHORT.get(str(value), value) for name, value in case["files"].items()}
    return {
        name: value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else dump(value)
        for name, value in files.items()
    }


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any], unlike: Callable[[Any, Any], list[str]]) -> None:
    """Files are read into the connector and the findings that the case says, and written back as they were."""
    files = files_of(case)
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            folder.read(files, "Folder")
        assert caught.value.finding.rule == case["error"]
        assert caught.value.finding.remedy
        return
    connector = folder.read(files, "Folder")
    assert unlike(connector, case.get("expect", {})) == []
    if "rules" in case:
        assert [finding.severity for finding in connector.findings] == [Severity.ERROR]
    else:
        found = [f"{finding.rule} at {finding.route}" for finding in connector.findings]
        assert found == case.get("findings", [])
    assert folder.write(connector) == files


def corpus_folders(shared: Path) -> list[Path]:
    """All connector folders of the corpus."""
    return sorted(path for path in (shared / "corpus" / "connectors").glob("*/*") if path.is_dir())


def files_in(path: Path) -> dict[str, bytes]:
    """The files of a folder on disk by name."""
    return {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}


@pytest.mark.corpus
def test_every_corpus_folder(shared: Path) -> None:
    """All folders load, every operation is built, and what was read is written back byte for byte."""
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for path in corpus_folders(shared):
        files = files_in(path)
        connector = folder.read(files, path.name)
        assert folder.write(connector) == files, path
        counts["folders"] += 1
        counts["scripts"] += connector.script is not None
        counts["polling by policy"] += sum(
            operation.kind is OperationKind.POLLING and not operation.trigger
            for operation in connector.definition.operations.values()
        )
        for operation in connector.definition.operations.values():
            counts["operations"] += 1
            counts[operation.kind] += 1
        for finding in folder.check(connector):
            rules[finding.rule] += 1
            counts["warnings inside operations"] += finding.route.keys[:1] == ("paths",)
    print(dict(counts), dict(rules))
    assert counts["folders"] >= 250
    assert counts["operations"] >= 3_800
    assert counts[OperationKind.WEBHOOK] >= 200
    assert counts[OperationKind.POLLING] >= 20
    assert rules["unknown-operation-in-policy"] >= 4
    assert rules["dangling-ref"] == 0


@pytest.mark.corpus
def test_guide_block_beside_a_definition(shared: Path) -> None:
    """The guide's auth-api-key file beside a definition without sign-in gives it the header and the parameter."""
    block = (shared / "guide" / "auth-api-key.yaml").read_bytes()
    connector = folder.read({"apiDefinition.swagger.json": dump(PLAIN), "auth-api-key.yaml": block})
    (definition,) = connector.definition.security_definitions.values()
    assert (definition.type, definition.where, definition.key) == ("apiKey", "header", "X-API-Key")
    assert [parameter.name for parameter in connector.properties.connection_parameters] == ["api_key"]


def test_the_remedy_of_a_dangling_policy_names_the_nearest_operation() -> None:
    """A name that differs from an operation only by case suggests that operation."""
    policy = {"templateId": "setheader", "parameters": {"x-ms-apimTemplate-operationName": ["a"]}}
    files = {"a.json": dump(API), "apiProperties.json": dump({"properties": {"policyTemplateInstances": [policy]}})}
    (finding,) = folder.read(files).findings
    assert finding.remedy == 'did you mean "A"?'


def test_check_adds_what_stands_inside_operations() -> None:
    """Reading leaves operations alone; checking reads them all and says the same thing once."""
    shared_parameter = {"$ref": "#/parameters/P"}
    value = API | {
        "parameters": {"P": {"name": "p", "in": "query"}},
        "paths": {f"/{id}": {"get": {"operationId": id, "parameters": [shared_parameter]}} for id in "AB"},
    }
    connector = folder.read({"a.json": dump(value)})
    assert connector.findings == ()
    assert [f"{finding.rule} at {finding.route}" for finding in folder.check(connector)] == [
        "missing-type at a.json#/parameters/P"
    ]


def test_a_connector_of_a_definition_alone() -> None:
    """A definition without a folder gets its name from its title and its parameters from its sign-in."""
    document = read(dump(API), "orders.json")
    connector = folder.from_definition(openapi2.read(document), (document,))
    assert connector.name == "Orders"
    assert [parameter.name for parameter in connector.properties.connection_parameters] == ["api_key"]
    assert set(connector.documents) == {"orders.json", "apiProperties.json"}
    again = folder.read(folder.write(connector), "Again")
    assert again.properties.connection_parameters == connector.properties.connection_parameters
    assert again.findings == ()


def test_the_program_on_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example at the end of docs/connector-folder.md runs on a new connector."""
    page = (Path(__file__).parents[2] / "docs" / "connector-folder.md").read_text(encoding="utf-8")
    (tmp_path / "Inventory").mkdir()
    for name, data in folder.new_connector_files("Inventory").items():
        (tmp_path / "Inventory" / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    exec(page.rpartition("```python\n")[2].partition("```")[0], {})


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Inventory API", "InventoryAPI"),
        ("inventory-api (v2)", "InventoryApiV2"),
        ("3E Events", "3EEvents"),
        ("Brønnøysund registrene", "BrønnøysundRegistrene"),
        ("snake_case", "SnakeCase"),
        ("../../etc/passwd", "EtcPasswd"),
        ("!?", "Connector"),
        ("", "Connector"),
        ("aux", "AuxConnector"),
        ("com1", "Com1Connector"),
        ("x" * 300, "X" + "x" * 99),
    ],
)
def test_name_from_title(title: str, name: str) -> None:
    """A title becomes a name of letters and digits that any file system takes."""
    assert folder.name_from_title(title) == name


@pytest.mark.parametrize("auth", ["none", "api-key", "basic", "oauth2"])
def test_new_connector(auth: str) -> None:
    """A new connector reads back without a finding, with one operation and the parameters of its sign-in."""
    connector: Connector = folder.read(folder.new_connector_files("My API", host="api.contoso.com", auth=auth))
    assert folder.check(connector) == ()
    assert (connector.name, connector.definition.title) == ("MyAPI", "My API")
    assert (connector.definition.host, connector.definition.base_path) == ("api.contoso.com", "/")
    assert [outline.id for outline in connector.definition.operations.outlines] == ["GetStatus"]
    operation = connector.definition.operations["GetStatus"]
    assert operation.summary
    assert operation.description
    assert operation.responses[0].schema is not None
    expected = {"none": [], "api-key": ["api_key"], "basic": ["username", "password"], "oauth2": ["token"]}
    assert [parameter.name for parameter in connector.properties.connection_parameters] == expected[auth]


def test_new_connector_at_a_base_url() -> None:
    """A base URL as host is taken apart into host, base path and scheme."""
    files = folder.new_connector_files("Local", host="http://localhost:8000/api/")
    definition = folder.read(files).definition
    assert (definition.host, definition.base_path, definition.schemes) == ("localhost:8000", "/api/", ("http",))
    assert definition.findings == ()


@pytest.mark.parametrize(
    ("name", "host", "auth", "rule"),
    [
        (" ", "", "none", "empty-name"),
        ("A\nB", "", "none", "bad-name"),
        ("\udcff", "", "none", "bad-name"),
        ("A", "a b", "none", "bad-host"),
        ("A", "https:///x", "none", "bad-host"),
        ("A", "ftp://h", "none", "bad-host"),
        ("A", "user:password@h", "none", "bad-host"),
        ("A", "h:65536", "none", "bad-host"),
        ("A", "h/v1?key=1", "none", "bad-host"),
        ("A", "", "apikey", "unknown-authentication"),
    ],
)
def test_new_connector_refuses(name: str, host: str, auth: str, rule: str) -> None:
    """What cannot be a connector is refused with a rule and a remedy."""
    with pytest.raises(DocumentError) as caught:
        folder.new_connector_files(name, host=host, auth=auth)
    assert caught.value.finding.rule == rule
    assert caught.value.finding.remedy
