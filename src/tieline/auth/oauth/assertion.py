"""A client assertion: a signed statement in the place of a client secret (RFC 7523), as Entra ID takes it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ...model import DocumentError, Secret
from .provider import Provider

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""``client_assertion_type``."""


def client_assertion(provider: Provider, audience: str, certificate: Secret) -> Secret:
    """The assertion for one request to ``audience``, signed with RS256.

    ``certificate`` is PEM text with private key and certificate. Raises DocumentError ``bad-certificate``, which holds
    nothing of it.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from joserfc import jwt  # with cryptography, 60 ms of import that only certificates need
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    now = int(provider.now)
    claims = {
        "aud": audience,
        "iss": provider.client_id,
        "sub": provider.client_id,
        "jti": provider.nonce,
        "nbf": now,
        "iat": now,
        "exp": now + int(provider.settings.assertion_lifetime),
    }
    lines = [line.strip() for line in certificate.reveal().replace("\\n", "\n").splitlines()]
    try:
        key = RSAKey.import_key(next(_blocks(lines, "PRIVATE KEY"), ""))
        header = {"alg": "RS256", "typ": "JWT", **_thumbprints(provider, lines, key.public_key)}
        return Secret(jwt.encode(header, claims, key, algorithms=["RS256"]))
    except (JoseError, ValueError, TypeError, UnsupportedAlgorithm):
        raise _bad(provider, "its private key cannot be used: an RSA key without password is needed") from None


def _thumbprints(provider: Provider, lines: list[str], public: object) -> dict[str, str]:
    """What tells Entra ID which certificate it is, that of the key: SHA-1 (v1 endpoints know nothing else) and
    SHA-256."""
    from cryptography.hazmat.primitives import hashes

    found = list(_certificates(lines))
    own = next((one for one in found if one.public_key() == public), None)
    if own is None:
        raise _bad(
            provider, "none of its certificates is that of the key" if found else "there is no certificate in it"
        )
    sha1, sha256 = own.fingerprint(hashes.SHA1()), own.fingerprint(hashes.SHA256())
    return {"x5t": _url_safe(sha1), "x5t#S256": _url_safe(sha256)}


def _certificates(lines: list[str]) -> Iterator[Certificate]:
    """The certificates that can be read, with keys of a kind that is known."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    for block in _blocks(lines, "CERTIFICATE"):
        with suppress(ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
            certificate = x509.load_pem_x509_certificate(block.encode())
            certificate.public_key()
            yield certificate


def _blocks(lines: list[str], label: str) -> Iterator[str]:
    """The PEM blocks whose label ends as given."""
    starts = (at for at, line in enumerate(lines) if line.startswith("-----BEGIN") and f"{label}-----" in line)
    for start in starts:
        end = next((at for at, line in enumerate(lines) if at > start and line.startswith("-----END")), start)
        yield "\n".join(lines[start : end + 1]) + "\n"


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bad(provider: Provider, why: str) -> DocumentError:
    return DocumentError(
        "bad-certificate",
        f"the certificate cannot be used to sign in: {why}",
        remedy="give a PEM file with the private key and the certificate",
        route=provider.parameter.route,
    )
