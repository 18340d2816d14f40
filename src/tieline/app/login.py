"""What signing in at an identity provider takes besides the connection parameters, from the person's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..auth import form, oauth, parameter_set
from ..auth.form import Question
from ..auth.oauth.generic import RESERVED
from ..auth.oauth.oauth2 import secret
from ..auth.oauth.values import Values, names_in
from ..auth.scheme import plain
from ..model import Connection, ConnectionParameter, Connector, GrantType, Login, Secret, SecurityDefinition
from .answers import Answers

CERTIFICATE = "certificate"
"""Name under which a PEM with key and certificate is given in the place of a client secret."""

USER = Question(name="username", label="User name", description="The person to sign in as.")
PASSWORD = Question(name="password", label="Password", description="That person's password.", secret=True)
ASSERTION = Question(
    name="assertion", label="Caller's access token", description="The app acts on behalf of its owner.", secret=True
)

SAID = (
    *("tenant", "tenantId", "resourceUri", "resource", "loginUri", "grantType"),
    *("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl"),
)
"""Names that stand for a part of the sign-in whatever the files hold."""

Definitions = Mapping[str, SecurityDefinition]


def login_of(
    connector: Connector, parameter: ConnectionParameter, connection: Connection, start: Login, answers: Answers
) -> Login:
    """Who the app is and what its addresses are; ``start`` has what was said by options.

    Raises DocumentError ``missing-answer``, and what ``oauth.placeholders_of`` does.
    """
    definitions = connector.definition.security_definitions
    certificate = answers.given(CERTIFICATE)
    login = replace(
        start,
        client_id=start.client_id or answers.given(form.CLIENT_ID) or "",
        client_secret=start.client_secret or _secret(answers.given(form.CLIENT_SECRET)),
        certificate=_secret(certificate),
        placeholders=_given(parameter, definitions, answers),
    )
    names = oauth.placeholders_of(parameter, replace(connection, login=login), definitions)
    for question in form.questions(connector, parameter_set(connector, connection), missing_placeholders=names):
        if question.kind == "placeholder":
            login = replace(login, placeholders={**login.placeholders, question.name: answers.to(question) or ""})
        elif answers.ask is not None:
            login = _asked(question, parameter, replace(connection, login=login), answers)
    return login


def with_credentials(grant: GrantType, login: Login, answers: Answers) -> Login:
    """The login with what a grant takes beyond it. Raises DocumentError ``missing-answer``."""
    if grant == "password":
        user, password = answers.to(USER), answers.to(PASSWORD)
        return replace(login, user=user or "", password=_secret(password))
    if grant == "on_behalf_of":
        return replace(login, assertion=_secret(answers.to(ASSERTION)))
    return login


def _asked(question: Question, parameter: ConnectionParameter, connection: Connection, answers: Answers) -> Login:
    """The login with the app's id or secret, asked for where nobody has said it."""
    login = connection.login or Login()
    if parameter.oauth is None:
        return login
    values = Values(parameter=parameter, oauth=parameter.oauth, connection=connection, login=login)
    if question.kind == "client-id" and not values.client_id:
        return replace(login, client_id=answers.to(question) or "")
    if question.kind == "client-secret" and secret(values) is None and login.certificate is None:
        return replace(login, client_secret=_secret(answers.to(question)))
    return login


def _given(parameter: ConnectionParameter, definitions: Definitions, answers: Answers) -> dict[str, str]:
    """Placeholders and addresses that were given beforehand."""
    names = (name for name in (*_names(parameter, definitions), *SAID) if plain(name) not in RESERVED)
    return {name: value for name in dict.fromkeys(names) if (value := answers.given(name)) is not None}


def _names(parameter: ConnectionParameter, definitions: Definitions) -> Iterator[str]:
    """Names of what may be filled in: placeholders wherever the files have some, and custom parameters."""
    if parameter.oauth is not None:
        custom = parameter.oauth.custom_parameters
        for text in (*custom.values(), *parameter.oauth.scopes, parameter.oauth.client_id):
            yield from names_in(text or "")
        yield from custom
    for definition in definitions.values():
        yield from names_in(f"{definition.authorization_url} {definition.token_url}")


def _secret(value: str | None) -> Secret | None:
    return Secret(value) if value else None
