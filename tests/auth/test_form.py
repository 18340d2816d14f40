"""The form for a connection: what is asked, whether answers will do, what becomes of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.auth import form
from tieline.auth.explain import describe_sign_in
from tieline.formats import folder
from tieline.model import Connector, DocumentError


def connector_of(**properties: Any) -> Connector:
    """A connector with these members of ``apiProperties.json``."""
    definition = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "a.example", "paths": {}}
    files = {
        "apiDefinition.swagger.json": orjson.dumps(definition),
        "apiProperties.json": orjson.dumps({"properties": properties}),
    }
    return folder.read(files, "things")


def text(kind: str = "string", default: Any = None, **constraints: Any) -> dict[str, Any]:
    """A connection parameter."""
    found = {"type": kind, "uiDefinition": {"constraints": constraints}}
    return found if default is None else {**found, "defaultValue": default}


PARAMETERS = {
    "last": text(),
    "second": text(tabIndex="2", required="false"),
    "first": text("int", tabIndex=1, default=5),
    "region": text(default="eu", tabIndex=3, allowedValues=[{"text": "Europe", "value": "eu"}, {"value": "us"}]),
    "state": text(tabIndex=4, dependencies={"region": {"values": ["us"]}}),
    "secret": text("securestring", tabIndex=5),
    "flag": text("bool", tabIndex=6, required="false"),
    "unseen": text(hidden="true", default="kept"),
    "through": text("gatewaySetting", capability=["gateway"]),
    "token": {"type": "oauthSetting", "oAuthSettings": {"identityProvider": "oauth2", "clientId": "{YOUR_CLIENT_ID}"}},
}


def test_questions_come_in_order() -> None:
    """Questions come by tab index, then as written, then the app's; hidden ones and other modes are not asked."""
    connector = connector_of(connectionParameters=PARAMETERS)
    asked = [question.name for question in form.questions(connector)]
    assert asked == [*("first", "second", "region", "state", "secret", "flag", "last", "client_id", "client_secret")]
    gateway = [
        question.name for question in form.questions(connector, mode="gateway", missing_placeholders=("tenant",))
    ]
    assert gateway[6:9] == ["last", "through", "tenant"]


def test_answers_are_checked() -> None:
    """Missing, impossible and mistyped answers are said by name; what is not visible is not missed."""
    asked = form.questions(connector_of(connectionParameters=PARAMETERS))
    answers = {"first": "x", "region": "mars", "secret": "hush", "flag": "maybe"}
    found = [(finding.rule, finding.message.split('"')[1]) for finding in form.checked(asked, answers)]
    assert found == [
        ("wrong-type", "first"),
        ("not-an-allowed-value", "region"),
        ("not-an-allowed-value", "flag"),
        ("missing-answer", "last"),
        ("missing-answer", "client_id"),
    ]
    needed = form.checked(asked, {"region": "US", "secret": "s", "last": "l", "client_id": "i"})
    assert [finding.message for finding in needed] == ['"state" has no value']


def test_answers_become_values() -> None:
    """Values are answers, else defaults, hidden ones too; choices may be given by label; the app's are no values."""
    connector = connector_of(connectionParameters=PARAMETERS)
    asked = form.questions(connector)
    parameters = form.parameters_of(connector, None)
    values = form.values_of(
        asked, {"region": "Europe", "state": "x", "secret": "hush", "flag": "TRUE", "client_id": "i"}, parameters
    )
    assert {name: value.reveal() for name, value in values.items()} == {
        **{"unseen": "kept", "first": "5", "region": "eu", "secret": "hush", "flag": "true"}
    }
    assert form.accepted(asked[2], "EUROPE") == "eu"
    with pytest.raises(DocumentError):
        form.accepted(asked[2], "mars")


def test_several_sets_are_chosen_first() -> None:
    """Of several sets the first question is which; a named one is not asked for, an unknown one refused."""
    values = [{"name": name, "parameters": {name: text()}} for name in ("one", "two")]
    connector = connector_of(connectionParameterSets={"values": values})
    assert [(q.kind, q.name) for q in form.questions(connector)] == [("set", "parameter-set"), ("parameter", "one")]
    assert [question.name for question in form.questions(connector, "Two")] == ["two"]
    with pytest.raises(DocumentError):
        form.questions(connector, "three")


@settings(deadline=None, max_examples=60)
@given(st.text(), st.text())
def test_any_answer_is_kept_or_refused(first: str, secret: str) -> None:
    """Any answer is accepted or refused, and no finding shows a secret."""
    asked = form.questions(connector_of(connectionParameters=PARAMETERS))
    found = form.checked(asked, {"first": first, "secret": f"s3cr3t{secret}", "last": "l", "client_id": "i"})
    assert {finding.message.split('"')[1] for finding in found} <= {"first"}
    form.values_of(asked, {"first": first})


CONNECTORS, QUESTIONS = 250, 384
"""Floors of the connectors that are read and of the questions that they ask; may only rise."""

PROVIDERS = {"oauth2": 40, "aad": 13, "oauth2generic": 11, "aadcertificate": 4, "docusign": 1, "facebook": 1}
"""Floors of the connection definitions of the corpus by provider; may only rise."""

TYPES = {"securestring": 188, "string": 102, "oauthsetting": 70}
"""Floors of the connection parameters of the corpus by type; may only rise."""


@pytest.mark.corpus
def test_every_connector_has_a_form_and_is_described(shared: Path) -> None:
    """Every connection definition of the corpus is read, gives questions and a paragraph; counts may only rise."""
    providers: Counter[str] = Counter()
    types: Counter[str] = Counter()
    connectors = questions = 0
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        try:
            connector = folder.read({one.name: one.read_bytes() for one in path.iterdir() if one.is_file()}, path.name)
        except (DocumentError, NotADirectoryError):
            continue
        connectors += 1
        assert describe_sign_in(connector).endswith(".")
        for chosen in connector.properties.parameter_sets or (None,):
            questions += len(form.questions(connector, chosen))
            for parameter in form.parameters_of(connector, chosen):
                types[parameter.type] += 1
                providers[parameter.oauth.identity_provider if parameter.oauth else ""] += 1
    found = {"connectors": connectors, "questions": questions, "types": types, "providers": providers}
    assert (connectors >= CONNECTORS, questions >= QUESTIONS) == (True, True), found
    assert all(types[name] >= floor for name, floor in TYPES.items()), found
    assert all(providers[name] >= floor for name, floor in PROVIDERS.items()), found
