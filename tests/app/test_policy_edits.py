"""Policies are added, removed and moved in the author's own text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.app.load import load_connector
from tieline.app.new_policy import NewPolicy, instance_of
from tieline.app.policies import list_policies
from tieline.app.policy_edits import PolicyChange, add_policy, move_policy, remove_policy
from tieline.formats import folder as folders
from tieline.model import DocumentError, Operations, Severity
from tieline.policy import POLICIES

CASES = yaml.safe_load((Path(__file__).parent / "data" / "policy-edits.yaml").read_text(encoding="utf-8"))
HEADER = NewPolicy(template="setheader", values={"name": "X-Test", "value": "ü \\ \" @headers('a')"})
OPERATIONS = folders.read(folders.new_connector_files("T")).definition.operations
Make = Callable[..., Path]


def change_of(case: dict[str, Any], folder: Path) -> PolicyChange:
    """The change that a case asks for."""
    if "add" in case:
        wanted = case["add"]
        return add_policy(folder, NewPolicy(**{**wanted, "operations": tuple(wanted.get("operations", ()))}))
    return move_policy(folder, *case["move"]) if "move" in case else remove_policy(folder, case["remove"])


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_change(case: dict[str, Any], connector_folder: Make) -> None:
    """A change gives the file that the case says, or its error, and then the file stays."""
    folder = connector_folder(case["before"].encode())
    written = folder / "apiProperties.json"
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            change_of(case, folder)
        finding = caught.value.finding
        assert (finding.rule, finding.message, finding.remedy) == (case["error"], case["message"], case["remedy"])
        assert written.read_bytes() == case["before"].encode()
        return
    change = change_of(case, folder)
    assert written.read_bytes() == case["before"].encode(), "nothing is written before write()"
    change.write()
    assert written.read_bytes().decode() == case["after"]
    assert {entry.name for entry in folder.iterdir()} == {"apiDefinition.swagger.json", "apiProperties.json"}


def test_a_folder_without_properties(connector_folder: Make) -> None:
    """The file is made with what the connector's sign-in needs, and is no longer than that and the policy."""
    folder = connector_folder()
    before = load_connector(folder).properties
    change = add_policy(folder, HEADER)
    assert change.patch().startswith(b"--- /dev/null\n+++ b/apiProperties.json\n")
    assert not (folder / "apiProperties.json").exists()
    change.write()
    made = json.loads((folder / "apiProperties.json").read_text(encoding="utf-8"))
    added = made["properties"].pop("policyTemplateInstances")
    assert made == before.root
    assert [policy.raw for policy in load_connector(folder).properties.policies] == added
    assert load_connector(folder).properties.connection_parameters[0].name == "api_key"


@pytest.mark.parametrize("text", ["properties:\n  publisher: P # who\n", '{"properties": {}}'])
def test_properties_in_yaml(text: str, connector_folder: Make) -> None:
    """Properties that are written in YAML stay YAML, in their own file."""
    folder = connector_folder(text.encode(), name="apiProperties.yaml")
    add_policy(folder, HEADER).write()
    add_policy(folder, NewPolicy(template="dynamichosturl", values={"urlTemplate": "x"}, at=1)).write()
    move_policy(folder, 1, 2).write()
    assert [row.template for row in list_policies(folder).rows] == ["setheader", "dynamichosturl"]
    assert not (folder / "apiProperties.json").exists()
    assert ("# who" in text) == (b"publisher: P # who\n" in (folder / "apiProperties.yaml").read_bytes())


