"""Microsoft's two kinds of paths: resources, scopes, tenants, replies, certificates."""

from __future__ import annotations

import base64
import datetime
import json
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

V1, V2 = "/contoso.test/oauth2/", "/contoso.test/oauth2/v2.0/"
RESOURCE = "api://inventory"


@dataclass(frozen=True)
class Signer:
    """Somebody with a key and a certificate of it."""

    key: RSAKey
    certificate: str
    x5t: str

    def sign(self, claims: dict[str, Any], **header: str) -> str:
        """A client assertion."""
        return jwt.encode({"alg": "RS256", "typ": "JWT", "x5t": self.x5t, **header}, claims, self.key)


def signer() -> Signer:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    x5t = base64.urlsafe_b64encode(made.fingerprint(hashes.SHA1())).rstrip(b"=").decode()
    return Signer(RSAKey.import_key(pem), made.public_bytes(Encoding.PEM).decode(), x5t)


@pytest.fixture(scope="module")
def own() -> Signer:
    """The app's key."""
    return signer()


async def test_v1(place: Any) -> None:
    """A sign-in for a resource gives tokens for it, in the reply that v1 gives; a refresh keeps the resource."""
    code = (await place.sign_in(f"{V1}authorize", resource=RESOURCE, scope="whatever"))["code"]
    found = json.loads((await place.redeem(code, f"{V1}token", resource=RESOURCE)).body)
    assert (found["resource"], found["expires_in"], found["expires_on"]) == (RESOURCE, "3600", "1800003600")
    bearer = place.state.bearer(found["access_token"])
    assert (bearer.audience, bearer.scopes) == (RESOURCE, {"read", "write"})
    again = await place.tokens(f"{V1}token", grant_type="refresh_token", refresh_token=found["refresh_token"])
    assert again["resource"] == RESOURCE
    other = {"grant_type": "refresh_token", "refresh_token": again["refresh_token"], "resource": "https://graph.test"}
    assert place.state.bearer((await place.tokens(f"{V1}token", **other))["access_token"]).audience == other["resource"]


async def test_v1_needs_a_resource(place: Any) -> None:
    """A resource is named on the page or for the code; the error says so, and the code stays good."""
    code = (await place.sign_in(f"{V1}authorize"))["code"]
    refused = await place.redeem(code, f"{V1}token")
    assert (refused.status, json.loads(refused.body)["error_codes"]) == (400, [900144])
    assert (await place.redeem(code, f"{V1}token", resource=RESOURCE)).status == 200


async def test_unknown_resource_and_tenant(start: Any) -> None:
    """What is not registered is refused by its number."""
    place = await start(resources=(RESOURCE,), tenants=("contoso.test",))
    form = {"grant_type": "client_credentials", "resource": "api://other"}
    found = json.loads((await place.token(f"{V1}token", **form)).body)
    assert (found["error"], found["error_codes"]) == ("invalid_resource", [500011])
    elsewhere = await place.token("/common/oauth2/token", **form)
    assert json.loads(elsewhere.body)["error_codes"] == [90002]
    page = await place.ask("GET", "/common/oauth2/authorize?client_id=demo-client")
    assert (page.status, "AADSTS90002: tenant &#x27;common&#x27;" in page.body.decode()) == (400, True)
    scope = {"grant_type": "client_credentials", "scope": "api://other/.default"}
    assert json.loads((await place.token(f"{V2}token", **scope)).body)["error_codes"] == [70011]
    assert (await place.tokens(f"{V1}token", grant_type="client_credentials", resource=f"{RESOURCE}/"))["access_token"]


async def test_v2(place: Any) -> None:
    """Scopes say what a token is for; offline_access is what gives a refresh token."""
    code = (await place.sign_in(f"{V2}authorize", scope=f"{RESOURCE}/read openid"))["code"]
    found = json.loads((await place.redeem(code, f"{V2}token")).body)
    assert ("refresh_token" in found, found["expires_in"]) == (False, 3600)
    bearer = place.state.bearer(found["access_token"])
    assert (bearer.audience, bearer.scopes) == (RESOURCE, {"read"})
    code = (await place.sign_in(f"{V2}authorize", scope=f"{RESOURCE}/.default offline_access"))["code"]
    lasting = json.loads((await place.redeem(code, f"{V2}token")).body)
    again = await place.tokens(f"{V2}token", grant_type="refresh_token", refresh_token=lasting["refresh_token"])
    assert place.state.bearer(again["access_token"]).scopes == {"read", "write"}
    alone = await place.tokens(f"{V2}token", grant_type="client_credentials", scope=f"{RESOURCE}/.default")
    assert place.state.bearer(alone["access_token"]).audience == RESOURCE


