"""The requests to an identity provider, as generators that yield them and are sent what came.

Bodies are those of reference: connector-format, section 6.2. A secret that was refused in the body is tried once more
in a Basic header; then the error tells of both.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote_plus, urlencode

from ...model import BugError, Connection, DocumentError, GrantType, Request, Secret, Sent, ServiceError
from ..scheme import Asking
from .addresses import checked, endpoint
from .assertion import TYPE, client_assertion
from .generic import LATER, filled, plain_names
from .provider import Provider
from .replies import Hider, Problem, tokens_of
from .tokens import Tokens

FORM = "application/x-www-form-urlencoded"

ON_BEHALF = "urn:ietf:params:oauth:grant-type:jwt-bearer"

Fields = tuple[tuple[str, str], ...]

Answered = TypeVar("Answered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One way of saying who the app is."""

    request: Request
    how: str
    """For the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an identity provider is asked for."""

    provider: Provider
    attempts: tuple[Attempt, ...]
    doing: str
    """Completes ``did not …``."""
    secrets: tuple[Secret, ...] = field(default=(), repr=False)

    @property
    def hidden(self) -> tuple[Secret, ...]:
        """What must not reach a message: the provider's secrets, those of the question, and what Basic headers make of
        them."""
        headers = (attempt.request.header("authorization") or "" for attempt in self.attempts)
        pairs = (Secret(header.removeprefix("Basic ").rstrip("=")) for header in headers if header)
        return (*self.provider.secrets, *self.secrets, *pairs)


