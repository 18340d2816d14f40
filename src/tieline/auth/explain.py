"""Signing in, told in words: how a connector does it, and what to try when a service refuses it.

What lives here never shows a value. Reference: connector-format, sections 5 to 6.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from ..model import (
    Connection,
    ConnectionParameter,
    Connector,
    DocumentError,
    Finding,
    Operation,
    ParameterSet,
    Redactor,
    Reply,
    Request,
    Severity,
    settable,
)
from . import oauth
from .choice import credentials_of, default_credentials
from .form import default_of, option_for, parameters_of, questions
from .oauth.oauth2 import version
from .scheme import Credential, Parameters, plain
from .signing import described, prepared

REDIRECT = "https://global.consent.azure-apim.net/redirect"
"""Where the platform waits for the answer of a sign-in."""

PROVIDERS = {
    "oauth2": "generic OAuth 2.0",
    "oauth2generic": "OAuth 2.0 with templates",
    "aad": "Microsoft Entra ID",
}
"""Identity providers that can be used from here, in words."""

MOST_WORDS = 300
"""Characters of a service's own words that are shown."""

MOST_CHALLENGE = 4_000
"""Characters of ``WWW-Authenticate`` that are read."""

_PARAMETER = re.compile(r'([A-Za-z_-]{1,60})\s{0,9}=\s{0,9}(?:"([^"]{0,2000})"|([^\s,"]{1,2000}))')
_SCHEME = re.compile(r"(?:^|,)\s{0,9}([A-Za-z][A-Za-z0-9-]{0,40})(?=\s|,|$)(?!\s{0,9}=)")


def describe_sign_in(connector: Connector) -> str:
    """How a connector signs in, in one paragraph: what is asked, where the credential is put, at which provider and by
    which grant, which redirect URL to register for the platform, what cannot be done from here."""
    sets = connector.properties.parameter_sets
    if not sets:
        return " ".join(_way(connector, None))
    ways = (f'{number}. "{entry.name}": {" ".join(_way(connector, entry))}' for number, entry in enumerate(sets, 1))
    count = "one way" if len(sets) == 1 else f"one of {len(sets)} ways"
    return f"Signs in {count}, chosen with --parameter-set. {' '.join(ways)}"


def refusal(
    connector: Connector, operation: Operation, connection: Connection, reply: Reply, request: Request
) -> Finding | None:
    """What to know about a reply 401 or 403: which credential was sent where, what the service says about it, what to
    try. None for every other reply. ``request`` is the one that was sent; no secret of it is shown."""
    if reply.status not in (401, 403):
        return None
    ready = prepared(connector, operation, connection)
    redactor = Redactor(ready.secrets)
    challenge = _challenge(reply)
    sent = tuple(credential for credential, _ in ready.signing)
    told = [_sent(credential, request) for credential in sent] or [_unsent(connector, operation, connection)]
    said = _said(challenge, redactor)
    tries = list(dict.fromkeys(_tries(connector, operation, connection, challenge, reply.status)))
    return Finding(
        rule="sign-in-refused-by-service",
        route=operation.route,
        message=f"the service answered {reply.status}: " + "; ".join([*told, *said]),
        remedy=redactor.text("; ".join(tries)),
        severity=Severity.WARNING,
    )


def _way(connector: Connector, chosen: ParameterSet | None) -> Iterator[str]:
    """The sentences about one parameter set, or about a connector without sets."""
    parameters = parameters_of(connector, chosen)
    text = described(connector, chosen)
    if default_credentials(connector, chosen):
        yield f"It sends {text}."
    else:
        yield f"{text[:1].upper()}{text[1:]}."
    asked = [question for question in questions(connector, chosen) if question.kind == "parameter"]
    if asked:
        names = ", ".join(f'"{question.name}"' + ("" if question.required else " (optional)") for question in asked)
        yield f"Asked for: {names}."
    signing = next((entry for entry in parameters if entry.type == "oauthsetting"), None)
    if signing is not None:
        answered = {plain(entry.name.rpartition(":")[2]) for entry in parameters if ":" in entry.name}
        yield from _provider(connector, signing, answered, _grant(connector, signing, parameters))
    if any(entry.type == "gatewaysetting" for entry in parameters):
        yield "The on-premises data gateway exists on the platform only; calls from here go to the service directly."


