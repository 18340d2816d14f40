"""Importing into folders: new ones, ones with an edited connector, and ones that hold something else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tieline.app.importing import ImportOptions, ImportResult, Selection, import_source
from tieline.app.load import load_connector
from tieline.app.render import import_json, import_lines
from tieline.formats import import_record
from tieline.model import DocumentError, Edit, Route, ServiceError, Severity
from tieline.source import SourceDocument, dump, edit, read

DEFINITION = "apiDefinition.swagger.json"
PROPERTIES = "apiProperties.json"
RECORD = import_record.NAME

API = """{
  "openapi": "3.0.3",
  "info": {"title": "Orders", "version": "1"},
  "servers": [{"url": "https://api.example.com/v1"}],
  "tags": [{"name": "Orders"}, {"name": "Items"}],
  "paths": {
    "/orders": {
      "get": {"operationId": "ListOrders", "summary": "List orders", "tags": ["Orders"],
        "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "Orders", "content": {"application/json": {
          "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}}}}}},
      "post": {"operationId": "CreateOrder", "summary": "Create an order", "tags": ["Orders"],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
        "responses": {"201": {"description": "Created"}}}
    },
    "/items": {
      "get": {"operationId": "ListItems", "summary": "List items", "tags": ["Items"],
        "responses": {"200": {"description": "Items"}}}
    }
  },
  "components": {"schemas": {
    "Order": {"type": "object", "properties": {"id": {"type": "string"}, "total": {"type": "number"}}}
  }}
}
"""


NEW = {"get": {"operationId": "New", "responses": {"200": {"description": "x"}}}}


def api(tmp_path: Path, *replaced: tuple[str, str]) -> str:
    """The description in a file, with some texts in the place of others."""
    text = API
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "orders.json"
    file.write_text(text, encoding="utf-8")
    return str(file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The connector that the description becomes."""
    target = tmp_path / "Orders"
    import_source(api(tmp_path), ImportOptions(output=target))
    return target


def again(tmp_path: Path, folder: Path, *replaced: tuple[str, str], **options: Any) -> ImportResult:
    """Import the changed description into the folder."""
    return import_source(api(tmp_path, *replaced), ImportOptions(output=folder, **options))


def author(folder: Path, *edits: tuple[tuple[str | int, ...], Any], name: str = DEFINITION) -> SourceDocument:
    """Edit values of a file as its author would; None takes one out."""
    file = folder / name
    document = read(file.read_bytes(), name)
    for keys, value in edits:
        one = Edit(route=Route("", keys), action="remove" if value is None else "set", value=value)
        document = edit(document, [one])
    file.write_bytes(document.data)
    return document


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def definition(folder: Path) -> Any:
    """The definition as it is on disk."""
    return json.loads((folder / DEFINITION).read_bytes())


def rules(result: ImportResult) -> list[str]:
    """The rules of the findings."""
    return [finding.rule for finding in result.findings]


def test_a_new_folder(tmp_path: Path) -> None:
    """A first import writes the connector and what it remembers of it, and measures it."""
    result = import_source(api(tmp_path), ImportOptions(output=tmp_path / "O"))
    assert set(contents(tmp_path / "O")) == {DEFINITION, PROPERTIES, RECORD}
    assert result.files == (RECORD, DEFINITION, PROPERTIES)
    assert result.merge is None
    assert result.meter.operations == 3
    assert result.meter.largest is not None
    assert result.meter.largest.said() == 'reply 200 of "ListOrders"'
    assert result.meter.characters == len((tmp_path / "O" / DEFINITION).read_text(encoding="utf-8"))
    assert import_lines(result)[-1] == (
        'limits: 3 of 256 operations, at most 4 of 512 schemas (reply 200 of "ListOrders"), '
        f"{result.meter.characters:,} of 1,000,000 characters"
    )
    record = import_record.read((tmp_path / "O" / RECORD).read_bytes(), RECORD)
    assert record.source == "orders.json"
    assert record.imported.definition == definition(tmp_path / "O")


def test_the_same_again_changes_no_byte(tmp_path: Path, folder: Path) -> None:
    """An unchanged description leaves every byte, whatever the author did and however he writes."""
    data = (folder / DEFINITION).read_bytes().replace(b"\n", b"\r\n").replace(b'"swagger"', b'\t"swagger"', 1)
    (folder / DEFINITION).write_bytes(b"\xef\xbb\xbf" + data)
    author(folder, (("info", "x-mine"), {"a": 1}), (("paths", "/orders", "post"), None))
    (folder / "script.csx").write_bytes(b"code")
    before = contents(folder)
    result = again(tmp_path, folder)
    assert contents(folder) == before
    assert result.files == ()
    assert "nothing changed" in "\n".join(import_lines(result))


def test_edits_stay_and_changes_come(tmp_path: Path, folder: Path) -> None:
    """What the author edited stays, what changed in the API is updated, and nothing else moves."""
    author(
        folder,
        (("paths", "/orders", "get", "summary"), "All orders"),
        (("paths", "/orders", "get", "parameters", 0, "x-ms-visibility"), "advanced"),
        (("paths", "/items"), None),
        (("paths", "/mine"), {"get": {"operationId": "Mine", "responses": {"200": {"description": ""}}}}),
    )
    policy = {"templateId": "setheader", "title": "T", "parameters": {"x-ms-apimTemplateParameter.name": "X"}}
    author(folder, (("properties", "policyTemplateInstances"), [policy]), name=PROPERTIES)
    properties = (folder / PROPERTIES).read_bytes()
    result = again(
        tmp_path,
        folder,
        ('"in": "query", "schema": {"type": "integer"}', '"in": "query", "schema": {"type": "integer", "maximum": 9}'),
        ('"total": {"type": "number"}', '"total": {"type": "number"}, "state": {"type": "string"}'),
        (
            '"/items": {',
            '"/new": {"get": {"operationId": "New", "responses": {"200": {"description": "x"}}}}, "/items": {',
        ),
    )
    written = definition(folder)
    assert written["paths"]["/orders"]["get"]["summary"] == "All orders"
    (parameter,) = written["paths"]["/orders"]["get"]["parameters"]
    assert (parameter["x-ms-visibility"], parameter["maximum"]) == ("advanced", 9)
    assert list(written["paths"]) == ["/orders", "/mine", "/new"]
    assert set(written["definitions"]["Order"]["properties"]) == {"id", "total", "state"}
    assert (folder / PROPERTIES).read_bytes() == properties
    assert result.merge is not None
    assert (result.merge.added, result.merge.removed, result.merge.updated) == (("New",), (), ("ListOrders",))
    assert result.files == (RECORD, DEFINITION)
    assert "import-conflict" not in rules(result)
    assert [line for line in import_lines(result) if line.startswith("  ")] == [
        "  1 added: New",
        "  1 updated: ListOrders",
    ]


CHANGED = ('"summary": "List orders"', '"summary": "Show orders"')


def test_a_conflict_keeps_the_authors_value(tmp_path: Path, folder: Path) -> None:
    """Where both changed the same value the author's is kept, and both places are named; once, not at every import."""
    author(folder, (("paths", "/orders", "get", "summary"), "All orders"))
    result = again(tmp_path, folder, CHANGED)
    assert definition(folder)["paths"]["/orders"]["get"]["summary"] == "All orders"
    shown = [finding for finding in import_json(result)["findings"] if finding["rule"] == "import-conflict"]
    assert len(shown) == 1
    assert shown[0]["message"] == '"summary" is "All orders" here and "Show orders" in the API; yours is kept'
    assert shown[0]["severity"] == "warning"
    assert shown[0]["file"] == str(folder / DEFINITION)
    assert '"All orders"' in (folder / DEFINITION).read_text(encoding="utf-8").splitlines()[shown[0]["line"] - 1]
    (related,) = result.findings[rules(result).index("import-conflict")].related
    position = result.documents["orders.json"].position(related[0])
    assert position is not None
    assert '"Show orders"' in (tmp_path / "orders.json").read_text(encoding="utf-8").splitlines()[position.line - 1]
    assert "import-conflict" not in rules(again(tmp_path, folder, CHANGED))
    assert definition(folder)["paths"]["/orders"]["get"]["summary"] == "All orders"


def test_a_conflict_in_the_apis_favour(tmp_path: Path, folder: Path) -> None:
    """With ``theirs`` the API's value is taken where both changed it; other edits stay."""
    author(folder, (("paths", "/orders", "get", "summary"), "All orders"), (("info", "title"), "Mine"))
    result = again(tmp_path, folder, CHANGED, theirs=True)
    assert definition(folder)["paths"]["/orders"]["get"]["summary"] == "Show orders"
    assert definition(folder)["info"]["title"] == "Mine"
    assert rules(result).count("import-conflict") == 1


def test_an_edited_operation_that_is_gone(tmp_path: Path, folder: Path) -> None:
    """It stays and is a conflict; one that nobody edited goes."""
    author(folder, (("paths", "/items", "get", "summary"), "Mine"))
    path = tmp_path / "orders.json"
    value = json.loads(API)
    del value["paths"]["/items"], value["paths"]["/orders"]["post"]
    path.write_bytes(dump(value))
    result = import_source(str(path), ImportOptions(output=folder))
    assert list(definition(folder)["paths"]) == ["/orders", "/items"]
    assert list(definition(folder)["paths"]["/orders"]) == ["get"]
    (conflict,) = [finding for finding in result.findings if finding.rule == "import-conflict"]
    assert conflict.message == 'operation "GET /items" is not in the API any more, and you changed it; it stays'


def test_a_removed_operation_that_changed(tmp_path: Path, folder: Path) -> None:
    """What the author took out stays out, and he is told that it changed."""
    author(folder, (("paths", "/orders", "get"), None))
    result = again(tmp_path, folder, CHANGED)
    assert list(definition(folder)["paths"]["/orders"]) == ["post"]
    (said,) = [finding for finding in result.findings if finding.rule == "stays-removed"]
    assert (said.severity, '"ListOrders"' in said.message) == (Severity.INFO, True)


def test_comments_stay_with_what_they_are_about(tmp_path: Path, folder: Path) -> None:
    """Where the API moves a path, renames an operation, and adds and takes out elements of lists, what the author wrote
    around the values stays with them, to the byte."""
    before = [
        '    "/orders": { // all of them',
        '        "summary":   "List orders", // in short',
        '            "name": "page", // from 1',
        '             "in" : "query",',
    ]
    text = (folder / DEFINITION).read_text(encoding="utf-8")
    for old, new in zip(
        ['    "/orders": {', '        "summary": "List orders",', '            "name": "page",'], before, strict=False
    ):
        assert old in text
        text = text.replace(old, new, 1)
    text = text.replace('            "in": "query",', before[3], 1)
    (folder / DEFINITION).write_text(text, encoding="utf-8")
    result = again(
        tmp_path,
        folder,
        ('"/orders": {', '"/v2/orders": {'),
        ('"operationId": "CreateOrder"', '"operationId": "MakeOrder"'),
        ('"parameters": [{', '"parameters": [{"name": "from", "in": "query", "schema": {"type": "string"}}, {'),
    )
    lines = (folder / DEFINITION).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line in before] == before[1:]
    assert '    "/v2/orders": { // all of them' in lines
    assert len(lines) == len(text.splitlines()) + 5
    written = read((folder / DEFINITION).read_bytes(), DEFINITION).value
    assert [parameter["name"] for parameter in written["paths"]["/v2/orders"]["get"]["parameters"]] == ["from", "page"]
    (renamed,) = [finding for finding in result.findings if finding.rule == "operation-renamed"]
    assert '"CreateOrder" is "MakeOrder"' in renamed.message


