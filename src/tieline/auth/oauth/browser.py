"""The step in the browser: the address that it opens, and the redirect that comes back (RFC 6749, section 4.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlencode

from ...model import DocumentError, Secret, ServiceError
from .addresses import checked
from .generic import LATER, filled, plain_names
from .provider import Provider
from .replies import Hider, refused, remedy_of


def challenge(verifier: str) -> str:
    """The ``code_challenge`` of a PKCE verifier (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorization(provider: Provider, *, redirect_url: str, state: str, verifier: str = "") -> str:
    """The address that the browser opens.

    A query that the address has already is kept. ``verifier`` is used where the provider has PKCE on. Raises
    DocumentError ``grant-not-offered`` for a provider without such a step.
    """
    if not provider.authorization_url:
        raise DocumentError(
            "grant-not-offered",
            f'connection parameter "{provider.parameter.name}" signs in without a browser',
            remedy="use one of its other grants",
            route=provider.parameter.route,
        )
    proof = (
        {"code_challenge": challenge(verifier), "code_challenge_method": "S256"} if verifier and provider.pkce else {}
    )
    if provider.templates is not None:
        return _templated(provider, redirect_url, state, proof)
    query = {"response_type": "code", "client_id": provider.client_id, "redirect_uri": redirect_url}
    if provider.resource:
        query["resource"] = provider.resource
    if provider.scopes:
        query["scope"] = " ".join(provider.scopes)
    return _joined(provider.authorization_url, {**query, "state": state, **proof})


def returned(url_or_query: str, state: str) -> str:
    """The code in the redirect that came back: a whole URL, or its query alone.

    Raises ServiceError ``wrong-state`` unless it has exactly the state that was sent, ``sign-in-refused`` with the
    provider's words, and ``no-code``.
    """
    fields = _fields(url_or_query)
    states, codes = _all(fields, "state"), _all(fields, "code")
    words = dict(fields)
    hider = Hider(Secret(value) for value in (*codes, *states, state) if value)
    told = refused(words.get("error", ""), words.get("error_description", ""), hider)
    if not state or len(states) != 1 or not hmac.compare_digest(states[0].encode(), state.encode()):
        raise ServiceError(
            "wrong-state",
            "the redirect that came back does not belong to this sign-in: its state is "
            + ("missing" if not states else "another one")
            + (f'; it says "{told}"' if told else ""),
            remedy="start again, and finish in the window that opens",
        )
    if words.get("error"):
        remedy = remedy_of(words["error"], words.get("error_description", ""))
        raise ServiceError("sign-in-refused", f"the identity provider refused the sign-in: {told}", remedy=remedy)
    if len(codes) != 1 or not codes[0]:
        raise ServiceError(
            "no-code",
            "the redirect that came back has "
            + ("more than one code" if len(codes) > 1 else "no code")
            + (f'; it says "{told}"' if told else ""),
            remedy="copy the whole address that the browser was sent to, and sign in again",
        )
    return codes[0]


def _templated(provider: Provider, redirect_url: str, state: str, proof: dict[str, str]) -> str:
    assert provider.templates is not None  # the caller looks
    later = dict.fromkeys(LATER["authorization"], "")
    now = {"redirecturl": redirect_url, "state": state, "codechallenge": proof.get("code_challenge", "")}
    template = provider.templates.authorization
    url = filled(template, {**provider.values, **later, **now}, raw=provider.templates.authorization_raw)
    asked = proof if "codechallenge" not in plain_names(template) else {}
    return checked(_joined(url, asked) if asked else url, provider.server, provider.parameter.route)


def _joined(url: str, query: dict[str, str]) -> str:
    """The address with more query: put behind it as it is, since some have their path behind a ``#``."""
    text = urlencode(query, quote_via=quote, safe="", errors="replace")
    if "?" not in url:
        return f"{url}?{text}"
    return url + text if url[-1] in "?&" else f"{url}&{text}"


def _fields(text: str) -> list[tuple[str, str]]:
    address, mark, query = text.strip().partition("?")
    if not mark:
        query = "" if "://" in address or address.startswith("/") else address
    try:
        return parse_qsl(query.partition("#")[0], keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []


def _all(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]
