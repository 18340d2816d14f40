"""What holds for every policy of the JSON body, whatever it is given."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats import folder
from tieline.model import Connection, Connector, DocumentError, PolicyInstance, Reply, Request, Route
from tieline.policy import TEMPLATES, Context, Outcome, PolicyParameter, outgoing
from tieline.policy.decode import decode
from tieline.policy.growth import MOST_WRITTEN
from tieline.policy.json_body import JsonBody
from tieline.policy.policy import Behaviour
from tieline.policy.scope import MessageScope

BODY_TEMPLATES = (
    "setproperty",
    "convertobjecttoarray",
    "convertarraytoobject",
    "stringtoarray",
    "stringreplace",
    "encodepropertyvalue",
    "moveproperties",
)
MANY = 50_000
"""Elements of a large array: a walk for each of them would take hours."""

CONNECTOR: Connector = folder.read(
    {"apiDefinition.swagger.json": b'{"swagger":"2.0","info":{"title":"T","version":"1"},"host":"h","paths":{}}'}, "T"
)
REQUEST = outgoing(Request(method="GET", url="https://h/items"), "https://h")


def behaviour_of(template: str, parameters: dict[str, Any]) -> Behaviour | None:
    """What a template does with parameters; None when they are refused."""
    instance = PolicyInstance(
        template=template,
        section="response",
        parameters=parameters,
        route=Route("apiProperties.json", ("properties", "policyTemplateInstances", 0)),
        raw={"parameters": parameters},
    )
    return decode(TEMPLATES[template], instance).behaviour


def run(behaviour: Behaviour, body: bytes) -> tuple[Outcome, Reply]:
    """What it makes of a reply with that body, and the reply."""
    reply = Reply(status=200, body=body)
    context = Context(connector=CONNECTOR, connection=Connection(), method="GET")
    outcome = behaviour.apply(reply, MessageScope(context, reply, REQUEST, JsonBody()))
    assert isinstance(outcome, Outcome)
    return outcome, reply


def made(template: str, parameters: dict[str, Any], body: Any) -> Any:
    """The JSON body that a template with good parameters makes of another."""
    behaviour = behaviour_of(template, parameters)
    assert behaviour is not None
    outcome, _ = run(behaviour, json.dumps(body).encode())
    return json.loads(outcome.message.body)


NAMES = st.sampled_from(["a", "b", "@odata.id", "", "é"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
PATHS = st.sampled_from(
    ["@body()", "@body().a", "@body().a.b", "@item()", "@item().b", "@body()[0]", "body().b", "x", ""]
)
KEYS = st.sampled_from(["", "null", "a", "a.b", "['@odata.id']", "@odata.id", "[0]", "a..b", "["])
VALUES = st.sampled_from(
    ["", "x", "[1]", "{@body().a}", "[{@item().b}]", "@item()", "'{@body()}'", "@headers('h')", "{@b"]
)
FLAGS = st.sampled_from(["true", "false", True, False, "", "maybe"])
TEXTS = st.text(max_size=3)


def parameter_values(parameter: PolicyParameter) -> st.SearchStrategy[Any]:
    """What somebody could write for a parameter."""
    by_kind = {"path": PATHS, "keys": KEYS, "template": VALUES, "flag": FLAGS, "text": TEXTS}
    return by_kind[parameter.kind]


@st.composite
def instances(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A template with parameters, good or bad."""
    template = draw(st.sampled_from(BODY_TEMPLATES))
    entries = {entry.name: draw(parameter_values(entry)) for entry in TEMPLATES[template].parameters}
    return template, entries


@given(instances(), JSON | st.binary(max_size=8))
@settings(max_examples=400, deadline=None)
def test_any_parameters_meet_any_body(instance: tuple[str, dict[str, Any]], body: Any) -> None:
    """Bad parameters are refused when read; good ones change a body, leave it alone and say why, or stop the call."""
    behaviour = behaviour_of(*instance)
    if behaviour is None:
        return
    assert behaviour.describe()
    try:
        outcome, reply = run(behaviour, body if isinstance(body, bytes) else json.dumps(body).encode())
    except DocumentError:
        return
    assert outcome.did
    if outcome.message is not reply:
        json.loads(outcome.message.body)
    else:
        assert "nothing to do" in outcome.did or "stays as it is" in outcome.did or "anything to move" in outcome.did