def test_conflicts_about_elements_name_them(tmp_path: Path, folder: Path) -> None:
    """A parameter that one side took out and the other changed is called by its name, and its two places are named."""
    author(folder, (("paths", "/orders", "get", "parameters", 0), None))
    changed = ('"schema": {"type": "integer"}', '"schema": {"type": "integer", "maximum": 9}')
    result = again(tmp_path, folder, changed)
    (conflict,) = [finding for finding in result.findings if finding.rule == "import-conflict"]
    assert conflict.message == '"parameters/page" was taken out by you and has changed in the API; it stays out'
    assert [note for _, note in conflict.related] == ["where the API has it"]
    author(folder, (("paths", "/items", "get", "summary"), "Mine"))
    result = again(tmp_path, folder, changed, ('"/items": {', '"/things": {'), ('"ListItems"', '"ListThings"'))
    (conflict,) = [finding for finding in result.findings if finding.rule == "import-conflict"]
    assert [note for _, note in conflict.related] == ["where the API had it"]


def test_a_policy_for_an_operation_that_is_gone(tmp_path: Path, folder: Path) -> None:
    """What a merge breaks elsewhere in the connector is said."""
    names = {"x-ms-apimTemplate-operationName": ["ListItems"], "x-ms-apimTemplateParameter.name": "X"}
    policy = {"templateId": "setheader", "title": "T", "parameters": names}
    author(folder, (("properties", "policyTemplateInstances"), [policy]), name=PROPERTIES)
    path = tmp_path / "orders.json"
    value = json.loads(API)
    del value["paths"]["/items"]
    path.write_bytes(dump(value))
    result = import_source(str(path), ImportOptions(output=folder))
    found = next(finding for finding in result.findings if finding.rule == "unknown-operation-in-policy")
    assert found.route.document == str(folder / PROPERTIES)
    assert result.documents[found.route.document].position(found.route) is not None