def _provider(connector: Connector, parameter: ConnectionParameter, answered: set[str], grant: str) -> Iterator[str]:
    """The sentences about an identity provider; ``answered`` are the placeholders that a parameter fills, ``grant`` is
    how the token is got."""
    definitions = connector.definition.security_definitions
    try:
        missing = oauth.placeholders_of(parameter, Connection(), definitions)
    except DocumentError as error:
        said = error.finding
        yield f"{said.message[:1].upper()}{said.message[1:]}; {said.remedy}."
        return
    settings = parameter.oauth
    assert settings is not None  # placeholders_of refuses others
    custom = settings.custom_parameters
    written = settings.identity_provider
    entra = version(custom.get("tokenurl") or "") if written == "oauth2" else ""
    words = f"Microsoft Entra ID, {entra}" if entra else PROVIDERS.get(written, "run as generic OAuth 2.0")
    yield f'The token comes from the identity provider "{written}" ({words}), {grant}.'
    scopes = " ".join(settings.scopes)
    if scopes.strip():
        yield f"Scopes: {scopes}."
    missing = tuple(name for name in missing if plain(name) not in answered)
    if missing:
        yield "Still to be said: " + ", ".join(option_for(name, parameter) for name in missing) + "."
    yield _redirect(settings.redirect_mode)


def _grant(connector: Connector, parameter: ConnectionParameter, parameters: Parameters) -> str:
    """How the token is got, in words; one of all ``parameters`` may say it."""
    settings = parameter.oauth
    if settings is None:
        return ""
    beside = next(
        (default_of(entry) for entry in parameters if plain(entry.name.rpartition(":")[2]) == "granttype"), ""
    )
    asked = plain(beside or settings.custom_parameters.get("granttype") or "")
    body = (settings.custom_parameters.get("tokenbodytemplate") or "").lower()
    flows = {entry.flow.lower() for entry in connector.definition.security_definitions.values() if entry.flow}
    if asked == "clientcredentials" or "grant_type=client_credentials" in body:
        return "by client credentials: the app signs in, no person does"
    if not asked and settings.identity_provider == "oauth2" and flows and flows <= {"application", "password"}:
        by = "client credentials" if "application" in flows else "user name and password"
        return f"by {by} as the definition says; the platform itself only signs people in, in the browser"
    return "by an authorization code: a person signs in in the browser"


def _redirect(mode: str) -> str:
    """Which redirect URL to register for the platform (reference: connector-format, section 6)."""
    match mode.strip().lower():
        case "globalperconnector":
            where = f"{REDIRECT}/NAME, NAME being the connector's internal name, which is shown after the first save"
        case "global" | "":
            where = f"{REDIRECT}; connectors made since February 2024 have one of their own below it"
        case _:
            return f'What redirect mode "{mode}" registers is not documented; take the URL that the platform shows.'
    return f'Register the redirect URL {where}. "tieline connect" prints the one for here.'


def _sent(credential: Credential, request: Request) -> str:
    """Which credential was sent in which place; said when it is no longer on the request."""
    title = credential.scheme.title(credential)
    definition = credential.definition
    if definition is not None and definition.type == "apiKey" and definition.where == "query":
        _, _, query = request.url.partition("?")
        there = plain(definition.key) in (plain(unquote(pair.partition("=")[0])) for pair in query.split("&"))
    else:
        there = request.header(_header(credential)) is not None
    return f"{title} was sent" if there else f"{title} was put on, but a policy or script took it off again"


def _unsent(connector: Connector, operation: Operation, connection: Connection) -> str:
    """Why no credential was sent."""
    if operation.security is not None and not any(operation.security):
        return 'no credential was sent, because the operation says "security: []"'
    credentials = credentials_of(connector, operation, connection)
    if credentials:
        names = ", ".join(f'"{entry.name}"' for credential in credentials for entry in credential.parameters)
        return f"no credential was sent, because {names} has no value"
    return "no credential was sent, because the connector declares none that its connection parameters can serve"


def _header(credential: Credential) -> str:
    """The header that a credential stands in; empty for one in the query."""
    definition = credential.definition
    if definition is None or definition.type != "apiKey":
        return "Authorization"
    return "" if definition.where == "query" else definition.key


