"""Every collection of the corpus and of the guide: valid, callable, complete, and without its secrets."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tieline.formats import convert, folder, read_definition
from tieline.mock import sample_arguments
from tieline.model import Connection, Connector, Operation, Parameter, Secret
from tieline.pipeline import Send, bind, run
from tieline.source import SourceDocument, read

COLLECTIONS = 22
"""Floor of the collections that are imported; may only rise."""
OPERATIONS = 117
"""Floor of their operations."""
METHODS = {"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"}

pytestmark = pytest.mark.corpus


def collections(shared: Path) -> Iterator[SourceDocument]:
    """The collections of the corpus and the guide's."""
    guide = shared / "guide" / "collection.postman_collection.json"
    for path in [*sorted((shared / "corpus" / "postman").rglob("*.json")), guide]:
        yield read(path.read_bytes(), path.name)


def requests_of(items: list[Any]) -> Iterator[Any]:
    """Every request of a collection."""
    for item in items:
        if "item" in item:
            yield from requests_of(item["item"])
        else:
            yield item["request"]


def at(value: Any, keys: tuple[str | int, ...]) -> Any:
    """The value at a route."""
    for key in keys:
        value = value[key]
    return value


def test_every_collection_is_imported(
    shared: Path, importing: Callable[..., Any], wrong: Callable[[Any], list[str]]
) -> None:
    """Each gives a valid connector whose mock answers every operation, in the folder that is written and in the model
    that is read alike."""
    counts: Counter[str] = Counter()
    for document in collections(shared):
        result = importing(document)
        assert wrong(result) == [], document.name
        definition, findings = read_definition(document)
        assert list(definition.operations) == list(result.connector.definition.operations)
        assert findings == result.findings
        for outline in definition.operations.outlines:
            assert "request" in at(document.value, outline.route.keys)
        unimported = folder.from_definition(definition, (document,))
        assert [finding.rule for finding in folder.check(unimported)] == [f.rule for f in definition.findings]
        assert wrong(replace(result, connector=replace(unimported, findings=()))) == [], document.name
        counts["collections"] += 1
        counts["operations"] += len(definition.operations)
    print(dict(counts))
    assert counts["collections"] >= COLLECTIONS + 1
    assert counts["operations"] >= OPERATIONS


def test_the_same_bytes_each_time(shared: Path) -> None:
    """Importing twice gives the same files and the same findings."""
    for document in collections(shared):
        first, second = convert(document), convert(read(document.data, document.name))
        assert first.files == second.files
        assert first.findings == second.findings


def address(request: Any) -> tuple[str, str, str]:
    """Method, base and path of a request as Postman would send it, ``x`` for every variable in its path; variables in
    the base stay. Written from the format's description alone."""
    request = request if isinstance(request, dict) else {"url": request}
    url = request["url"]
    if isinstance(url, dict) and "host" in url:
        protocol = f"{url['protocol']}://" if "protocol" in url else ""
        port = f":{url['port']}" if "port" in url else ""
        text = protocol + ".".join(url["host"]) + port + "".join("/" + segment for segment in url.get("path", []))
    else:
        text = url["raw"] if isinstance(url, dict) else url
    text = text.partition("#")[0].partition("?")[0].strip()
    base, path = re.fullmatch(r"((?:[a-z]+://)?[^/]*)(.*)", text).groups()  # type: ignore[union-attr]
    base = base if "://" in base or base.startswith("{{") else "http://" + base
    return request.get("method", "GET"), base, re.sub(r"\{\{.*?\}\}|(?<=/):[^/]+", "x", path) or "/"


def environment(bases: set[str]) -> dict[str, str]:
    """A value for every variable in a base: a host behind a scheme, a path behind another variable, else a URL."""
    values: dict[str, str] = {}
    for base in bases:
        for match in re.finditer(r"\{\{(.*?)\}\}", base):
            name, before = match[1], base[: match.start()]
            host = f"{name}.example.com".replace("_", "-").lower()
            values[name] = host if before.endswith("://") else f"/{name}" if before else f"https://{host}"
    return values


