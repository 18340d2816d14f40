"""A connector that its author edited, and a new import of the same API, become one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats.connector_merge import NOTHING, ConnectorMerge, Imported, merge_connectors
from tieline.formats.merge import same
from tieline.formats.parts import definition_of, properties_of
from tieline.model import MISSING, DocumentError

Change = Callable[[dict[str, Any]], Any]


def operation(name: str, ref: str = "", **more: Any) -> dict[str, Any]:
    """An operation that refers to a definition."""
    schema = {"schema": {"$ref": f"#/definitions/{ref}"}} if ref else {}
    return {"operationId": name, "summary": name, "responses": {"200": {"description": "", **schema}}, **more}


BASE: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/a": {
            "parameters": [{"name": "shared", "in": "query", "type": "string"}],
            "get": operation("GetA", "A"),
            "post": operation("PostA"),
        },
        "/b": {"get": operation("GetB", "B")},
    },
    "definitions": {"A": {"type": "object"}, "B": {"$ref": "#/definitions/C"}, "C": {"type": "string"}},
}


def changed(*changes: Change) -> dict[str, Any]:
    """The base with changes made in place."""
    value = copy.deepcopy(BASE)
    for change in changes:
        change(value)
    return value


def merged(ours: dict[str, Any], theirs: dict[str, Any], base: Any = BASE, **options: bool) -> ConnectorMerge:
    """The merge of three definitions."""
    return merge_connectors(*(Imported(definition=one, properties={}) for one in (base, ours, theirs)), **options)


def paths(result: ConnectorMerge) -> dict[str, list[str]]:
    """The keys of each path item."""
    return {path: list(item) for path, item in result.result.definition["paths"].items()}


def places(result: ConnectorMerge) -> list[tuple[Any, ...]]:
    """Where there are conflicts in the definition."""
    return [conflict.our_keys for conflict in result.definition.conflicts]


def test_operations_come_and_go() -> None:
    """New operations are added, gone ones are removed, changed ones are updated; the author's own stay."""
    ours = changed(lambda v: v["paths"].update({"/mine": {"get": operation("Mine")}}))
    theirs = changed(
        lambda v: v["paths"].pop("/b"),
        lambda v: v["paths"].update({"/c": {"get": operation("GetC")}}),
        lambda v: v["paths"]["/a"]["get"].update(description="new"),
    )
    result = merged(ours, theirs)
    assert (result.added, result.removed, result.updated) == (("GetC",), ("GetB",), ("GetA",))
    assert list(paths(result)) == ["/a", "/mine", "/c"]
    assert places(result) == []


def test_an_edited_operation_that_is_gone_is_a_conflict() -> None:
    """It stays with all that it needs, or goes when the API's is wanted; its neighbours go in any case."""
    ours = changed(lambda v: v["paths"]["/a"]["get"].update(summary="Mine"))
    theirs = changed(lambda v: v["paths"].pop("/a"), lambda v: v["definitions"].pop("A"))
    result = merged(ours, theirs)
    assert paths(result) == {"/a": ["parameters", "get"], "/b": ["get"]}
    assert "A" in result.result.definition["definitions"]
    assert places(result) == [("paths", "/a", "get")]
    result = merged(ours, theirs, take_theirs=True)
    assert paths(result) == {"/b": ["get"]}
    assert "A" not in result.result.definition["definitions"]
    assert places(result) == [("paths", "/a", "get")]


@pytest.mark.parametrize("take_theirs", [False, True])
def test_what_the_author_took_out_stays_out(take_theirs: bool) -> None:
    """Operations and definitions that were taken out stay out whatever becomes of them, and are told."""
    ours = changed(lambda v: v["paths"].pop("/a"), lambda v: v["definitions"].pop("A"))
    theirs = changed(
        lambda v: v["paths"]["/a"]["get"].update(summary="New"), lambda v: v["definitions"]["A"].update(title="A")
    )
    result = merged(ours, theirs, take_theirs=take_theirs)
    assert paths(result) == {"/b": ["get"]}
    assert result.left_out == ("GetA",)
    assert places(result) == []


def test_a_new_operation_in_a_path_that_was_taken_out() -> None:
    """It comes with the parameters that its path shares, and with a definition that was taken out and is needed."""
    ours = changed(lambda v: v["paths"].pop("/a"), lambda v: v["definitions"].pop("A"))
    theirs = changed(lambda v: v["paths"]["/a"].update(put=operation("PutA", "A")))
    result = merged(ours, theirs)
    assert paths(result) == {"/b": ["get"], "/a": ["parameters", "put"]}
    assert result.result.definition["definitions"]["A"] == {"type": "object"}


