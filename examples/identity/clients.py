"""Whether a client is who it says: secret in the body or in a Basic header (RFC 6749, section 2.3), or an assertion."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from oauthlib.oauth2.rfc6749 import errors

from .assertions import ASSERTION_TYPE, check_assertion, claimed_client
from .call import Call, plain_text
from .options import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a client sent to prove who it is."""

    way: str
    """``body``, ``basic``, ``assertion`` or ``none``."""
    client_id: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What was sent, in all ways to read it."""


def proof_of(call: Call) -> Proof:
    """What a client sent. Raises an error of oauthlib's for two ways at once and for a header that is no Basic one."""
    header = call.request.headers.get("authorization", "")
    ways = {"basic": header, "body": call.get("client_secret"), "assertion": call.get("client_assertion")}
    used = [way for way, sent in ways.items() if sent]
    if len(used) > 1:
        call.refuse(errors.InvalidRequestError, 90023, f"the client proved itself in two ways: {' and '.join(used)}")
    if not used:
        return Proof(way="none", client_id=call.get("client_id"))
    if used == ["basic"]:
        return _basic(call, header)
    if used == ["body"]:
        return Proof(way="body", client_id=call.get("client_id"), secrets=(call.get("client_secret"),))
    if call.get("client_assertion_type") != ASSERTION_TYPE:
        call.refuse(errors.InvalidRequestError, 900144, f"client_assertion_type must be {ASSERTION_TYPE}")
    return Proof(way="assertion", client_id=call.get("client_id") or claimed_client(call.get("client_assertion")))


def needs_proof(call: Call) -> bool:
    """Whether the client of a request must prove itself: all but a public one that does not try to."""
    proof = proof_of(call)
    client = call.identity.client(proof.client_id)
    return proof.way != "none" or client is None or not client.public


def proven_client(call: Call) -> Client:
    """The client that proved itself. Raises an error of oauthlib's where none did."""
    proof = proof_of(call)
    call.asked.client_auth = proof.way
    client = _known(call, proof)
    if client.public:
        text = "the client is public, so it must send neither client_secret nor client_assertion"
        call.refuse(errors.InvalidClientError, 700025, text)
    if proof.way == "none":
        call.refuse(errors.InvalidClientError, 7000218, "client_assertion or client_secret is missing")
    if proof.way == "assertion":
        check_assertion(call, client)
        return client
    allowed = call.identity.options.client_auth
    if allowed not in ("both", proof.way):
        place = "a Basic authorization header" if allowed == "basic" else "the form body"
        call.refuse(errors.InvalidClientError, 7000218, f"the client secret must be sent in {place}")
    if not client.secret or not any(same(secret, client.secret) for secret in proof.secrets):
        call.refuse(errors.InvalidClientError, 7000215, f"wrong client secret for app '{plain_text(client.id)}'")
    return client


def named_client(call: Call) -> Client:
    """The client that a request names, unproven. Raises an error of oauthlib's where there is none."""
    call.asked.client_auth = "none"
    return _known(call, Proof(way="none", client_id=call.get("client_id")))


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _known(call: Call, proof: Proof) -> Client:
    client = call.identity.client(proof.client_id)
    call.note_client(client)
    if client is None:
        call.refuse(errors.InvalidClientError, 700016, f"app '{plain_text(proof.client_id)}' is not registered here")
    named = call.get("client_id")
    if named and named != client.id:
        call.refuse(errors.InvalidClientError, 700016, "client_id and the client that proved itself differ")
    return client


def _basic(call: Call, header: str) -> Proof:
    scheme, _, text = header.partition(" ")
    try:
        pair = base64.b64decode(text.strip(), validate=True).decode("utf-8") if scheme.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        pair = ""
    name, colon, secret = pair.partition(":")
    if not colon:
        call.asked.client_auth = "basic"
        call.refuse(errors.InvalidClientError, 7000218, "the authorization header is not a Basic one")
    # They should be form-encoded (RFC 6749, section 2.3.1); half of the clients do not.
    known = call.identity.client(name) is not None
    return Proof(way="basic", client_id=name if known else unquote_plus(name), secrets=(secret, unquote_plus(secret)))
