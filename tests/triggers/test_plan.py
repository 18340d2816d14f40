"""Plans: what a definition says of its triggers, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trigger_samples as samples
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.formats import dialects
from tieline.model import Connector, DocumentError, Properties, Route
from tieline.source import read
from tieline.triggers import PollPlan, Settings, WebhookPlan, check_notification, plan
from tieline.triggers.notification_url import with_url

CASES = yaml.safe_load((Path(__file__).parent / "data" / "plans.yaml").read_text(encoding="utf-8"))


def made(case: dict[str, Any]) -> Any:
    """The plan of a case."""
    connector = samples.connector_of({"paths": case["paths"]}, case.get("properties"))
    operation = connector.definition.operations[case.get("operation", "T")]
    subscription = samples.subscription_of(operation.id, **case.get("subscription", {}))
    return plan(connector, operation, subscription)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_plans(case: dict[str, Any]) -> None:
    """Each definition gives the plan and the rules of the data."""
    if "raises" in case:
        with pytest.raises(DocumentError) as caught:
            made(case)
        assert caught.value.finding.rule == case["raises"]
        return
    found = made(case)
    assert [one.rule for one in found.findings] == case["rules"]
    for name, wanted in case.get("plan", {}).items():
        assert json.loads(json.dumps(getattr(found, name))) == wanted, name


def guide(shared: Path, name: str) -> Connector:
    """A connector of one of the guide's fragments in a complete document."""
    fragment = (shared / "guide" / name).read_text(encoding="utf-8")
    head = "openapi: 3.0.0\ninfo: {title: Guide, version: '1'}\nservers: [{url: 'https://api.example.com'}]\n"
    items = "components: {schemas: {Item: {type: object, properties: {id: {type: string}}}}}\n"
    document = read((head + (items if "Item'" in fragment else "") + fragment).encode(), name)
    definition, _ = dialects.read_definition(document)
    properties = Properties(route=Route())
    return Connector(name="Guide", definition=definition, properties=properties)


def test_the_guides_webhook(shared: Path) -> None:
    """The guide's webhook has its URL's place and its removal; its schema, which the fragment leaves out, is open."""
    connector = guide(shared, "trigger-webhook.yaml")
    operation = connector.definition.operations["CreateWebhook"]
    found = plan(connector, operation, samples.subscription_of("CreateWebhook"))
    assert isinstance(found, WebhookPlan)
    assert found.places == (("callbackUrl",),)
    assert [(one.operation, one.open, one.near) for one in found.removers] == [("DeleteWebhook", ("webhookId",), True)]
    assert all(one.severity != "error" for one in found.findings)
    assert check_notification(operation, b'{"any": "thing"}', "application/json") == ()


def test_the_guides_polling(shared: Path) -> None:
    """The guide's polling trigger keeps its state in the parameter, unless the setting says otherwise."""
    connector = guide(shared, "trigger-polling.yaml")
    operation = connector.definition.operations["PollForNewItems"]
    subscription = samples.subscription_of("PollForNewItems")
    found = plan(connector, operation, subscription)
    assert isinstance(found, PollPlan)
    assert (found.style, found.parameter, found.format, found.lists) == ("parameter", "since", "date-time", ())
    assert [one.rule for one in found.findings] == ["trigger-state-inferred"]
    other = plan(connector, operation, subscription, Settings(parameter_state=False))
    assert isinstance(other, PollPlan)
    assert (other.style, other.findings) == ("reply", ())


def test_notifications_only_warn() -> None:
    """A notification that does not fit is found, and so is one that is no JSON."""
    paths = samples.webhook()
    content = paths["paths"]["/hooks"]["x-ms-notification-content"]
    content["schema"] = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    operation = samples.connector_of(paths).definition.operations["Hook"]
    assert check_notification(operation, b'{"id": 1, "more": 2}', "application/json; charset=utf-8") == ()
    (finding,) = check_notification(operation, b'{"id": "x"}', "application/json")
    assert finding.rule == "notification-mismatch"
    assert '"$.id" of the notification must be integer' in finding.message
    (finding,) = check_notification(operation, b"<a/>", "text/xml")
    assert "no JSON" in finding.message


@given(
    body=st.none() | st.text(max_size=3) | st.dictionaries(st.sampled_from("abc"), st.integers(), max_size=3),
    places=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple), max_size=2),
)
def test_the_url_is_put_everywhere(body: Any, places: list[tuple[str, ...]]) -> None:
    """The last place always holds the URL, and the body that was given stays as it was."""
    before = json.dumps(body)
    value = with_url(body, places, "u")
    assert json.dumps(body) == before
    for name in places[-1] if places else ():
        value = value[name]
    assert not places or value == "u"
