"""``apiProperties.json``: data cases and what every corpus file says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.formats import api_properties
from tieline.model import Severity
from tieline.source import dump, read

DATA = Path(__file__).parent / "data" / "api_properties"


def cases() -> list[Any]:
    """Every case of every file, called by its file and its sentence."""
    return [
        pytest.param(case, id=f"{path.stem}: {case['what']}")
        for path in sorted(DATA.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any], unlike: Callable[[Any, Any], list[str]]) -> None:
    """A document is read into the properties and the findings that the case says."""
    value = case["document"] if "document" in case else {"properties": case["properties"]}
    properties = api_properties.read(read(dump(value), "apiProperties.json"))
    assert unlike(properties, case["expect"]) == []
    found = [f"{finding.rule} at {finding.route.pointer or '/'}" for finding in properties.findings]
    assert found == case.get("findings", [])


def test_missing_file_has_empty_properties() -> None:
    """No document at all reads as properties that say nothing and stand in the file that would hold them."""
    properties = api_properties.read(None)
    assert properties.route.document == "apiProperties.json"
    assert not properties.connection_parameters
    assert not properties.findings


def test_a_client_secret_is_not_shown() -> None:
    """A client secret in a file does not appear in any representation of what was read."""
    settings = {"identityProvider": "oauth2", "clientSecret": "hush-hush"}
    value = {"properties": {"connectionParameters": {"token": {"type": "oauthSetting", "oAuthSettings": settings}}}}
    properties = api_properties.read(read(dump(value), "apiProperties.json"))
    assert "hush-hush" not in repr(properties)
    (parameter,) = properties.connection_parameters
    assert parameter.oauth is not None
    assert parameter.oauth.client_secret is not None
    assert parameter.oauth.client_secret.reveal() == "hush-hush"


@pytest.mark.corpus
def test_every_corpus_file_is_read(shared: Path) -> None:
    """What the corpus says it contains is found by reading, and no file gives a warning about its types."""
    types: Counter[str] = Counter()
    providers: Counter[str] = Counter()
    policies = sets = 0
    for path in sorted((shared / "corpus" / "connectors").rglob("*")):
        if path.name.lower() != "apiproperties.json":
            continue
        properties = api_properties.read(read(path.read_bytes(), path.name))
        warnings = [finding for finding in properties.findings if finding.severity is not Severity.INFO]
        assert not warnings, path
        inside = [parameter for choice in properties.parameter_sets for parameter in choice.parameters]
        for parameter in (*properties.connection_parameters, *inside):
            types[parameter.type] += 1
            if parameter.oauth is not None:
                providers[parameter.oauth.identity_provider] += 1
        policies += len(properties.policies)
        sets += bool(properties.parameter_sets)
    assert types["securestring"] >= 154
    assert types["string"] >= 57
    assert types["oauthsetting"] >= 61
    assert types["gatewaysetting"] >= 1
    assert types["unknown"] == 0
    assert set(providers) == {"aad", "aadcertificate", "docusign", "facebook", "oauth2", "oauth2generic"}
    assert sets >= 7
    assert policies >= 120