def _challenge(reply: Reply) -> tuple[tuple[str, ...], dict[str, str]]:
    """The schemes (as written) and parameters (names in lower case) of ``WWW-Authenticate``."""
    text = ", ".join(value for name, value in reply.headers if name.lower() == "www-authenticate")[:MOST_CHALLENGE]
    bare = _PARAMETER.sub("", text)
    schemes = tuple(dict.fromkeys(match[1] for match in _SCHEME.finditer(bare)))
    return schemes, {match[1].lower(): match[2] or match[3] or "" for match in _PARAMETER.finditer(text)}


def _said(challenge: tuple[tuple[str, ...], dict[str, str]], redactor: Redactor) -> Iterator[str]:
    """What the service says it wants, in its own words, without secrets and capped."""
    schemes, fields = challenge
    if schemes:
        yield "it asks for " + ", ".join(f'"{redactor.text(scheme)}"' for scheme in schemes[:5])
    words = [redactor.text(fields[name]) for name in ("error", "error_description") if fields.get(name)]
    if words:
        text = "".join(char if char.isprintable() else " " for char in ": ".join(words))
        yield f'it says "{text[:MOST_WORDS]}"'


def _tries(
    connector: Connector,
    operation: Operation,
    connection: Connection,
    challenge: tuple[tuple[str, ...], dict[str, str]],
    status: int,
) -> Iterator[str]:
    """What to try, the likeliest first."""
    schemes, fields = challenge
    wanted = {scheme.lower() for scheme in schemes}
    signing = prepared(connector, operation, connection).signing
    if not signing:
        yield _without(connector, operation, connection)
        return
    if fields.get("error") == "insufficient_scope":
        scopes = f' "{fields["scope"][:MOST_WORDS]}"' if fields.get("scope") else " that the operation needs"
        yield f'add the scopes{scopes} to "scopes" of oAuthSettings and sign in again'
        return
    for credential, values in signing:
        match credential.scheme.id:
            case "bearer":
                yield _token(connection, status)
            case "basic":
                yield from _password(credential, values, wanted)
            case _:
                yield from _key(credential, values[0], wanted)
    if status == 403:
        yield "check that whoever signed in may do this"


def _without(connector: Connector, operation: Operation, connection: Connection) -> str:
    """What to try when nothing was sent."""
    if operation.security is not None and not any(operation.security):
        return 'take "security: []" out of the operation if it needs a credential'
    credentials = credentials_of(connector, operation, connection)
    if not credentials:
        return 'declare the credential in "securityDefinitions", and a connection parameter for it'
    return " ".join(f"add --set {settable(entry.name)}" for one in credentials for entry in one.parameters)


def _token(connection: Connection, status: int) -> str:
    """What to try with an access token."""
    if status == 403:
        return "check the scopes that the token was given"
    if not connection.name:
        return "the token may have ended: give a new one, or sign in with tieline connect"
    name = f'"{connection.name}"' if " " in connection.name else connection.name
    if connection.grant is not None and connection.grant.type == "given":
        return (
            f"the token may have ended, and nothing renews one that was given: tieline connect --name {name} --replace"
        )
    return f"the token may have ended: tieline connections refresh {name}"


def _password(credential: Credential, values: tuple[str, ...], wanted: set[str]) -> Iterator[str]:
    """What to try with a user name and a password."""
    user, password = credential.parameters
    if not values[1]:
        yield f'the password "{password.name}" is empty: add --set {settable(password.name)}'
    if wanted and "basic" not in wanted:
        yield 'the service does not ask for "Basic": declare the credential that it asks for'
    if values[1]:
        yield f'check "{user.name}" and "{password.name}"'


def _key(credential: Credential, value: str, wanted: set[str]) -> Iterator[str]:
    """What to try with a key, which goes as it was typed (reference: connector-format, section 5)."""
    name = credential.parameters[0].name
    if _header(credential).lower() == "authorization":
        word, space, _ = value.partition(" ")
        known = word.lower() in wanted if wanted else bool(space)
        if not known and ("bearer" in wanted or not wanted):
            yield f'"{name}" goes as it is typed: put "Bearer " in front of it, or add a setheader policy that does'
        elif not known:
            yield f'"{name}" goes as it is typed: put the word that the service asks for in front of it'
    elif "bearer" in wanted or "basic" in wanted:
        yield 'the service asks for the header "Authorization", and the key was sent elsewhere'
    yield f'check the value of "{name}", and in which header or query parameter the service wants it'
