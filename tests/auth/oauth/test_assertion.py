"""Client assertions made with a certificate."""

from __future__ import annotations

import base64
import datetime
import hashlib
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from tieline.auth import oauth
from tieline.model import DocumentError, Reply, Sent, ServiceError

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tieline-test")])
CUSTOM = {"resourceUri": {"value": "api://things"}, "tenantId": {"value": "contoso.test"}}
SETTINGS = {"identityProvider": "aad", "clientId": "app-1", "customParameters": CUSTOM}


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    """A key as PEM."""
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """An RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    """A certificate for the key."""
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(NAME, NAME, key.public_key(), 7, day, day + datetime.timedelta(days=365))
    return builder.sign(key, hashes.SHA256())


def thumbprint(data: bytes) -> str:
    """A digest as the header has it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_the_assertion_is_signed(provider: Any, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    """A certificate takes the place of the secret: an RS256 assertion with both thumbprints, for the token endpoint."""
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode() + pem_of(key)
    found = provider({"settings": SETTINGS, "login": {"certificate": pem, "client_secret": "unused"}, "now": 5000.0})
    request = next(oauth.client_credentials(found))
    body = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    assertion = body.pop("client_assertion")
    assert body == {
        "grant_type": "client_credentials",
        "resource": "api://things",
        "client_id": "app-1",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    token = jwt.decode(assertion, RSAKey.import_key(public), algorithms=["RS256"])
    der = certificate.public_bytes(serialization.Encoding.DER)
    assert token.header == {
        "alg": "RS256",
        "typ": "JWT",
        "x5t": thumbprint(hashlib.sha1(der).digest()),
        "x5t#S256": thumbprint(hashlib.sha256(der).digest()),
    }
    assert token.claims == {
        "aud": "https://login.windows.net/contoso.test/oauth2/token",
        "iss": "app-1",
        "sub": "app-1",
        "jti": "n-1",
        "nbf": 5000,
        "iat": 5000,
        "exp": 5600,
    }


def test_a_refused_assertion_is_not_tried_otherwise(
    provider: Any, key: rsa.RSAPrivateKey, certificate: x509.Certificate
) -> None:
    """With a certificate there is no second attempt, and the error does not hold the assertion."""
    pem = pem_of(key) + certificate.public_bytes(serialization.Encoding.PEM).decode()
    asking = oauth.client_credentials(provider({"settings": SETTINGS, "login": {"certificate": pem}}))
    assertion = parse_qs(next(asking).body.decode())["client_assertion"][0]
    with pytest.raises(ServiceError) as caught:
        asking.send(
            Sent(reply=Reply(status=401, body=b'{"error": "bad", "error_description": "' + assertion.encode() + b'"}'))
        )
    assert caught.value.finding.message.endswith("401: bad: ***")


@pytest.mark.parametrize("change", ["as it is", "indented", "on one line", "CRLF", "a chain before it"])
def test_a_file_as_people_have_it(
    change: str, provider: Any, key: rsa.RSAPrivateKey, certificate: x509.Certificate
) -> None:
    """Indentation and how line ends are written do not count; of a chain the key's own certificate does."""
    own = certificate.public_bytes(serialization.Encoding.PEM).decode()
    pem = {
        "as it is": pem_of(key) + own,
        "indented": "\n".join(f"    {line}" for line in (pem_of(key) + own).splitlines()),
        "on one line": (pem_of(key) + own).replace("\n", "\\n"),
        "CRLF": (pem_of(key) + own).replace("\n", "\r\n"),
        "a chain before it": other_certificate()
        + "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
        + own
        + pem_of(key),
    }[change]
    request = next(oauth.client_credentials(provider({"settings": SETTINGS, "login": {"certificate": pem}})))
    assertion = parse_qs(request.body.decode())["client_assertion"][0]
    header = jwt.decode(assertion, RSAKey.import_key(pem_of(key)), algorithms=["RS256"]).header
    assert header["x5t"] == thumbprint(hashlib.sha1(certificate.public_bytes(serialization.Encoding.DER)).digest())


def other_certificate() -> str:
    """A certificate of another key, of another kind."""
    key = ec.generate_private_key(ec.SECP256R1())
    day = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(NAME, NAME, key.public_key(), 8, day, day + datetime.timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_unusable_certificates_say_so(provider: Any, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
    """No certificate, no key, an encrypted key, a key of another kind and plain nonsense all give the one error."""
    public = certificate.public_bytes(serialization.Encoding.PEM).decode()
    curve = pem_of(ec.generate_private_key(ec.SECP256R1()))
    broken = public + pem_of(key).replace("\nM", "\nx", 1)
    unknown = "-----BEGIN PRIVATE KEY-----\nMBMCAQAwBgYEVQgBAQQGMAQCAgEA\n-----END PRIVATE KEY-----\n"
    others = (pem_of(key) + other_certificate(), public + unknown, "nonsense", "\x00é")
    for pem in (pem_of(key), public, public + pem_of(key, b"pw"), public + curve, broken, *others):
        found = provider({"settings": SETTINGS, "login": {"certificate": pem}})
        with pytest.raises(DocumentError) as caught:
            next(oauth.client_credentials(found))
        assert caught.value.finding.rule == "bad-certificate"
        assert "BEGIN" not in caught.value.finding.message