def test_selection_is_remembered(tmp_path: Path, folder: Path) -> None:
    """A later import selects as the last one did unless told otherwise, and says so."""
    shutil.rmtree(folder)
    again(tmp_path, folder, selection=Selection(tags=("orders",), exclude=("Create*",)))
    assert list(load_connector(folder).definition.operations) == ["ListOrders"]
    result = again(tmp_path, folder)
    assert list(load_connector(folder).definition.operations) == ["ListOrders"]
    (said,) = [finding for finding in result.findings if finding.rule == "selection-repeated"]
    assert '--tag "orders" --exclude "Create*"' in said.message
    result = again(tmp_path, folder, selection=Selection(only=("*",)))
    assert list(load_connector(folder).definition.operations) == ["ListOrders", "CreateOrder", "ListItems"]
    assert result.merge is not None
    assert result.merge.added == ("CreateOrder", "ListItems")
    result = again(tmp_path, folder, selection=Selection(only=("ListItems",)))
    assert result.merge is not None
    assert result.merge.removed == ("ListOrders", "CreateOrder")
    assert "Order" not in definition(folder)["definitions"]


def test_base_url_is_remembered(tmp_path: Path, folder: Path) -> None:
    """So is the address of a description that names no server."""
    shutil.rmtree(folder)
    nameless = ('"servers": [{"url": "https://api.example.com/v1"}],', "")
    again(tmp_path, folder, nameless, base_url="https://here.example.com/base")
    before = contents(folder)
    again(tmp_path, folder, nameless)
    assert contents(folder) == before
    assert definition(folder)["host"] == "here.example.com"


