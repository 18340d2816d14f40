"""A client assertion: a signed statement in the place of a client secret (RFC 7523), as Entra ID takes it."""

from __future__ import annotations

import base64

from ...model import DocumentError, Secret
from .provider import Provider

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""``client_assertion_type``."""


def client_assertion(provider: Provider, audience: str, certificate: Secret) -> Secret:
    """The assertion for one request to ``audience``, signed with RS256.

    ``certificate`` is PEM text with private key and certificate. Raises DocumentError ``bad-certificate``, which holds
    nothing of it.
    """
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
    pem = certificate.reveal()
    header = {"alg": "RS256", "typ": "JWT", **_thumbprints(provider, pem)}
    try:
        key = RSAKey.import_key(_block(pem, "PRIVATE KEY"))
        return Secret(jwt.encode(header, claims, key, algorithms=["RS256"]))
    except (JoseError, ValueError, TypeError):
        raise _bad(provider, "its private key cannot be used: an RSA key without password is needed") from None


def _thumbprints(provider: Provider, pem: str) -> dict[str, str]:
    """What tells Entra ID which certificate it is: SHA-1 (v1 endpoints know nothing else) and SHA-256."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        certificate = x509.load_pem_x509_certificate(_block(pem, "CERTIFICATE").encode())
        sha1, sha256 = certificate.fingerprint(hashes.SHA1()), certificate.fingerprint(hashes.SHA256())
    except ValueError:
        raise _bad(provider, "there is no certificate in it") from None
    return {"x5t": _url_safe(sha1), "x5t#S256": _url_safe(sha256)}


def _block(pem: str, label: str) -> str:
    """The first PEM block whose label ends as given; empty text for none."""
    lines = pem.splitlines()
    start = next((at for at, line in enumerate(lines) if line.startswith("-----BEGIN") and f"{label}-----" in line), -1)
    end = next((at for at, line in enumerate(lines) if at > start and line.startswith("-----END")), -1)
    return "\n".join(lines[start : end + 1]) + "\n" if 0 <= start < end else ""


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bad(provider: Provider, why: str) -> DocumentError:
    return DocumentError(
        "bad-certificate",
        f"the certificate cannot be used to sign in: {why}",
        remedy="give a PEM file with the private key and the certificate",
        route=provider.parameter.route,
    )