def test_edits_follow_an_operation_to_another_path() -> None:
    """An operation that the API moves takes the author's edits along, and what its path shares."""
    ours = changed(lambda v: v["paths"]["/b"]["get"].update(summary="Mine"))
    theirs = changed(
        lambda v: v["paths"].pop("/b"),
        lambda v: v["paths"].update({"/v2/b": {"x-item": 1, "post": operation("GetB", "B", description="new")}}),
    )
    result = merged(ours, theirs)
    assert list(paths(result)) == ["/a", "/v2/b"]
    moved = result.result.definition["paths"]["/v2/b"]["post"]
    assert (moved["summary"], moved["description"]) == ("Mine", "new")
    assert (result.added, result.removed, result.updated) == ((), (), ("GetB",))


def test_a_path_that_moves_stays_where_the_author_has_it() -> None:
    """A path whose operations all move is the same member under another key, with new names of its parameters."""
    own = {"name": "id", "in": "path", "required": True, "type": "string", "x-ms-summary": "Mine"}
    first = {**own, "x-ms-summary": "Id"}
    query = {**first, "in": "query"}
    base = changed(
        lambda v: v["paths"].update({"/x/{id}": {"get": operation("GetX", parameters=[first, query])}}),
        lambda v: v["paths"].update({"/z": {"get": operation("GetZ")}}),
    )
    ours = copy.deepcopy(base)
    ours["paths"]["/x/{id}"]["get"]["parameters"] = [own, query]
    theirs = copy.deepcopy(base)
    moved = theirs["paths"].pop("/x/{id}")["get"]
    theirs["paths"]["/v2/x/{key}"] = {"put": {**moved, "parameters": [{**first, "name": "key"}, query]}}
    result = merged(ours, theirs, base)
    assert list(paths(result)) == ["/a", "/b", "/v2/x/{key}", "/z"]
    assert result.result.definition["paths"]["/v2/x/{key}"]["put"]["parameters"] == [{**own, "name": "key"}, query]
    assert result.moved == ((("paths", "/x/{id}"), "/v2/x/{key}"), (("paths", "/v2/x/{key}", "get"), "put"))
    assert places(result) == []


def test_a_path_moves_and_loses_an_operation() -> None:
    """An operation that the API drops while it moves the others of its path keeps the path from nothing."""
    ours = changed(lambda v: v["paths"]["/a"]["get"].update(summary="Mine"))
    theirs = changed(
        lambda v: v["paths"]["/a"].pop("post"), lambda v: v["paths"].update({"/v2/a": v["paths"].pop("/a")})
    )
    result = merged(ours, theirs)
    assert paths(result) == {"/v2/a": ["parameters", "get"], "/b": ["get"]}
    assert result.moved == ((("paths", "/a"), "/v2/a"),)
    assert (result.removed, places(result)) == (("PostA",), [])


def test_the_author_moved_an_operation() -> None:
    """What the API changes in an operation comes to where the author has it; a conflict names both places."""
    ours = changed(lambda v: v["paths"].update({"/mine": {"post": {**v["paths"].pop("/b")["get"], "summary": "Mine"}}}))
    theirs = changed(lambda v: v["paths"]["/b"]["get"].update(description="new", summary="New"))
    result = merged(ours, theirs)
    assert list(paths(result)) == ["/a", "/mine"]
    assert result.result.definition["paths"]["/mine"]["post"]["description"] == "new"
    (conflict,) = result.definition.conflicts
    assert conflict.our_keys == ("paths", "/mine", "post", "summary")
    assert conflict.their_keys == ("paths", "/b", "get", "summary")
    assert (result.left_out, result.updated) == ((), ("GetB",))


def test_both_moved_an_operation() -> None:
    """Where both did, to different places, the author's stays and the API's comes beside it."""
    ours = changed(lambda v: v["paths"].update({"/mine": v["paths"].pop("/b")}))
    theirs = changed(lambda v: v["paths"].update({"/theirs": v["paths"].pop("/b")}))
    assert list(paths(merged(ours, theirs))) == ["/a", "/mine", "/theirs"]


def test_a_path_of_the_same_shape_is_the_same() -> None:
    """Where ids are made of paths and change with them, an operation is told by the path without its parameters."""
    base = changed(lambda v: v["paths"].update({"/x/{id}": {"get": operation("GetXById")}}))
    ours, theirs = copy.deepcopy(base), copy.deepcopy(base)
    ours["paths"]["/x/{id}"]["get"]["summary"] = "Mine"
    del theirs["paths"]["/x/{id}"]
    theirs["paths"]["/x/{key}"] = {"get": operation("GetXByKey", description="new")}
    result = merged(ours, theirs, base)
    found = result.result.definition["paths"]["/x/{key}"]["get"]
    assert (found["operationId"], found["description"]) == ("GetXByKey", "new")
    assert "/x/{id}" not in paths(result)
    assert result.renamed == {"GetXById": "GetXByKey"}
    assert [conflict.ours for conflict in result.definition.conflicts] == ["Mine"]


