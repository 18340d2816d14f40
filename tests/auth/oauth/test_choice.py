"""Providers from settings, definitions and connections; all of those of published connectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.auth import oauth, oauth_parameter
from tieline.formats import folder
from tieline.model import Connection, ConnectionParameter, Connector, DocumentError, Login, Secret

DATA = Path(__file__).parent / "data"
CASES = yaml.safe_load((DATA / "providers.yaml").read_text(encoding="utf-8"))["cases"]


def field_of(provider: oauth.Provider, name: str) -> Any:
    """A field as cases write it."""
    value = getattr(provider, name)
    if isinstance(value, Secret):
        return value.reveal()
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_provider(case: dict[str, Any], inputs: Any, provider: Any) -> None:
    """Every case gives the provider, the questions and the address that it says, or its error."""
    if "placeholders" in case:
        assert list(oauth.placeholders_of(*inputs(case))) == case["placeholders"]
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            provider(case)
        assert caught.value.finding.rule == case["error"]
        assert caught.value.finding.remedy == case.get("remedy", caught.value.finding.remedy)
        return
    found = provider(case)
    expected = case.get("provider", {})
    assert {name: field_of(found, name) for name in expected} == expected
    assert [finding.rule for finding in found.findings] == case.get("findings", [])
    assert case.get("said", "") in "\n".join(finding.message for finding in found.findings)
    if "opens" in case:
        assert (
            oauth.authorization(found, redirect_url="http://127.0.0.1/r", state="st ate", verifier="v") == case["opens"]
        )


def test_a_parameter_without_settings_cannot_sign_in(inputs: Any) -> None:
    """A connection parameter that has no ``oAuthSettings`` gives an error that says so."""
    parameter, connection, definitions = inputs({"settings": {}})
    with pytest.raises(DocumentError) as caught:
        oauth.provider_of(replace(parameter, oauth=None), connection, definitions)
    assert caught.value.finding.rule == "missing-oauth-settings"


def test_a_gateway_cannot_sign_in_from_here(inputs: Any) -> None:
    """A connection parameter for the on-premises gateway says that only the platform has it."""
    parameter, connection, definitions = inputs({"settings": {}})
    with pytest.raises(DocumentError, match="gateway") as caught:
        oauth.provider_of(replace(parameter, type="gatewaysetting"), connection, definitions)
    assert caught.value.finding.rule == "sign-in-not-local"


def test_no_secret_is_in_a_repr(provider: Any) -> None:
    """A provider can be logged."""
    case = next(case for case in CASES if case["name"] == "connection parameters win over the file")
    assert "given-secret" not in repr(provider(case))


def parameters_in(connectors: Path) -> Iterator[tuple[Connector, ConnectionParameter]]:
    """Every ``oauthSetting`` parameter, of every connector and set."""
    for path in sorted(connectors.rglob("apiProperties.json")):
        files = {entry.name: entry.read_bytes() for entry in path.parent.iterdir() if entry.is_file()}
        connector = folder.read(files, path.parent.name)
        properties = connector.properties
        lists = [entry.parameters for entry in properties.parameter_sets] or [properties.connection_parameters]
        for parameter in (parameter for entry in lists for parameter in entry if parameter.type == "oauthsetting"):
            yield connector, parameter


def filled_in(parameter: ConnectionParameter, connector: Connector) -> Connection:
    """A connection with an app of one's own and a value for everything that is asked for."""
    definitions = connector.definition.security_definitions
    empty = Connection(login=Login(client_id="app-1", client_secret=Secret("hush-hush")))
    names = oauth.placeholders_of(parameter, empty, definitions)
    given = {name: "https://id.test/x" if "url" in name.lower() else "dummy" for name in names}
    assert empty.login is not None  # it was given above
    return replace(empty, login=replace(empty.login, placeholders=given))


def test_providers_of_published_connectors(shared: Path) -> None:
    """Every ``oauthSetting`` parameter of the corpus gives a provider, or is one that only the platform can use."""
    outcomes: Counter[str] = Counter()
    for connector, parameter in parameters_in(shared / "corpus" / "connectors"):
        definitions = connector.definition.security_definitions
        try:
            connection = filled_in(parameter, connector)
            found = oauth.provider_of(parameter, connection, definitions)
        except DocumentError as error:
            outcomes[error.finding.rule] += 1
            continue
        outcomes[found.id] += 1
        urls = (found.authorization_url, found.token_url, found.refresh_url, found.device_url)
        assert not any("{" in url for url in urls), connector.name
        if found.interactive:
            url = oauth.authorization(found, redirect_url="http://127.0.0.1/", state="st-1")
            assert "{" not in url
            assert "state=st-1" in url
        request = next(oauth.refresh(found, Secret("rt-1")))
        assert b"{" not in request.body
        assert request.url.startswith("https://")
    assert outcomes == {"oauth2": 39, "aad": 14, "oauth2generic": 11, "sign-in-not-local": 6}


