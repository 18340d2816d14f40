"""The way back through Response policies: what it gives leads to what is declared, whatever is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tieline import policy
from tieline.mock.unpolicied import Unpolicied
from tieline.model import Connection, Connector, Reply, Request, Sent

MakeConnector = Callable[..., Connector]

NAMES = st.sampled_from(["key", "a"])
PARENTS = st.sampled_from(["@body()", "@body()", "@body().list", "@body().a", "@body().a.b"])
SUBS = st.sampled_from(["a", "a", "b", "c.a", "null"])
TARGETS = st.sampled_from(["@body().a", "@body().a", "@item().a", "@item().a", "@body().b", "@item()"])
READ = {"propertyParentPath": PARENTS, "propertySubPath": SUBS, "newPropertyPath": TARGETS}
INSTANCES = st.one_of(
    st.tuples(st.just("convertobjecttoarray"), st.fixed_dictionaries({**READ, "keyName": NAMES})),
    st.tuples(
        st.just("convertarraytoobject"),
        st.fixed_dictionaries(
            {**READ, "keyWithinCollectionPath": NAMES, "retainKey": st.sampled_from(["true", "false"])}
        ),
    ),
    st.tuples(
        st.just("stringtoarray"),
        st.fixed_dictionaries({**READ, "delimiterList": st.just(";,"), "childPropertyName": NAMES}),
    ),
    st.tuples(
        st.just("stringreplace"),
        st.fixed_dictionaries(
            {**READ, "sourceString": st.sampled_from(["x", ";"]), "replacementString": st.sampled_from(["y", ""])}
        ),
    ),
    st.tuples(st.just("encodepropertyvalue"), st.fixed_dictionaries(READ)),
    st.tuples(
        st.just("moveproperties"),
        st.fixed_dictionaries(
            {"srcParentPath": PARENTS, "srcSubPath": SUBS, "dstParentPath": TARGETS, "dstSubPath": SUBS}
        ),
    ),
    st.tuples(
        st.just("setproperty"),
        st.fixed_dictionaries(
            {
                "newPropertyParentPathTemplate": PARENTS,
                "newPropertySubPathTemplate": NAMES,
                "propertyValuePathTemplate": st.just("{@body().a}"),
            }
        ),
    ),
)
LEAVES = st.one_of(st.sampled_from(["x;y", "y%20", "z", ""]), st.none(), st.integers(0, 2))
KEYED = st.fixed_dictionaries({"key": st.sampled_from(["k", "l"])}, optional={"a": LEAVES})
PARTS = st.one_of(
    LEAVES,
    st.lists(KEYED, max_size=2),
    st.dictionaries(st.sampled_from(["k", "l"]), LEAVES, min_size=1, max_size=2),
)
OBJECTS = st.fixed_dictionaries({"a": PARTS}, optional={"b": PARTS})
BODIES = st.one_of(OBJECTS, st.fixed_dictionaries({"list": st.lists(OBJECTS, min_size=1, max_size=2)}), PARTS)


def connector_of(instances: list[tuple[str, dict[str, str]]], make_connector: MakeConnector) -> Connector:
    """A connector with one operation and these Response policies."""
    written = [
        {
            "templateId": template,
            "title": "t",
            "parameters": {
                "x-ms-apimTemplate-policySection": "Response",
                **{f"x-ms-apimTemplateParameter.{name}": value for name, value in parameters.items()},
            },
        }
        for template, parameters in instances
    ]
    operation = {"operationId": "Op", "responses": {"200": {"description": ""}}}
    return make_connector({"paths": {"/x": {"get": operation}}}, policies=written)


def after(connector: Connector, value: Any) -> Any:
    """What the policies of the operation make of a body."""
    chain = policy.chain(connector, connector.definition.operations["Op"])
    outgoing = policy.outgoing(Request(method="GET", url="http://h"), "http://h")
    context = policy.Context(connector=connector, connection=Connection(), method="GET")
    reply = Reply(status=200, headers=(("Content-Type", "application/json"),), body=orjson.dumps(value))
    try:
        next(policy.run_reply(chain, outgoing, Sent(reply=reply), context))
    except StopIteration as stop:
        return orjson.loads(stop.value.reply.body)
    raise AssertionError("a policy of the reply asks for something")


def holds(value: Any, wanted: Any) -> bool:
    """Whether a body is the wanted one, perhaps with further properties."""
    if isinstance(value, dict) and isinstance(wanted, dict):
        return all(name in value and holds(value[name], part) for name, part in wanted.items())
    if isinstance(value, list) and isinstance(wanted, list):
        return len(value) == len(wanted) and all(map(holds, value, wanted))
    return bool(value == wanted)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instances=st.lists(INSTANCES, min_size=1, max_size=3), sent=BODIES)
def test_the_way_back_leads_there_again(
    instances: list[tuple[str, dict[str, str]]], sent: Any, make_connector: MakeConnector
) -> None:
    """Of what the policies made of some body: what the service is then made to send becomes that again."""
    connector = connector_of(instances, make_connector)
    declared = after(connector, sent)
    unpolicied = Unpolicied(connector, connector.definition.operations["Op"])
    value = unpolicied.value(declared, lambda made: holds(made, declared))
    event("changed" if value != declared else "as declared")
    assert value == declared or holds(after(connector, value), declared)


def test_what_does_not_fit_after_the_policies_is_not_sent(make_connector: MakeConnector) -> None:
    """A way back whose end is not as declared is not gone."""
    instance = (
        "convertobjecttoarray",
        {"propertyParentPath": "@body()", "propertySubPath": "a", "newPropertyPath": "@body().b"},
    )
    connector = connector_of([instance], make_connector)
    unpolicied = Unpolicied(connector, connector.definition.operations["Op"])
    declared = {"b": [{"key": "x", "value": 1}]}
    assert unpolicied.value(declared, lambda made: True) == {"a": {"x": 1}}
    assert unpolicied.value(declared, lambda made: "a" not in made) is declared
