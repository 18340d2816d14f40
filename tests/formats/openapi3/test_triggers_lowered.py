"""Triggers, pages and choices of real descriptions: the guide's, the example's, and those of the corpus.

What becomes of single callbacks, webhooks and links is in ``data/callbacks.yaml``, ``webhooks.yaml`` and
``links.yaml``; their runner is ``test_cases.py``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from tieline.formats import openapi2, openapi3
from tieline.model import Definition, Document, DocumentError, OperationKind
from tieline.source import dump, read

INVENTORY = Path(__file__).parents[3] / "examples" / "inventory" / "openapi.yaml"

WHOLE = 'openapi: 3.0.3\ninfo: {title: T, version: "1"}\nservers: [{url: https://api.example.com}]\n'
"""What makes a whole document of a part that begins with its paths."""

PLACES = Counter({"callbacks": 3, "webhooks": 5, "links": 5})
"""Callbacks, webhooks and links of all descriptions of the corpus."""

RULES = {
    "callbacks": {"callback-dropped", "callback-trigger"},
    "webhooks": {"webhook-dropped", "webhook-trigger"},
    "links": {"link-dropped", "link-as-pages", "link-as-choices"},
}
"""The findings of which each of them has at least one."""


def test_the_guides_webhook_is_a_webhook_trigger(shared: Path) -> None:
    """The guide's webhook, in a whole document, registers its URL in a marked, hidden and required property."""
    lowered, definition = _guide(shared, "trigger-webhook.yaml")
    assert {operation.id: operation.kind for operation in definition.operations.values()} == {
        "CreateWebhook": OperationKind.WEBHOOK,
        "DeleteWebhook": OperationKind.ACTION,
    }
    body = lowered.definition["paths"]["/webhooks"]["post"]["parameters"][0]
    mark = {"type": "string", "x-ms-notification-url": True, "x-ms-visibility": "internal"}
    assert body["schema"]["properties"]["callbackUrl"] == mark
    assert (body["required"], body["schema"]["required"]) == (True, ["callbackUrl"])
    assert lowered.definition["paths"]["/webhooks"]["x-ms-notification-content"]["schema"] == {}
    assert [finding.rule for finding in lowered.findings] == [
        "dangling-ref",
        "notification-url",
        "trigger-ending",
        "trigger-not-ended",
    ]


def test_the_guides_poll_is_a_polling_trigger(shared: Path) -> None:
    """The guide's polling trigger, in a whole document, keeps what it says of its state."""
    lowered, definition = _guide(shared, "trigger-polling.yaml")
    (operation,) = definition.operations.values()
    assert (operation.kind, operation.trigger) == (OperationKind.POLLING, "batch")
    parameter = lowered.definition["paths"]["/items/poll"]["get"]["parameters"][0]
    assert parameter["x-ms-trigger-metadata"] == "triggerState"
    assert [finding.rule for finding in lowered.findings] == ["dangling-ref"]


def test_the_examples_triggers_stay_as_they_are_written() -> None:
    """The example's webhook and polling triggers need nothing; only the missing header is noted."""
    document = read(INVENTORY.read_bytes(), "openapi.yaml")
    lowered = openapi3.lower(document)
    kinds = {operation.id: operation.kind for operation in _read_again(lowered).operations.values()}
    triggers = {id: kind for id, kind in kinds.items() if kind is not OperationKind.ACTION}
    assert triggers == {"CreateWebhook": OperationKind.WEBHOOK, "PollForNewItems": OperationKind.POLLING}
    assert triggers.items() <= {one.id: one.kind for one in openapi3.read(document).operations.outlines}.items()
    assert [finding.rule for finding in lowered.findings] == ["trigger-not-ended"]


@pytest.mark.corpus
def test_no_callback_webhook_or_link_of_the_corpus_is_lost_in_silence(shared: Path) -> None:
    """Each of them has a finding at its place or inside it, and the definitions are valid."""
    counted: Counter[str] = Counter()
    for path in _descriptions(shared):
        document = read(path.read_bytes(), path.name)
        places = list(_places(document.value))
        if not places:
            continue
        counted.update(kind for kind, _ in places)
        lowered = openapi3.lower(document, _loader(path.parent), base_url="https://api.example.com")
        for kind, keys in places:
            found = [one for one in lowered.findings if one.rule in RULES[kind]]
            assert any(_is_there(document.value, one.route.keys, keys) for one in found), (path.name, keys)
        assert [str(fault) for fault in OpenAPIV2SpecValidator(_plain(lowered)).iter_errors()] == []
    assert counted == PLACES