@pytest.mark.parametrize(
    "base_url",
    [
        "api.example.com",
        "localhost:8080",
        "ftp://a",
        "https://",
        "https://a b",
        "https://{a}.example",
        "https://a:99999",
        "https://me:secret@a.example",
        "https://a.example/?key=secret",
        "https://a.example#x",
    ],
)
def test_a_base_url_that_is_none_is_refused(tmp_path: Path, base_url: str) -> None:
    """It is not left out in silence, and what may be secret in it is not shown."""
    with pytest.raises(DocumentError) as caught:
        import_source(api(tmp_path), ImportOptions(output=tmp_path / "new", base_url=base_url))
    assert caught.value.finding.rule == "bad-base-url"
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "new").exists()


def test_a_base_url_that_is_not_needed_is_said(tmp_path: Path) -> None:
    """Where the description names its host, that is used."""
    result = import_source(api(tmp_path), ImportOptions(output=tmp_path / "new", base_url="https://b.example"))
    assert [finding.rule for finding in result.findings] == ["base-url-not-used"]
    assert definition(tmp_path / "new")["host"] == "api.example.com"
    same = ImportOptions(output=tmp_path / "same", base_url="https://API.example.com")
    assert import_source(api(tmp_path), same).findings == ()


def test_a_root_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A misspelt root is said before anything is read."""
    with pytest.raises(DocumentError, match="there is no folder"):
        import_source(api(tmp_path), ImportOptions(output=tmp_path / "new", root=tmp_path / "none"))


def test_without_an_output_the_name_finds_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An import without a folder merges into the one of its name, selected as before."""
    monkeypatch.chdir(tmp_path)
    import_source(api(tmp_path), ImportOptions(selection=Selection(only=("ListItems",))))
    author(tmp_path / "Orders", (("paths", "/items", "get", "summary"), "Mine"))
    result = import_source(api(tmp_path), ImportOptions())
    assert result.merge is not None
    assert result.folder == Path("Orders")
    assert list(load_connector(tmp_path / "Orders").definition.operations) == ["ListItems"]