def test_untouched_connections_of_published_connectors(shared: Path) -> None:
    """Without an app of one's own the error says what is missing."""
    outcomes: Counter[str] = Counter()
    for connector, parameter in parameters_in(shared / "corpus" / "connectors"):
        try:
            oauth.provider_of(parameter, Connection(), connector.definition.security_definitions)
        except DocumentError as error:
            outcomes[error.finding.rule if error.finding.remedy else "no remedy"] += 1
        else:
            outcomes["provider"] += 1
    assert outcomes == {
        "provider": 10,
        "missing-client-id": 46,
        "missing-sign-in-url": 1,
        "sign-in-not-local": 7,
        "unfilled-placeholder": 6,
    }


@pytest.mark.parametrize(
    ("example", "asked", "opens"),
    [
        (
            "auth-azure-ad.yaml",
            ("tenant", "client-id"),
            "https://login.microsoftonline.com/contoso.test/oauth2/v2.0/authorize?response_type=code&client_id=app-1"
            "&redirect_uri=http%3A%2F%2Flocalhost%2F&scope=api%3A%2F%2Fapp-1%2F.default&state=st-1",
        ),
        (
            "auth-oauth2.yaml",
            ("YOUR_CLIENT_ID",),
            "https://login.example.com/oauth/authorize?response_type=code&client_id=app-1"
            "&redirect_uri=http%3A%2F%2Flocalhost%2F&scope=read%20write&state=st-1",
        ),
    ],
)
def test_examples_of_the_guide(shared: Path, example: str, asked: tuple[str, ...], opens: str) -> None:
    """The guide's notations, inside a definition, ask for what they lack and then sign in."""
    head = "swagger: '2.0'\ninfo: {title: Inventory, version: '1'}\nhost: api.test\npaths: {}\n"
    text = head + (shared / "guide" / example).read_text(encoding="utf-8")
    connector = folder.read({"apiDefinition.swagger.yaml": text.encode()}, "inventory")
    parameter = oauth_parameter(connector, Connection())
    assert parameter is not None
    definitions = connector.definition.security_definitions
    assert oauth.placeholders_of(parameter, Connection(), definitions) == asked
    login = Login(client_id="app-1", placeholders={"tenant": "contoso.test"})
    found = oauth.provider_of(parameter, Connection(login=login), definitions)
    assert oauth.authorization(found, redirect_url="http://localhost/", state="st-1") == opens


TEXTS = st.text(max_size=20) | st.sampled_from(
    [
        "https://id.test/a",
        "https://{x}/a?b={State}",
        "{",
        "{{a}}",
        "[[b]]",
        "https://login.windows.net/c/oauth2/token",
        "?q={Code}",
    ]
)
NAMES = (
    *("authorizationUrl", "tokenUrl", "refreshUrl", "resourceUri", "loginUri", "tenantId", "grantType", "x"),
    *("authorizationUrlTemplate", "authorizationUrlQueryStringTemplate", "tokenUrlTemplate", "tokenBodyTemplate"),
)


@given(
    kind=st.sampled_from(["oauth2", "oauth2generic", "aad", "aadcertificate", "github", ""]),
    client=TEXTS,
    scopes=st.lists(TEXTS, max_size=2),
    custom=st.dictionaries(st.sampled_from(NAMES), TEXTS | st.none(), max_size=6),
    given_values=st.dictionaries(st.sampled_from(["token:x", "token:a", "token:TenantId"]), TEXTS, max_size=2),
)
def test_any_settings_give_a_provider_or_an_error(
    inputs: Any, kind: str, client: str, scopes: list[str], custom: dict[str, str | None], given_values: dict[str, str]
) -> None:
    """Whatever the files hold there is a provider that can be talked to, or a DocumentError with a remedy."""
    parameters = {name: {"value": value} for name, value in custom.items()}
    settings = {"identityProvider": kind, "clientId": client, "scopes": scopes, "customParameters": parameters}
    arguments = inputs({"settings": settings, "values": given_values})
    remedy = "none needed"
    try:
        oauth.placeholders_of(*arguments)
        found = oauth.provider_of(*arguments)
        if found.interactive:
            oauth.authorization(found, redirect_url="http://127.0.0.1/", state="st-1")
        next(oauth.redeem(found, "code-1", "http://127.0.0.1/"))
    except DocumentError as error:
        remedy = error.finding.remedy
    assert remedy