def redeem(provider: Provider, code: str, redirect_url: str, verifier: str = "") -> Asking[Tokens]:
    """The tokens for the code that a sign-in in the browser gave.

    ``redirect_url`` is the one of that sign-in, ``verifier`` that of PKCE. All generators here raise ServiceError
    ``sign-in-refused``, ``sign-in-reply``, ``sign-in-unavailable`` and ``sign-in-unreachable``.
    """
    doing, hidden = "exchange the code for an access token", (Secret(code), Secret(verifier))
    if provider.templates is not None:
        values = {"code": code, "redirecturl": redirect_url, "codeverifier": verifier}
        attempts = _templated(provider, "token", values, verifier=verifier if provider.pkce else "")
    else:
        body: Fields = (("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect_url))
        proof: Fields = (("code_verifier", verifier),) if verifier and provider.pkce else ()
        attempts = attempts_of(provider, provider.token_url, (*body, *proof, *_resource(provider)))
    return (yield from _tokens(provider, attempts, doing, hidden))


def refresh(provider: Provider, refresh_token: Secret) -> Asking[Tokens]:
    """New tokens for a refresh token."""
    if provider.templates is not None:
        values = {"refreshtoken": refresh_token.reveal(), "redirecturl": provider.redirect_url}
        attempts = _templated(provider, "refresh", values)
    else:
        body: Fields = (("grant_type", "refresh_token"), ("refresh_token", refresh_token.reveal()))
        scope = _scope(provider) if provider.settings.refresh_scope else ()
        attempts = attempts_of(provider, provider.refresh_url, (*body, *scope, *_resource(provider)))
    return (yield from _tokens(provider, attempts, "renew the access token", (refresh_token,)))


def client_credentials(provider: Provider) -> Asking[Tokens]:
    """A token for the app itself."""
    _offered(provider, "client_credentials")
    if provider.templates is not None:
        attempts = _templated(provider, "token", {})
    else:
        body: Fields = (("grant_type", "client_credentials"), *_target(provider))
        attempts = attempts_of(provider, provider.token_url, body)
    return (yield from _tokens(provider, attempts, "give the app an access token", ()))


def password(provider: Provider, user: str, password: Secret) -> Asking[Tokens]:
    """A token for user name and password; only for who asks for it."""
    _offered(provider, "password")
    body: Fields = (("grant_type", "password"), ("username", user), ("password", password.reveal()))
    attempts = attempts_of(provider, provider.token_url, (*body, *_target(provider)))
    return (yield from _tokens(provider, attempts, f'sign in user "{user[:80]}"', (password,)))


def on_behalf_of(provider: Provider, assertion: Secret) -> Asking[Tokens]:
    """A token for the API on behalf of the person whose token ``assertion`` is."""
    _offered(provider, "on_behalf_of")
    body: Fields = (
        ("grant_type", ON_BEHALF),
        ("assertion", assertion.reveal()),
        ("requested_token_use", "on_behalf_of"),
    )
    attempts = attempts_of(provider, provider.token_url, (*body, *_target(provider)))
    return (yield from _tokens(provider, attempts, "sign in on behalf of the caller", (assertion,)))


def renewed(provider: Provider, connection: Connection) -> Asking[Tokens]:
    """New tokens for a connection whose access token has ended: by its refresh token, else by repeating a grant that
    needs nobody. Raises ServiceError ``missing-refresh-token`` when nothing can."""
    grant, login = connection.grant, connection.login
    if grant is not None and grant.refresh_token is not None and _refreshes(provider):
        return (yield from refresh(provider, grant.refresh_token))
    kind = None if grant is None else grant.type
    if kind == "client_credentials":
        return (yield from client_credentials(provider))
    if login is not None and kind == "password" and login.password is not None:
        return (yield from password(provider, login.user, login.password))
    if login is not None and kind == "on_behalf_of" and login.assertion is not None:
        return (yield from on_behalf_of(provider, login.assertion))
    raise ServiceError(
        "missing-refresh-token",
        f"Failed to refresh access token for service: {provider.id}. Error: Missing refresh token",
        remedy='sign in again: tieline connect; for a longer life the scopes must ask for it, often "offline_access"',
        route=provider.parameter.route,
    )


def attempts_of(provider: Provider, url: str, fields: Fields, *, identified: bool = True) -> tuple[Attempt, ...]:
    """The request with the app's id and secret in the form body, and the one with a Basic header to try after it.

    ``identified``: the app proves who it is; without, it only gives its id.
    """
    own: Fields = (("client_id", provider.client_id),)
    if not identified:
        return (Attempt(request=_post(url, _form((*fields, *own))), how="client ID sent in form body"),)
    if provider.certificate is not None:
        signed = client_assertion(provider, url, provider.certificate).reveal()
        proof: Fields = (("client_assertion_type", TYPE), ("client_assertion", signed))
        request = _post(url, _form((*fields, *own, *proof)))
        return (Attempt(request=request, how="client ID and signed assertion sent in form body"),)
    if provider.client_secret is None:
        return (Attempt(request=_post(url, _form((*fields, *own))), how="client ID sent in form body, no secret"),)
    secret: Fields = (("client_secret", provider.client_secret.reveal()),)
    first = Attempt(request=_post(url, _form((*fields, *own, *secret))), how="client ID and secret sent in form body")
    return (first, _basic(provider, first, _form(fields))) if provider.settings.basic_retry else (first,)


def ask(question: Question, read: Callable[[Sent, tuple[Secret, ...]], Answered | Problem]) -> Asking[Answered]:
    """The answer to a question, as ``read`` makes it of a reply. Raises ServiceError for a problem of the last attempt,
    which tells of the others too."""
    secrets = question.hidden
    problems: list[Problem] = []
    for attempt in question.attempts:
        sent = yield attempt.request
        found = read(sent, secrets)
        if not isinstance(found, Problem):
            return found
        problems.append(found)
        if not _unproven(found):
            break
    raise _failed(question, problems)


def _tokens(
    provider: Provider, attempts: tuple[Attempt, ...], doing: str, secrets: tuple[Secret, ...]
) -> Asking[Tokens]:
    question = Question(provider=provider, attempts=attempts, doing=doing, secrets=secrets)
    return (yield from ask(question, lambda sent, hidden: tokens_of(sent, hidden, provider.now)))


def _unproven(problem: Problem) -> bool:
    """Whether another way of saying who the app is may help: 401 (observed), or ``invalid_client`` (inferred)."""
    return problem.status == 401 or problem.code == "invalid_client"


def _failed(question: Question, problems: list[Problem]) -> ServiceError:
    if not problems:
        raise BugError("sign-in-without-request", "a sign-in made no request")
    last = problems[-1]
    request = question.attempts[0].request
    pairs = zip(question.attempts, problems, strict=False)
    told = "; ".join(
        f"{attempt.how}: {problem.said}" if len(problems) > 1 else problem.said for attempt, problem in pairs
    )
    # A refusal of the first way says nothing when nobody knows of the second.
    unknown = last.rule in ("sign-in-unreachable", "sign-in-unavailable")
    worst = last if unknown else next((one for one in problems if one.rule == "sign-in-refused"), last)
    # The templates of an author may have the secret in the path.
    where = Hider(question.hidden).text(endpoint(request.url))
    return ServiceError(
        worst.rule,
        f'"{where}" did not {question.doing}: {told}',
        remedy=worst.remedy,
        route=question.provider.parameter.route,
    )


def _refreshes(provider: Provider) -> bool:
    """Whether there is a refresh request: templates for an app by itself have none, whatever they were given."""
    return provider.templates is None or provider.interactive


def _offered(provider: Provider, grant: GrantType) -> None:
    """Raises DocumentError ``grant-not-offered`` for a grant that cannot be done at this provider."""
    if grant in provider.grants:
        return
    known = ", ".join(f'"{name}"' for name in provider.grants)
    missing_secret = grant == "client_credentials" and provider.templates is None
    raise DocumentError(
        "grant-not-offered",
        f'grant "{grant}" cannot be used with connection parameter "{provider.parameter.name}"; these can: {known}',
        remedy="give the client secret with --client-secret" if missing_secret else "use one of these",
        route=provider.parameter.route,
    )


def _templated(provider: Provider, step: str, values: Mapping[str, str], *, verifier: str = "") -> tuple[Attempt, ...]:
    """The one request that the templates of a step make, and the Basic one behind it where settings want that."""
    assert provider.templates is not None  # callers look
    later = dict.fromkeys(LATER[step], "")
    known = {**provider.values, **later, **values}
    refreshing = step == "refresh"
    url = provider.templates.refresh if refreshing else provider.templates.token
    body = provider.templates.refresh_body if refreshing else provider.templates.token_body
    data = filled(body, known, raw=0)
    if verifier and "codeverifier" not in plain_names(body):
        data += "&" + urlencode((("code_verifier", verifier),))
    where = checked(filled(url, known), provider.server, provider.parameter.route)
    first = Attempt(request=_post(where, data), how="as the templates say")
    if provider.settings.basic_retry_templates and provider.client_secret is not None:
        return (first, _basic(provider, first, data))
    return (first,)


def _basic(provider: Provider, first: Attempt, body: str) -> Attempt:
    assert provider.client_secret is not None  # callers look
    pair = (provider.client_id, provider.client_secret.reveal())
    if provider.settings.basic_encoded:
        pair = (quote_plus(pair[0], errors="replace"), quote_plus(pair[1], errors="replace"))
    value = base64.b64encode(":".join(pair).encode("utf-8", "replace")).decode("ascii")
    request = _post(first.request.url, body).with_header("Authorization", f"Basic {value}")
    return Attempt(request=request, how="client ID and secret sent in Basic authorization header")


def _post(url: str, body: str) -> Request:
    headers = (("Content-Type", FORM), ("Accept", "application/json"))
    return Request(method="POST", url=url, headers=headers, body=body.encode("utf-8", "replace"))


def _form(fields: Fields) -> str:
    return urlencode(fields, errors="replace")


def _resource(provider: Provider) -> Fields:
    return (("resource", provider.resource),) if provider.resource else ()


def _scope(provider: Provider) -> Fields:
    return (("scope", " ".join(provider.scopes)),) if provider.scopes else ()


def _target(provider: Provider) -> Fields:
    """What a token is for: the resource where there is one, else the scopes."""
    return _resource(provider) or _scope(provider)