def test_without_a_record(tmp_path: Path, folder: Path) -> None:
    """When nobody knows what was imported, every difference is listed and the author wins; afterwards it is known."""
    author(folder, (("paths", "/orders", "get", "summary"), "All orders"))
    (folder / RECORD).unlink()
    result = again(tmp_path, folder, ('"summary": "List items"', '"summary": "Show items"'))
    assert rules(result).count("import-conflict") == 2
    assert "no-import-record" in rules(result)
    assert definition(folder)["paths"]["/items"]["get"]["summary"] == "List items"
    assert (folder / RECORD).is_file()
    assert "no-import-record" not in rules(again(tmp_path, folder))


@pytest.mark.parametrize("broken", [b"", b"{}", b'{"version": 99}', b'{"version": 1, "imported": "x"}', b"\x00\xff"])
def test_a_broken_record(tmp_path: Path, folder: Path, broken: bytes) -> None:
    """A record that cannot be read is said, counts as none, and is written anew."""
    (folder / RECORD).write_bytes(broken)
    before = (folder / DEFINITION).read_bytes()
    result = again(tmp_path, folder)
    found = next(finding for finding in result.findings if finding.rule == "import-record-unreadable")
    assert (found.severity, found.route.document) == (Severity.WARNING, str(folder / RECORD))
    assert (folder / DEFINITION).read_bytes() == before
    assert "import-record-unreadable" not in rules(again(tmp_path, folder))


def test_a_dry_run_writes_nothing(tmp_path: Path, folder: Path) -> None:
    """A dry run tells what would be, as a patch, for a merge, a new folder and a forced one."""
    before = contents(folder)
    result = again(tmp_path, folder, CHANGED, dry_run=True)
    assert contents(folder) == before
    assert b'-        "summary": "List orders",\n+        "summary": "Show orders",\n' in result.patch()
    assert not result.written
    assert import_json(result)["patch"] == result.patch().decode()
    assert import_lines(result)[0].startswith("would import again 3 operations")
    new = again(tmp_path, tmp_path / "New", dry_run=True)
    assert not (tmp_path / "New").exists()
    assert new.patch().startswith(b"--- /dev/null\n+++ b/apiDefinition.swagger.json\n")
    forced = again(tmp_path, folder, CHANGED, dry_run=True, force=True)
    assert forced.patch() == result.patch()
    assert contents(folder) == before


def test_force_replaces_without_a_merge(tmp_path: Path, folder: Path) -> None:
    """A forced import writes both documents anew and touches no other file."""
    author(folder, (("info", "title"), "Mine"))
    (folder / "script.csx").write_bytes(b"code")
    result = again(tmp_path, folder, force=True)
    assert result.merge is None
    assert definition(folder)["info"]["title"] == "Orders"
    assert (folder / "script.csx").read_bytes() == b"code"


def test_a_folder_that_holds_something_else(tmp_path: Path) -> None:
    """A folder without a connector is not merged into: not even one with the description itself."""
    for name in ("notes.txt", "orders.json"):
        target = tmp_path / name.partition(".")[0]
        target.mkdir()
        (target / name).write_text(API, encoding="utf-8")
        for dry_run in (True, False):
            with pytest.raises(DocumentError) as caught:
                again(tmp_path, target, dry_run=dry_run)
            assert caught.value.finding.rule == "folder-not-empty"
        assert list(contents(target)) == [name]


def test_a_connector_is_not_merged_into_itself(tmp_path: Path, folder: Path) -> None:
    """The author's edits would count as the API's, and the next import would take them back."""
    before = contents(folder)
    for source in (folder, folder / DEFINITION):
        with pytest.raises(DocumentError) as caught:
            import_source(str(source), ImportOptions(output=folder))
        assert caught.value.finding.rule == "import-into-itself"
    assert contents(folder) == before