LAYOUTS = {
    "crlf": ('{\r\n\t"properties": {\r\n\t\t"publisher": "P"\r\n\t}\r\n}', "utf-8"),
    "mark": ('\ufeff{\n "properties": {\n  "publisher": "P"}\n}\n', "utf-8"),
    "utf-16": ('\ufeff{\n "properties": {\n  "publisher": "Ü"}\n}\n', "utf-16-le"),
    "latin-1": ('{\n "properties": {\n  "publisher": "Ü"}\n}\n', "latin-1"),
    "tight": ('{"properties":{"publisher":"P"}}', "utf-8"),
    "comments": ('// top\n{ /* a */\n  "properties": { // b\n    "publisher": "P" // c\n  } // d\n}\n', "utf-8"),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_stay(name: str, connector_folder: Make) -> None:
    """Line ends, indentation, byte order mark, encoding and comments stay, and remove undoes add."""
    text, codec = LAYOUTS[name]
    folder = connector_folder(text.encode(codec))
    written = folder / "apiProperties.json"
    add_policy(folder, HEADER).write()
    once = written.read_bytes()
    add_policy(folder, NewPolicy(template="dynamichosturl", values={"urlTemplate": "x"}, at=1)).write()
    after = written.read_bytes().decode(codec)
    assert after.startswith(text[: text.index("publisher")])
    assert ("\r" in text) == (after.count("\n") == after.count("\r\n") > 10)
    assert [row.description for row in list_policies(folder).rows] == ["x", f"X-Test = {HEADER.values['value']}"]
    remove_policy(folder, 1).write()
    assert written.read_bytes() == once
    remove_policy(folder, 1).write()
    assert written.read_bytes() == text.encode(codec)


def test_what_is_doubtful_is_said(connector_folder: Make) -> None:
    """A policy with a misspelt function is added, with a warning at its place in the file that it will have."""
    folder = connector_folder(b'{\n "properties": {}\n}')
    change = add_policy(
        folder, NewPolicy(template="setheader", values={"name": "a", "value": "@conectionParameters('x')"})
    )
    (finding,) = change.findings
    assert finding.severity is Severity.WARNING
    assert finding.route.keys[:3] == ("properties", "policyTemplateInstances", 0)
    position = change.connector.documents["apiProperties.json"].position(finding.route)
    assert position is not None
    assert b"conection" in change.file.after.splitlines()[position.line - 1]


def test_client_secrets_are_not_shown(connector_folder: Make) -> None:
    """A patch hides the client secret that stands beside the change; the file keeps it."""
    oauth = {"type": "oauthSetting", "oAuthSettings": {"identityProvider": "aad", "clientSecret": "s3cr3t-value"}}
    folder = connector_folder(json.dumps({"properties": {"connectionParameters": {"token": oauth}}}).encode())
    change = add_policy(folder, HEADER)
    assert b"s3cr3t" not in change.patch()
    assert b"X-Test" in change.patch()
    assert "s3cr3t" not in json.dumps(change.json(written=False)) + repr(change)
    change.write()
    assert b"s3cr3t-value" in (folder / "apiProperties.json").read_bytes()


@given(
    template=st.sampled_from([policy.template for policy in POLICIES]) | st.text(max_size=5),
    values=st.dictionaries(
        st.sampled_from(sorted({entry.name for policy in POLICIES for entry in policy.parameters}))
        | st.text(max_size=5),
        st.text(max_size=12) | st.sampled_from(["@body()", "@item().a", "true", "401", "{}", "@triggerBody().v"]),
    ),
    section=st.sampled_from(["", "request", "Response", "failure", "inbound"]),
    title=st.text(max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_any_new_policy(template: str, values: dict[str, str], section: str, title: str) -> None:
    """Whatever a person says, it gives an instance or one of our errors."""
    new = NewPolicy(template=template, values=values, section=section, title=title)
    try:
        value = instance_of(new, Operations((), lambda outline: pytest.fail("no operation is needed")))
    except DocumentError:
        return
    assert value["templateId"] == template
    assert json.loads(json.dumps(value)) == value


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_fitting_values(data: st.DataObject) -> None:
    """Values that fit a parameter are taken, and what is written can run in the section that it says."""
    fitting = {"template": "a @headers('b') c", "url": "/a/{id}", "keys": "a.b", "integer": "401", "flag": "True"}
    fitting |= {"templates": '{"a": "@{triggerBody().v}"}', "text": "X-A"}
    special = {"parameterTemplate": "@headers('a')", "triggerDataPath": "@triggerBody().v", "valueName": "v"}
    policy = data.draw(st.sampled_from(POLICIES))
    chosen = [entry for entry in policy.parameters if entry.required or data.draw(st.booleans())]
    values = {
        entry.name: special.get(entry.name) or (entry.choices or (fitting.get(entry.kind, "@body().a"),))[-1]
        for entry in chosen
    }
    section = data.draw(st.sampled_from(policy.sections))
    new = NewPolicy(template=policy.id, values=values, section=section, operations=("GetStatus",))
    value = instance_of(new, OPERATIONS)
    assert value["parameters"]["x-ms-apimTemplate-policySection"] == section.title()
    assert list(value["parameters"]["x-ms-apimTemplate-operationName"]) == ["GetStatus"]


@pytest.mark.corpus
def test_corpus(shared: Path, tmp_path: Path) -> None:
    """In published connectors a policy is added and taken out again, moved and moved back, and every byte is what it
    was; only of a list that was empty the brackets are gone."""
    same, emptied, moved = 0, 0, 0
    for folder in sorted({path.parent for path in (shared / "corpus" / "connectors").rglob("apiProperties.json")}):
        copy = tmp_path / folder.parent.name / folder.name
        copy.mkdir(parents=True)
        for file in folder.iterdir():  # without its permissions: the corpus may only be read
            if file.is_file() and file.suffix not in (".md", ".png"):
                (copy / file.name).write_bytes(file.read_bytes())
        written = copy / "apiProperties.json"
        before = written.read_bytes()
        rows = list_policies(copy).rows
        change = add_policy(copy, HEADER)
        change.write()
        after = list_policies(copy).rows
        assert [row.description for row in after[:-1]] == [row.description for row in rows]
        assert after[-1] == change.row
        remove_policy(copy, len(after)).write()
        if written.read_bytes() == before:
            same += 1
        else:
            assert re.search(rb'"policyTemplateInstances"\s*:\s*\[\s*\]', before)
            written.write_bytes(before)
            emptied += 1
        if len(rows) > 1:
            move_policy(copy, 1, len(rows)).write()
            assert list_policies(copy).rows[-1].description == rows[0].description
            move_policy(copy, len(rows), 1).write()
            assert written.read_bytes() == before, folder
            moved += 1
    assert (same, emptied, moved) >= (243, 7, 40)