def test_what_a_path_shares_stays_with_those_that_do_not_move() -> None:
    """An operation that leaves others of the author's behind takes a copy of what its path shares."""
    ours = changed(lambda v: v["paths"]["/a"].update(put=operation("Mine")))
    theirs = changed(lambda v: v["paths"].update({"/c": v["paths"].pop("/a")}))
    result = merged(ours, theirs)
    assert paths(result) == {"/a": ["parameters", "put"], "/b": ["get"], "/c": ["parameters", "get", "post"]}


def test_what_names_an_operation_follows() -> None:
    """Policies and other extensions of the author's name an operation as the API calls it now, those that two names
    were exchanged for too."""
    names = "x-ms-apimTemplate-operationName"
    dynamic = {"operationId": "GetA", "value-path": "id"}
    ours = changed(
        lambda v: v["paths"]["/b"]["get"].update(
            parameters=[{"name": "p", "in": "query", "type": "string", "x-ms-dynamic-values": dynamic}]
        ),
        lambda v: v.update({"x-ms-capabilities": {"testConnection": {"operationId": "GetA"}}}),
    )
    theirs = changed(
        lambda v: v["paths"]["/a"]["get"].update(operationId="ListA"),
        lambda v: v["paths"]["/a"]["post"].update(operationId="GetA"),
    )
    policy = {"templateId": "setheader", "title": "T", "parameters": {names: ["GetB", "GetA", "PostA"]}}
    result = merge_connectors(
        Imported(definition=BASE, properties={}),
        Imported(definition=ours, properties={"properties": {"policyTemplateInstances": [policy]}}),
        Imported(definition=theirs, properties={}),
    )
    (instance,) = result.result.properties["properties"]["policyTemplateInstances"]
    assert instance["parameters"][names] == ["GetB", "ListA", "GetA"]
    found = result.result.definition
    assert found["paths"]["/b"]["get"]["parameters"][0]["x-ms-dynamic-values"]["operationId"] == "ListA"
    assert found["x-ms-capabilities"]["testConnection"]["operationId"] == "ListA"
    assert result.renamed == {"GetA": "ListA", "PostA": "GetA"}
    assert (result.added, result.removed, result.updated) == ((), (), ("ListA", "GetA", "GetB"))
    assert places(result) == []


def test_policies_of_an_import_follow_without_a_conflict() -> None:
    """A policy that an import made for an operation that has another name now is still nobody's edit."""
    names = "x-ms-apimTemplate-operationName"

    def properties(title: str, name: str) -> Any:
        return {"policies": [{"templateId": "dynamichosturl", "title": title, "parameters": {names: [name]}}]}

    theirs = changed(lambda v: v["paths"]["/b"]["get"].update(operationId="ListB"))
    result = merge_connectors(
        Imported(definition=BASE, properties=properties("Old", "GetB")),
        Imported(definition=BASE, properties=properties("Old", "GetB")),
        Imported(definition=theirs, properties=properties("New", "ListB")),
    )
    assert result.result.properties == properties("New", "ListB")
    assert result.properties.conflicts == ()


def test_operations_that_change_places() -> None:
    """Two operations that take each other's place each keep their edits."""
    ours = changed(
        lambda v: v["paths"]["/a"]["get"].update(summary="Mine A"),
        lambda v: v["paths"]["/b"]["get"].update(summary="Mine B"),
    )
    theirs = changed(
        lambda v: v["paths"]["/a"].update(get=BASE["paths"]["/b"]["get"]),
        lambda v: v["paths"]["/b"].update(get=BASE["paths"]["/a"]["get"]),
    )
    result = merged(ours, theirs)
    found = result.result.definition["paths"]
    assert (found["/a"]["get"]["operationId"], found["/a"]["get"]["summary"]) == ("GetB", "Mine B")
    assert (found["/b"]["get"]["operationId"], found["/b"]["get"]["summary"]) == ("GetA", "Mine A")
    assert places(result) == []


def test_nothing_of_the_author_is_in_the_way_of_a_move() -> None:
    """Where the author has an operation of his own in the new place, it is not overwritten."""
    ours = changed(lambda v: v["paths"].update({"/c": {"get": operation("Mine")}}))
    theirs = changed(lambda v: v["paths"].update({"/c": v["paths"].pop("/b")}))
    result = merged(ours, theirs)
    assert result.result.definition["paths"]["/c"]["get"]["operationId"] == "Mine"
    assert ("paths", "/c", "get", "operationId") in places(result)