def test_a_definition_that_cannot_be_merged_into(tmp_path: Path, folder: Path) -> None:
    """A folder whose definition is OpenAPI 3, and a text that cannot be patched, are refused unharmed."""
    (folder / DEFINITION).write_text(API, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        again(tmp_path, folder)
    assert caught.value.finding.rule == "cannot-merge"
    item = "{get: {operationId: ListItems, responses: {'200': {description: Items}}}}"
    shared = f"swagger: '2.0'\ninfo: {{title: T, version: '1'}}\nx-a: &a {item}\npaths: {{/items: *a}}\n"
    (folder / DEFINITION).unlink()
    (folder / RECORD).unlink()
    (folder / "apiDefinition.yaml").write_text(shared, encoding="utf-8")
    before = contents(folder)
    with pytest.raises(DocumentError) as caught:
        again(tmp_path, folder)
    assert caught.value.finding.rule == "cannot-merge"
    assert "--force" in caught.value.finding.remedy
    assert contents(folder) == before


def test_a_definition_in_yaml(tmp_path: Path, folder: Path) -> None:
    """A definition that its author keeps in YAML, with comments, is patched in YAML."""
    text = (
        "# mine\nswagger: '2.0'\ninfo: {title: Orders, version: '1'} # short\nhost: api.example.com\n"
        "paths:\n  # what I need\n  /items:\n    get:\n      operationId: ListItems\n      summary: My items # better\n"
        "      responses:\n        '200': {description: Items}\n"
    )
    (folder / DEFINITION).unlink()
    (folder / RECORD).unlink()
    (folder / "apiDefinition.yaml").write_text(text, encoding="utf-8")
    again(tmp_path, folder)
    again(tmp_path, folder, ('"description": "Items"', '"description": "All items"'))
    written = (folder / "apiDefinition.yaml").read_text(encoding="utf-8")
    assert "description: All items" in written
    for line in ("# mine", "title: Orders, version: '1'} # short", "  # what I need", "summary: My items # better"):
        assert line in written
    assert not (folder / DEFINITION).exists()


def test_missing_properties_are_written(tmp_path: Path, folder: Path) -> None:
    """A folder without properties gets those of the import."""
    before = (folder / PROPERTIES).read_bytes()
    (folder / PROPERTIES).unlink()
    assert PROPERTIES in again(tmp_path, folder).files
    assert (folder / PROPERTIES).read_bytes() == before


def test_a_connector_folder_as_the_source(tmp_path: Path, folder: Path) -> None:
    """A folder is merged into another one: both documents, and no other file."""
    source = tmp_path / "Source"
    shutil.copytree(folder, source)
    (source / "script.csx").write_bytes(b"code")
    copy = tmp_path / "Copy"
    result = import_source(str(source), ImportOptions(output=copy, selection=Selection(only=("*Orders",))))
    assert list(result.connector.definition.operations) == ["ListOrders"]
    assert (copy / "script.csx").read_bytes() == b"code"
    (source / "script.csx").write_bytes(b"other code")
    author(copy, (("info", "title"), "Mine"))
    author(source, (("info", "version"), "2"))
    result = import_source(str(source), ImportOptions(output=copy))
    assert definition(copy)["info"] == {"title": "Mine", "version": "2"}
    assert (copy / "script.csx").read_bytes() == b"code"
    assert result.merge is not None
    assert result.merge.added == ()


def test_secrets_are_not_shown(tmp_path: Path, folder: Path) -> None:
    """A client secret that differs is in no finding, no patch and no record."""

    def properties(secret: str) -> bytes:
        settings = {"identityProvider": "oauth2", "clientId": "a", "clientSecret": secret}
        token = {"type": "oauthSetting", "oAuthSettings": settings}
        return dump({"properties": {"iconBrandColor": "#fff", "connectionParameters": {"token": token}}})

    source = tmp_path / "Source"
    shutil.copytree(folder, source)
    (source / PROPERTIES).write_bytes(properties("first-secret"))
    (folder / PROPERTIES).write_bytes(properties("second-secret"))
    (folder / RECORD).unlink()
    shown = []
    for theirs, dry_run in ((False, True), (True, True), (True, False)):
        result = import_source(str(source), ImportOptions(output=folder, theirs=theirs, dry_run=dry_run))
        shown.append(json.dumps(import_json(result)) + repr(result) + result.patch().decode())
    assert "import-conflict" in shown[0]
    assert not [text for text in shown if "first-secret" in text or "second-secret" in text]
    assert b"secret" not in (folder / RECORD).read_bytes()


def test_a_url_is_remembered_without_its_secrets() -> None:
    """User, password, query and fragment of a URL are not written down."""
    from tieline.app.importing import _public

    assert _public("https://me:hush@example.com:8443/api.json?key=hush#x") == "https://example.com:8443/api.json"


def test_what_the_disk_refuses(tmp_path: Path, folder: Path) -> None:
    """A folder in which nothing can be remembered is an error of the world, after the connector was written."""
    (folder / RECORD).unlink()
    (folder / RECORD).parent.rmdir()
    (folder / RECORD).parent.write_text("in the way", encoding="utf-8")
    with pytest.raises(ServiceError, match="cannot write"):
        again(tmp_path, folder)


def over_the_limits() -> dict[str, Any]:
    """A description with more operations than the platform takes."""
    reply = {"200": {"description": "x", "schema": {"properties": {f"p{n}": {"type": "string"} for n in range(600)}}}}
    paths = {f"/p{n}": {"get": {"operationId": f"Op{n}", "responses": reply}} for n in range(3)}
    many = {
        f"/q{n}": {"get": {"operationId": f"More{n}", "responses": {"200": {"description": ""}}}} for n in range(300)
    }
    return {"swagger": "2.0", "info": {"title": "Big", "version": "1"}, "host": "h", "paths": {**paths, **many}}


def test_what_is_over_a_limit_is_written_and_said(tmp_path: Path) -> None:
    """It is complete, each limit has a finding in the written file, and a selection mends it."""
    file = tmp_path / "big.json"
    file.write_bytes(dump(over_the_limits()))
    result = import_source(str(file), ImportOptions(output=tmp_path / "Big"))
    found = [finding for finding in result.findings if finding.rule == "over-limit"]
    assert len(found) == 2
    assert len(load_connector(tmp_path / "Big").definition.operations) == 303
    assert found[1].route.document == str(tmp_path / "Big" / DEFINITION)
    assert result.documents[found[1].route.document].position(found[1].route) is not None
    meter = import_json(result)["meter"]
    assert meter["operations"] == {"count": 303, "limit": 256}
    assert [use["operation"] for use in meter["schemas"]["over"]] == ["Op0", "Op1", "Op2"]
    assert meter["schemas"]["count"] == 601
    part = import_source(str(file), ImportOptions(output=tmp_path / "Part", selection=Selection(only=("More1*",))))
    assert "over-limit" not in rules(part)


@pytest.mark.corpus
def test_published_apis_again(shared: Path, tmp_path: Path) -> None:
    """Real descriptions are imported, edited, changed and imported again: the edits stay, the changes come, the rest
    of the text is what it was."""
    done = 0
    for path in sorted((shared / "corpus" / "openapi" / "npm").rglob("*.json"))[::3]:
        if path.stat().st_size > 300_000:
            continue
        folder, file = tmp_path / f"C{done}", tmp_path / f"{done}.json"
        file.write_bytes(path.read_bytes())
        options = ImportOptions(output=folder, base_url="https://example.com")
        first = import_source(str(file), options)
        outlines = [one for one in first.connector.definition.operations.outlines if one.route.keys[0] == "paths"]
        if len(outlines) < 2:
            continue
        edited, changed = outlines[0], outlines[-1]
        author(folder, (("info", "title"), "Mine"), ((*edited.route.keys, "summary"), "My summary"))
        before = (folder / DEFINITION).read_text(encoding="utf-8")
        source = read(file.read_bytes(), file.name)
        place = Route("", ("paths", changed.path, changed.method.lower(), "summary"))
        file.write_bytes(edit(source, [Edit(route=place, action="set", value="Their summary")]).data)
        result = import_source(str(file), options)
        assert "import-conflict" not in rules(result), path
        assert result.merge is not None
        assert result.merge.updated == (changed.id,), path
        after = (folder / DEFINITION).read_text(encoding="utf-8")
        lines = set(before.splitlines()) ^ set(after.splitlines())
        assert len(lines) <= 3, path
        assert '"My summary"' in after
        assert '"Their summary"' in after
        assert import_source(str(file), options).files == (), path
        done += 1
    assert done >= 8