async def test_v2_needs_a_scope(place: Any) -> None:
    """A page without scope ends with an error in Entra ID's words."""
    ended = await place.sign_in(f"{V2}authorize")
    assert ended["error"] == "invalid_request"
    assert ended["error_description"] == "AADSTS900144: the request must contain: 'scope'"
    assert ended["state"] == "s 1&"
    denied = await place.sign_in(f"{V2}authorize", form={"answer": "deny"}, scope="read")
    assert denied["error_description"] == "AADSTS65004: the user declined"


# -- certificates


async def asserted(place: Any, assertion: str, **form: str) -> tuple[int, dict[str, Any]]:
    fields = {
        "grant_type": "client_credentials",
        "client_id": "signed",
        "scope": f"{RESOURCE}/.default",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        **form,
    }
    reply = await place.post(f"{V2}token", {name: value for name, value in fields.items() if value})
    return reply.status, json.loads(reply.body)


def claims(place: Any, **changed: Any) -> dict[str, Any]:
    now = int(place.clock())
    made = {"aud": f"{place.origin}{V2}token", "iss": "signed", "sub": "signed", "jti": "1", "nbf": now}
    return {name: value for name, value in {**made, "exp": now + 600, **changed}.items() if value is not None}


@pytest.fixture
async def signed(start: Any, examples: Any, own: Signer) -> Any:
    """A server that knows an app by its certificate."""
    client = examples.Client(id="signed", certificate=own.certificate)
    return await start(clients=(client, examples.CLIENT))


async def test_an_assertion(signed: Any, own: Signer) -> None:
    """An app proves itself with a signed assertion, with or without its id beside it, each time with a new one."""
    assert (await asserted(signed, own.sign(claims(signed))))[0] == 200
    assert signed.state.log[-1].client_auth == "assertion"
    status, refused = await asserted(signed, own.sign(claims(signed)))
    assert (status, "used before" in refused["error_description"]) == (401, True)
    assert (await asserted(signed, own.sign(claims(signed, jti="2")), client_id=""))[0] == 200


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"aud": "https://example.com/token"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "demo-client"}, "iss"),
        ({"sub": "demo-client"}, "iss"),
        ({"exp": 1_700_000_000}, "time"),
        ({"nbf": 1_900_000_000}, "time"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"jti": None}, "jti"),
    ],
)
async def test_wrong_claims(signed: Any, own: Signer, changed: dict[str, Any], word: str) -> None:
    """An assertion for elsewhere, for another, out of time or without an id is refused."""
    status, found = await asserted(signed, own.sign(claims(signed, **changed)))
    assert (status, found["error"], found["error_codes"]) == (401, "invalid_client", [700024])
    assert word in found["error_description"]


async def test_wrong_signatures(signed: Any, own: Signer) -> None:
    """Another key, another thumbprint, none, a changed or an unsigned assertion and no JWT at all are refused."""
    good = own.sign(claims(signed))
    head, body, _ = good.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    symmetric = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
    bad = [
        signer().sign(claims(signed), x5t=own.x5t),
        own.sign(claims(signed), x5t="AAAA"),
        jwt.encode({"alg": "RS256"}, claims(signed), own.key),
        f"{head}.{body}.AAAA",
        f"{unsigned}.{body}.",
        f"{symmetric}.{body}.AAAA",
        "x",
        "a.b.c",
    ]
    for assertion in bad:
        status, found = await asserted(signed, assertion)
        assert (status, found["error_codes"]) == (401, [700027]), assertion
    assert (await asserted(signed, good))[0] == 200


async def test_assertions_of_others(signed: Any, own: Signer) -> None:
    """A client without certificate, a client that is none, and another type are refused."""
    for_secret = own.sign(claims(signed, iss="demo-client", sub="demo-client"))
    assert (await asserted(signed, for_secret, client_id="demo-client"))[1]["error_codes"] == [700027]
    assert (await asserted(signed, own.sign(claims(signed)), client_id="x"))[1]["error_codes"] == [700016]
    assert (await asserted(signed, own.sign(claims(signed)), client_assertion_type="x"))[0] == 400
    assert (await asserted(signed, "", client_assertion_type=""))[1]["error_codes"] == [7000218]
    assert (await asserted(signed, "", client_secret="x"))[1]["error_codes"] == [7000215]