@given(instances(), JSON)
@settings(max_examples=200, deadline=None)
def test_the_value_of_a_body_is_never_changed_in_place(instance: tuple[str, dict[str, Any]], value: Any) -> None:
    """Former steps of a trace stay as they were: each step makes a new value."""
    behaviour = behaviour_of(*instance)
    if behaviour is None:
        return
    reply = Reply(status=200, body=b"1")
    body = JsonBody()
    body.keep(reply.body, value)
    before = copy.deepcopy(value)
    context = Context(connector=CONNECTOR, connection=Connection(), method="GET")
    behaviour.apply(reply, MessageScope(context, reply, REQUEST, body))
    assert value == before


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_an_object_comes_back_from_its_array(value: dict[str, Any]) -> None:
    """An object, made an array and an object again, holds each value with its key beside it."""
    place = {"propertyParentPath": "@body()", "propertySubPath": "o", "newPropertyPath": "@body().o"}
    array = made("convertobjecttoarray", {**place, "keyName": "k", "valueName": "v"}, {"o": value})
    back = made("convertarraytoobject", {**place, "keyWithinCollectionPath": "k", "retainKey": "false"}, array)
    assert back == {"o": {key: {"v": entry} for key, entry in value.items()}}
    assert list(back["o"]) == list(value)


COLLECTION = {"propertyParentPath": "@body().v", "propertySubPath": "a", "newPropertyPath": "@item().b"}
LARGE = [
    (
        "setproperty",
        {
            "newPropertyParentPathTemplate": "@body().v",
            "newPropertySubPathTemplate": "b",
            "propertyValuePathTemplate": "{@item().a}",
        },
    ),
    ("convertobjecttoarray", {**COLLECTION, "propertySubPath": "o"}),
    (
        "convertarraytoobject",
        {
            "propertyParentPath": "@body()",
            "propertySubPath": "v",
            "newPropertyPath": "@body().v",
            "keyWithinCollectionPath": "a",
        },
    ),
    ("stringtoarray", {**COLLECTION, "delimiterList": ";", "childPropertyName": "n"}),
    ("stringreplace", {**COLLECTION, "sourceString": "1", "replacementString": "one"}),
    ("encodepropertyvalue", COLLECTION),
    (
        "moveproperties",
        {
            "srcParentPath": "@body().v",
            "srcSubPath": "o",
            "dstParentPath": "@item()",
            "copyOnlySubProperties": "true",
        },
    ),
    ("convertobjecttoarray", {**COLLECTION, "propertySubPath": "o", "newPropertyPath": "@body().v[0].b"}),
]


@pytest.mark.parametrize(("template", "parameters"), LARGE, ids=[f"{entry[0]}-{n}" for n, entry in enumerate(LARGE)])
def test_large_arrays_take_one_walk(template: str, parameters: dict[str, Any]) -> None:
    """The time grows with the size of a body and not with its square."""
    result = made(template, parameters, {"v": [{"a": f"{n};", "o": {"x": n}} for n in range(MANY)]})
    assert len(result["v"]) == MANY


@pytest.mark.parametrize(
    ("template", "parameters", "body"),
    [
        (
            "stringreplace",
            {
                "propertyParentPath": "@body()",
                "propertySubPath": "a",
                "newPropertyPath": "@body().a",
                "sourceString": "x",
                "replacementString": "y" * 1000,
            },
            {"a": "x" * (MOST_WRITTEN // 999)},
        ),
        (
            "stringreplace",
            {
                "propertyParentPath": "@body().v",
                "newPropertyPath": "@item()",
                "sourceString": "x",
                "replacementString": "y" * (MOST_WRITTEN // 2),
            },
            {"v": ["x", "x", "x"]},
        ),
        (
            "setproperty",
            {
                "newPropertyParentPathTemplate": "@body().v",
                "newPropertySubPathTemplate": "copy",
                "propertyValuePathTemplate": "{@body()}",
            },
            {"v": [{} for _ in range(6000)], "text": "x" * 11_000},
        ),
    ],
    ids=["one text", "many texts", "the body in each element"],
)
def test_a_policy_cannot_fill_the_memory(template: str, parameters: dict[str, Any], body: Any) -> None:
    """A short expression that asks for gigabytes stops the call."""
    behaviour = behaviour_of(template, parameters)
    assert behaviour is not None
    with pytest.raises(DocumentError) as error:
        run(behaviour, json.dumps(body).encode())
    assert error.value.finding.rule == "policy-writes-too-much"