def test_renamed_by_the_author() -> None:
    """An operation that the author gave another id is still the one of its place."""
    ours = changed(lambda v: v["paths"]["/b"]["get"].update(operationId="Mine"))
    theirs = changed(lambda v: v["paths"]["/b"]["get"].update(description="new"))
    found = merged(ours, theirs).result.definition["paths"]["/b"]["get"]
    assert (found["operationId"], found["description"]) == ("Mine", "new")


def test_a_reference_that_led_nowhere_before_still_does() -> None:
    """What the author left dangling is his business."""
    ours = changed(lambda v: v["definitions"].pop("A"))
    assert "A" not in merged(ours, changed()).result.definition["definitions"]


def test_without_knowing_what_was_imported() -> None:
    """Everything that only one side has is kept, and every difference is a conflict, in the author's favour."""
    ours = changed(lambda v: v["paths"].pop("/b"), lambda v: v["paths"]["/a"]["get"].update(summary="Mine"))
    theirs = changed(lambda v: v["paths"]["/a"].pop("post"))
    result = merge_connectors(
        NOTHING, Imported(definition=ours, properties={"a": 1}), Imported(definition=theirs, properties=MISSING)
    )
    assert paths(result) == {"/a": ["parameters", "get", "post"], "/b": ["get"]}
    assert places(result) == [("paths", "/a", "get", "summary")]
    assert result.result.properties == {"a": 1}


KEYS = st.sampled_from(
    ["paths", "/a", "/b", "get", "post", "parameters", "operationId", "definitions", "A", "B", "$ref"]
)
LEAVES = st.sampled_from(["GetA", "GetB", "#/definitions/A", "#/definitions/B", "x", 1])
ANY = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.dictionaries(KEYS, inner, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=15,
)
ITEMS = st.dictionaries(
    st.sampled_from(["get", "post", "parameters"]),
    st.fixed_dictionaries({}, optional={"operationId": st.sampled_from("XYZ"), "summary": LEAVES, "x": ANY}),
    max_size=3,
)
DEFINITIONS = st.fixed_dictionaries(
    {"paths": st.one_of(st.dictionaries(st.sampled_from(["/a", "/b", "/c"]), st.one_of(ITEMS, LEAVES)), LEAVES)},
    optional={"definitions": st.one_of(st.dictionaries(st.sampled_from("AB"), ANY), LEAVES)},
)


@settings(max_examples=300, deadline=None)
@given(DEFINITIONS, DEFINITIONS, st.booleans())
def test_one_side_changed(base: dict[str, Any], other: dict[str, Any], take_theirs: bool) -> None:
    """Whatever a definition looks like: where only one side changed, the result is that side."""
    for ours, theirs in ((base, other), (other, base)):
        result = merged(ours, theirs, base, take_theirs=take_theirs)
        assert same(result.result.definition, other)
        assert places(result) == []


@settings(max_examples=300, deadline=None)
@given(DEFINITIONS, DEFINITIONS, DEFINITIONS, st.booleans())
def test_both_sides_changed(base: Any, ours: Any, theirs: Any, take_theirs: bool) -> None:
    """Whatever three definitions look like, they are merged, and merging the result again changes nothing."""
    result = merged(ours, theirs, base, take_theirs=take_theirs)
    again = merged(result.result.definition, theirs, theirs)
    assert same(again.result.definition, result.result.definition)
    assert (again.added, again.removed, again.updated) == ((), (), ())


@pytest.mark.corpus
def test_published_connectors(shared: Path) -> None:
    """A published connector that gets the changes of another one, whichever side makes them, becomes that one; and
    the edits of both are in the result when they are in different places."""
    connectors = []
    for path in sorted((shared / "corpus" / "connectors").glob("*/*"))[::8]:
        files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        try:
            properties = properties_of(files)
        except DocumentError:
            continue
        connectors.append(
            Imported(definition=definition_of(files).value, properties=properties.value if properties else MISSING)
        )
    for base, other in pairwise(connectors):
        assert same(merge_connectors(base, base, other).result.definition, other.definition)
        result = merge_connectors(base, other, base)
        assert same(result.result.definition, other.definition)
        assert same(result.result.properties, other.properties)
        title = {**base.definition, "info": {**base.definition["info"], "title": "Mine"}}
        ours = Imported(definition=title, properties=base.properties)
        theirs = Imported(definition={**base.definition, "host": "new.example.com"}, properties=base.properties)
        both = merge_connectors(base, ours, theirs).result.definition
        assert same(both, {**title, "host": "new.example.com"})
    assert len(connectors) >= 30