@pytest.mark.corpus
def test_every_trigger_of_the_corpus_can_be_registered(shared: Path) -> None:
    """What becomes a webhook trigger has notification content and one marked property, required along its chain."""
    found = []
    for path in _descriptions(shared):
        definition = openapi3.read(read(path.read_bytes(), path.name), _loader(path.parent), base_url="https://a.b")
        for operation in definition.operations.values():
            if operation.kind is OperationKind.WEBHOOK:
                body = next(one for one in operation.parameters if one.where == "body")
                found.append((operation.path, list(_marked(body.schema.value))))
    assert found == [("/webhooks", [("data", "attributes", "url")])]


def _guide(shared: Path, name: str) -> tuple[openapi3.Lowered, Definition]:
    """A part of the guide in a whole document, lowered, and what is read of that."""
    text = WHOLE + (shared / "guide" / name).read_text(encoding="utf-8")
    lowered = openapi3.lower(read(text.encode(), name))
    return lowered, _read_again(lowered)


def _read_again(lowered: openapi3.Lowered) -> Definition:
    """The definition as the reader of Swagger 2.0 reads it."""
    return openapi2.read(read(dump(lowered.definition), "apiDefinition.swagger.json"))


def _plain(lowered: openapi3.Lowered) -> Any:
    """The definition as plain JSON."""
    return json.loads(dump(lowered.definition))


def _descriptions(shared: Path) -> list[Path]:
    """Every description of the corpus."""
    tags = json.loads((shared / "corpus" / "TAGS.json").read_text(encoding="utf-8"))
    return [shared / "corpus" / name for name in tags["openapi"]]


def _loader(folder: Path) -> openapi3.Loader:
    """Gives the files of a folder."""

    def load(path: str) -> Document:
        file = folder / path
        if not file.is_file():
            raise DocumentError("no-such-file", f'there is no "{path}"')
        return read(file.read_bytes(), path)

    return load


def _places(document: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The callbacks, webhooks and links of a description, those of operations where the operation has them."""
    for key in ("webhooks", "x-webhooks"):
        for name in document.get(key, {}):
            yield "webhooks", (key, name)
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if not isinstance(operation, dict):
                continue
            at = ("paths", path, method)
            for name in operation.get("callbacks", {}):
                yield "callbacks", (*at, "callbacks", name)
            for code, response in operation.get("responses", {}).items():
                for name in _behind(document, response).get("links", {}):
                    yield "links", (*at, "responses", code, "links", name)


def _behind(document: Any, value: Any) -> Any:
    """A value of a document behind its references, in the document itself."""
    while isinstance(value, dict) and str(value.get("$ref", "")).startswith("#/"):
        target = document
        for key in value["$ref"][2:].split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")]
        value = target
    return value if isinstance(value, dict) else {}


def _is_there(document: Any, found: tuple[str | int, ...], keys: tuple[str, ...]) -> bool:
    """Whether keys of a finding lead to a place or into it, directly or behind the place's reference."""
    target: Any = document
    for key in keys:
        target = _behind(document, target)[key]
    behind = _behind(document, target)
    value: Any = document
    for key in found:
        value = _behind(document, value)[key] if isinstance(value, dict) else value[key]
        if value is target or _behind(document, value) is behind:
            return True
    return False


def _marked(schema: Any) -> Iterator[tuple[str, ...]]:
    """The properties that carry a callback URL, if all on the way to them are required and they are hidden."""
    for name, child in schema.get("properties", {}).items():
        if child.get("x-ms-notification-url") is True:
            assert child["type"] == "string"
            assert child["x-ms-visibility"] == "internal"
            assert name in schema["required"]
            yield (name,)
        for inner in _marked(child):
            assert name in schema["required"]
            yield (name, *inner)