def filled(text: str, values: dict[str, str]) -> str:
    """A text with its variables replaced."""
    return re.sub(r"\{\{(.*?)\}\}", lambda match: values[match[1]], text)


def anything(parameter: Parameter) -> Parameter:
    """A path parameter as one that takes any text; other parameters as they are."""
    schema = replace(parameter.schema, value={"type": "string"})
    return replace(parameter, type="string", schema=schema) if parameter.where == "path" else parameter


def sent(connector: Connector, operation: Operation, values: dict[str, str]) -> tuple[str, re.Pattern[str]]:
    """Method and URL without query of what the connector sends for an operation, its policies run; any text for the
    path parameters."""
    inputs = tuple(map(anything, operation.parameters))
    bare = replace(operation, parameters=inputs, security=())
    ways = {parameter.name: "ANY" for parameter in inputs if parameter.where == "path"}
    request = bind(connector, bare, sample_arguments(bare) | ways).request
    assert request is not None
    held = {parameter.name for parameter in connector.properties.connection_parameters}
    connection = Connection(values={name: Secret(value) for name, value in values.items() if name in held})
    effect = next(run(connector, bare, request, connection))
    assert isinstance(effect, Send)
    url = re.escape(effect.request.url.partition("?")[0]).replace("ANY", "[^/]+")
    return effect.request.method, re.compile(url)


def test_every_request_is_one_that_the_connector_sends(shared: Path) -> None:
    """For every request of every collection there is an operation that sends to its method, host and path, when the
    variables of an environment are given to the connection and to the import."""
    checked = 0
    for document in collections(shared):
        wanted = [entry for entry in map(address, requests_of(document.value["item"])) if entry[0] in METHODS]
        values = environment({base for _, base, _ in wanted})
        bases = Counter(base for _, base, _ in wanted)
        main = max(bases, key=lambda base: bases[base]) if bases else ""
        connector = folder.read(convert(document, base_url=filled(main, values)).files)
        made = [sent(connector, operation, values) for operation in connector.definition.operations.values()]
        for method, base, path in wanted:
            url = filled(base, values) + path
            assert any(method == m and pattern.fullmatch(url) for m, pattern in made), (document.name, method, url)
            checked += 1
    print(checked)
    assert checked >= 320


def test_no_secret_gets_out(shared: Path, importing: Callable[..., Any]) -> None:
    """No value of an authorization helper or of an ``Authorization`` header is in what is imported."""
    checked = 0
    for document in collections(shared):
        result = importing(document)
        for request in requests_of(document.value["item"]):
            for value in secrets_of(request):
                assert value not in result.text, document.name
                checked += 1
    print(checked)
    assert checked >= 4


ORDINARY = {"password", "secret", "postman"}


def secrets_of(request: Any) -> Iterator[str]:
    """What of a request must not get out; variables and ordinary words are none."""
    if not isinstance(request, dict):
        return
    auth = request.get("auth") or {}
    given = auth.get(auth.get("type"), [])
    pairs = given.items() if isinstance(given, dict) else [(entry["key"], entry.get("value")) for entry in given]
    headers = [header for header in request.get("header") or [] if header["key"].lower() == "authorization"]
    values = [value for key, value in pairs if key in ("token", "password", "value")]
    for value in (*values, *(header["value"].partition(" ")[2] for header in headers)):
        if isinstance(value, str) and value and "{{" not in value and value not in ORDINARY:
            yield value


def test_a_definition_is_small(shared: Path) -> None:
    """The largest collection, of 0.8 MB, gives a definition that the platform takes."""
    largest = max(collections(shared), key=lambda document: len(document.data))
    definition = json.loads(convert(largest).files["apiDefinition.swagger.json"])
    assert len(json.dumps(definition)) < 200_000
    assert sum(len(item) for item in definition["paths"].values()) <= 256
