"""One request to the server: which endpoint it came to, what it says, and what was wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NoReturn
from urllib.parse import parse_qsl, urlencode

from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import ClientDisconnect, Request

from .identity import Identity
from .log import UNKNOWN, Asked, short
from .options import ANY, Client
from .records import Family

Version = Literal["oauth", "v1", "v2"]
"""Kind of endpoint: without a tenant, and Microsoft's two."""

BODY_LIMIT = 64 * 1024
FIELD_LIMIT = 100

FORM = "application/x-www-form-urlencoded"

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)

_GRANTS = {
    "authorization_code": "authorization_code",
    "refresh_token": "refresh_token",
    "client_credentials": "client_credentials",
    "password": "password",
    "device_code": "device_code",
    "urn:ietf:params:oauth:grant-type:device_code": "device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "on_behalf_of",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why something was refused, in words that hold nothing of what was sent but names."""

    number: int
    """Of Entra ID's AADSTS errors."""
    text: str


@dataclass(slots=True, kw_only=True)
class Call:
    """What is known of a request while it is handled."""

    identity: Identity
    request: Request
    version: Version
    asked: Asked
    fields: list[tuple[str, str]] = field(default_factory=list, repr=False)
    """Of query or form; empty ones were left out (RFC 6749, section 3.1)."""
    family: Family | None = None
    """The sign-in that the code or token which was sent belongs to."""
    resource: str = ""
    """What the token is for, from what was sent or from what it was given for before."""
    trouble: Trouble | None = None

    @property
    def url(self) -> str:
        """The URL that was asked for, without its query."""
        return f"{origin(self.request)}{self.request.scope['path']}"

    @property
    def entra(self) -> bool:
        """Whether errors read as Entra ID's."""
        style = self.identity.options.errors
        return style == "entra" or (style == "by path" and self.version != "oauth")

    @property
    def encoded(self) -> str:
        """The fields in a form that oauthlib reads whatever is in them."""
        return urlencode(self.fields)

    def get(self, name: str) -> str:
        """A field; empty where there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def refuse(self, kind: type[errors.OAuth2Error], number: int, text: str) -> NoReturn:
        """Raise an error of oauthlib's with words of ours."""
        self.trouble = Trouble(number=number, text=text)
        raise kind(description=text)

    def refuse_as(self, error: str, number: int, text: str) -> NoReturn:
        """The same for an error that oauthlib has no class for."""
        self.trouble = Trouble(number=number, text=text)
        raise errors.CustomOAuth2Error(error=error, description=text)

    def note(self) -> None:
        """Put into the log what was asked, once it is known."""
        given = self.get("grant_type")
        self.asked.grant_type = plain_grant(given) if given else ""
        client_id = self.get("client_id")
        if client_id:
            self.note_client(self.identity.client(client_id))
        self.asked.scope = short(self.get("scope"))
        self.asked.resource = short(self.get("resource"))

    def note_client(self, client: Client | None) -> None:
        """Put into the log which client asked."""
        self.asked.client_id = client.id if client is not None else UNKNOWN

    def check_tenant(self) -> None:
        """Raise an error of oauthlib's for a tenant that there is none of."""
        tenant = self.request.path_params.get("tenant", "")
        known = self.identity.options.tenants
        if tenant and ANY not in known and tenant not in known:
            self.refuse(errors.InvalidRequestFatalError, 90002, f"tenant '{plain_text(tenant)}' not found")


def plain_grant(grant_type: str) -> str:
    """The plain name of a ``grant_type``, or that it is unknown."""
    return _GRANTS.get(grant_type, UNKNOWN)


def begin(request: Request, version: Version) -> Call:
    """A call, in the log from now on; its query is read."""
    identity: Identity = request.app.state.identity
    asked = Asked(at=identity.options.now(), method=request.method, path=short(request.scope["path"]))
    identity.log.append(asked)
    call = Call(identity=identity, request=request, version=version, asked=asked)
    call.fields = _parsed(request.scope["query_string"])
    return call


async def read_form(call: Call) -> list[tuple[str, str]]:
    """The fields of a request's body. Raises an error of oauthlib's for a body that is too large or no form."""
    sent = call.request.headers.get("content-type", "").split(";")[0].strip().lower()
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in call.request.stream():
            size += len(chunk)
            if size > BODY_LIMIT:
                call.refuse(errors.InvalidRequestError, 90023, f"the body has more than {BODY_LIMIT} bytes")
            chunks.append(chunk)
    except ClientDisconnect:
        call.refuse(errors.InvalidRequestError, 90023, "the body ended too early")
    if sent != FORM:
        call.refuse(errors.InvalidRequestError, 900144, f"the body must be {FORM}")
    return _parsed(b"".join(chunks))


def origin(request: Request) -> str:
    """Scheme, host and port by which the caller reached us."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        # Whatever else stands there must not get into a header or a document of ours.
        name, port = request.scope.get("server") or ("127.0.0.1", None)
        host = f"{name}:{port}" if port else name
    return f"{request.scope['scheme']}://{host}"


def plain_text(text: str) -> str:
    """As much of a text as may stand in an ``error_description`` (RFC 6749, section 5.2)."""
    return "".join(letter for letter in text[:80] if " " <= letter <= "~" and letter not in '"\\')


def _parsed(data: bytes) -> list[tuple[str, str]]:
    """The first fields of a form; more than some say nothing to anybody."""
    pairs = parse_qsl("&".join(data.decode("utf-8", "replace").split("&")[:FIELD_LIMIT]), errors="replace")
    return [(name, value) for name, value in pairs]
