"""Client assertions: a JWT that a client signed with the key of its certificate (RFC 7523), as Entra ID takes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from oauthlib.oauth2.rfc6749 import errors

from .call import Call
from .options import Client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

SKEW = 300.0
"""Seconds by which the client's clock may be wrong, as Entra ID allows."""


def claimed_client(assertion: str) -> str:
    """The client that an assertion claims to be, unproven; empty for no JWT."""
    try:
        part = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError, RecursionError):
        return ""


def check_assertion(call: Call, client: Client) -> None:
    """Raise an error of oauthlib's unless the request's assertion is the client's, for here, for now and the first."""
    if not client.certificate:
        call.refuse(errors.InvalidClientError, 700027, "no certificate is registered for the client")
    certificate = x509.load_pem_x509_certificate(client.certificate.encode())
    public = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        token = jwt.decode(call.get("client_assertion"), RSAKey.import_key(public), algorithms=["RS256"])
    except (JoseError, ValueError, TypeError, RecursionError):
        text = "the client assertion is not a JWT that was signed with the client's certificate"
        call.refuse(errors.InvalidClientError, 700027, text)
    if not _names(token.header, certificate):
        text = "neither x5t nor x5t#S256 of the client assertion is the thumbprint of the client's certificate"
        call.refuse(errors.InvalidClientError, 700027, text)
    wrong = _wrong(call, client, token.claims)
    if wrong:
        call.refuse(errors.InvalidClientError, 700024, f"the client assertion is not valid: {wrong}")
    call.identity.records.assertions[f"{client.id} {token.claims['jti']}"] = float(token.claims["exp"])


def _names(header: Mapping[str, Any], certificate: x509.Certificate) -> bool:
    prints = {"x5t": hashes.SHA1(), "x5t#S256": hashes.SHA256()}
    wanted = {
        name: base64.urlsafe_b64encode(certificate.fingerprint(kind)).rstrip(b"=").decode()
        for name, kind in prints.items()
    }
    given = {name: str(header[name]).rstrip("=") for name in prints if name in header}
    return bool(given) and all(wanted[name] == value for name, value in given.items())


def _wrong(call: Call, client: Client, claims: Mapping[str, Any]) -> str:
    """What is wrong with the claims; empty for nothing."""
    now = call.identity.options.now()
    start, end = claims.get("nbf", now), claims.get("exp")
    audience = claims.get("aud")
    if (claims.get("iss"), claims.get("sub")) != (client.id, client.id):
        return "iss and sub must be the client's id"
    if call.url not in (audience if isinstance(audience, list) else [audience]):
        return f"aud must be {call.url}"
    if not isinstance(end, int | float) or not isinstance(start, int | float):
        return "exp is missing, or a time is no number"
    if end + SKEW <= now or start - SKEW > now:
        return "it is out of its time"
    if not isinstance(claims.get("jti"), str):
        return "jti is missing"
    if f"{client.id} {claims['jti']}" in call.identity.records.assertions:
        return "it was used before"
    return ""
