"""Receives the one redirect with which a sign-in in a browser ends, on an address of this machine only.

Whatever else comes (another host, path or method, a state that is not ours, the same redirect again) is answered with a
page that says so and changes nothing: no web page may end or steal somebody's sign-in. Nothing that is received is
logged, and no page repeats a code or a state.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from ..auth.oauth import endpoint
from ..model import DocumentError, ServiceError
from .guard import LOOPBACK, Receive, Scope, Send, refuse
from .listener import ListenOptions, listen

MOST_WRONG = 20
"""How many redirects with a state that is not ours are put up with: more are a broken provider or an attack."""

GRACE = 2.0
"""Seconds that a browser is given to come for the page that it was sent on to."""

MAX_BODY = 64 * 1024
"""Bytes of a body that nobody should send."""

Read = Callable[[str], str]
"""Gives the code of a redirect's query; raises ServiceError with the provider's words when it holds an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where the redirect is to arrive."""

    host: str = "127.0.0.1"
    """As the redirect URL names it: ``127.0.0.1``, ``localhost`` or ``::1``."""
    port: int = 0
    """0 takes a free one."""
    path: str = "/redirect"
    url: str = ""
    """The redirect URL exactly as the provider knows it; empty for one made of the others."""

    @classmethod
    def of(cls, url: str) -> Landing:
        """From a redirect URL that is registered at the provider.

        Raises DocumentError ``bad-redirect-url`` for one that does not lead to this machine over plain HTTP.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise _bad_redirect_url(url) from None
        more = parts.query or parts.fragment or parts.username is not None or parts.path == DONE
        if parts.scheme != "http" or host not in LOOPBACK or more:
            raise _bad_redirect_url(url)
        return cls(host=host, port=80 if port is None else port, path=parts.path or "/", url="" if port == 0 else url)


class Receiver:
    """Waits for the redirect. Made by :func:`receiving`."""

    def __init__(self, state: str, read: Read) -> None:
        """Takes the state of the sign-in, and what reads the query of a redirect that has it."""
        self.url = ""
        """The redirect URL, exactly as the provider must know it."""
        self._authority = self._path = ""
        self._state = state
        self._read = read
        self._wrong = 0
        self._code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._shown = asyncio.Event()
        self._sent_on = False

    def land(self, url: str) -> None:
        """Tells under which URL it is reached; until then it answers nobody."""
        self.url = url
        self._authority, self._path = urlsplit(url).netloc, unquote(urlsplit(url).path)

    async def code(self, seconds: float) -> str:
        """The code that the provider sent.

        Raises ServiceError: the provider's own when it refused, ``sign-in-timeout``, ``wrong-state`` after too many
        redirects that were not ours.
        """
        try:
            async with asyncio.timeout(seconds):
                code = await asyncio.shield(self._code)
        except TimeoutError:
            raise ServiceError(
                "sign-in-timeout",
                f"nobody signed in within {seconds:g} seconds",
                remedy="check that the redirect URL is registered at the provider; --wait gives more time",
            ) from None
        await self._last_page()
        return code

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI app."""
        if scope["type"] == "websocket":
            await refuse(scope, send, 403, "there is nothing here")
        elif scope["type"] == "http":
            page = self._page(scope)
            await _send(send, page, with_body=scope["method"] != "HEAD")
            if page is SIGNED_IN:
                self._shown.set()

    async def _last_page(self) -> None:
        """Returns when the browser has the page that it was sent on to, or does not come for it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                await self._shown.wait()

    def close(self) -> None:
        """Ends the wait."""
        if self._code.done() and not self._code.cancelled():
            self._code.exception()  # taken, so that asyncio does not complain of an error that nobody waited for
        self._code.cancel()

    def _page(self, scope: Scope) -> Page:
        """The answer to one request; a redirect that is ours ends the wait."""
        if _header(scope, b"host") != self._authority:
            return OTHER_HOST
        if scope["method"] != "GET":
            return NOT_GET
        if scope["path"] == DONE and self._sent_on:
            return SIGNED_IN
        if scope["path"] != self._path:
            return NOT_HERE
        return self._redirected(scope["query_string"].decode("latin-1"))

    def _redirected(self, query: str) -> Page:
        if self._code.done():
            return USED
        if not self._ours(query):
            return self._counted()
        try:
            self._code.set_result(self._read(query))
        except ServiceError as error:
            self._code.set_exception(error)
            return refused_page(error)
        self._sent_on = True
        return SENT_ON

    def _counted(self) -> Page:
        self._wrong += 1
        if self._wrong > MOST_WRONG:
            self._code.set_exception(
                ServiceError(
                    "wrong-state",
                    f"{self._wrong} redirects came that do not belong to this sign-in",
                    remedy="close other windows that are signing in, and try again",
                )
            )
        return NOT_OURS

    def _ours(self, query: str) -> bool:
        """Whether a query has our state, once, told without giving away how much of it was right."""
        states = [value for name, value in pairs_of(query) if name == "state"]
        return len(states) == 1 and hmac.compare_digest(states[0].encode(), self._state.encode())


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Names and values of a query; none of one that has more fields than any provider sends."""
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []


@asynccontextmanager
async def receiving(landing: Landing, state: str, read: Read) -> AsyncIterator[Receiver]:
    """Receives on the landing's address while the block runs; the port is free afterwards, however it ends.

    Raises ServiceError ``port-in-use`` and ``cannot-listen``.
    """
    receiver = Receiver(state, read)
    async with AsyncExitStack() as stack:
        receiver.land(_url(landing, await stack.enter_async_context(_listening(receiver, landing))))
        receiver.url = landing.url or receiver.url
        stack.callback(receiver.close)
        yield receiver


@asynccontextmanager
async def _listening(receiver: Receiver, landing: Landing) -> AsyncIterator[str]:
    """Serves the receiver; an error of the port says what to do about it here."""
    address = "::1" if landing.host == "::1" else "127.0.0.1"
    options = ListenOptions(host=address, port=landing.port, max_body=MAX_BODY, stop_seconds=1.0)
    async with AsyncExitStack() as stack:
        try:
            origin = await stack.enter_async_context(listen(receiver.app, options))
        except ServiceError as error:
            raise ServiceError(error.finding.rule, error.finding.message, remedy=OTHER_PORT) from error
        yield origin


OTHER_PORT = "give another one with --redirect-port that is registered at the provider, or none for any that is free"


def _url(landing: Landing, origin: str) -> str:
    port = urlsplit(origin).port
    host = f"[{landing.host}]" if ":" in landing.host else landing.host
    authority = host if port == 80 else f"{host}:{port}"  # browsers leave the default port out of Host
    return f"http://{authority}{landing.path}"


def _bad_redirect_url(url: str) -> DocumentError:
    return DocumentError(
        "bad-redirect-url",
        f'the redirect URL "{endpoint(url)}" cannot be received on this machine',
        remedy="give one that is registered at the provider and leads here, such as http://localhost:8400/redirect",
    )


def _header(scope: Scope, name: bytes) -> str:
    found = (value for key, value in scope["headers"] if key == name)
    return str(next(found, b"").decode("latin-1")).lower()


# -- pages


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser is shown."""

    status: int
    title: str
    text: str
    details: str = ""
    """Words of the provider."""
    location: str = ""
    """Where the browser goes on to."""


DONE = "/signed-in"
"""Where the browser is sent, so that the code does not stay in its address bar and history."""

SENT_ON = Page(HTTPStatus.SEE_OTHER, "Signed in", "This page moves on by itself.", location=DONE)
SIGNED_IN = Page(HTTPStatus.OK, "Signed in", "Tieline has what it needs. Close this window and go on in the terminal.")
USED = Page(HTTPStatus.GONE, "Already used", "This sign-in has ended. To sign in again, run the command again.")
NOT_OURS = Page(
    HTTPStatus.BAD_REQUEST,
    "Not this sign-in",
    "This does not belong to the sign-in that Tieline waits for. Use the window that Tieline opened, or run the "
    "command again.",
)
NOT_HERE = Page(HTTPStatus.NOT_FOUND, "Nothing here", "Tieline waits here for a sign-in, and for nothing else.")
NOT_GET = Page(HTTPStatus.METHOD_NOT_ALLOWED, "Not like this", "A sign-in comes back with GET.")
OTHER_HOST = Page(HTTPStatus.MISDIRECTED_REQUEST, "Not this host", "Tieline does not answer for that host.")


def refused_page(error: ServiceError) -> Page:
    """The page for a sign-in that the provider did not grant, with its words."""
    text = "The provider did not grant it. The terminal says what to do; close this window."
    return Page(HTTPStatus.OK, "Not signed in", text, details=error.finding.message)


STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.5rem}"
    "h1{font-size:1.6rem;font-weight:600;margin:0 0 .5rem}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;border-left:3px solid #c33;padding:.2rem 0 .2rem .9rem}"
    "footer{margin-top:3rem;opacity:.6;font-size:.85rem}"
)

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    (
        "content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
)
"""Headers of every page: it loads nothing, runs nothing, is kept nowhere and passes its address on to nobody."""


def page_html(page: Page) -> str:
    """A page as HTML; everything in it is escaped."""
    details = f"<pre>{html.escape(page.details)}</pre>" if page.details else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(page.title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main><h1>{html.escape(page.title)}</h1><p>{html.escape(page.text)}</p>"
        f"{details}</main><footer>Tieline, on this machine</footer></body></html>"
    )


async def _send(send: Send, page: Page, *, with_body: bool) -> None:
    body = page_html(page).encode()
    headers = [*HEADERS, ("content-length", str(len(body)))]
    if page.location:
        headers.append(("location", page.location))
    if page.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers.append(("allow", "GET"))
    raw = [(name.encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": int(page.status), "headers": raw})
    await send({"type": "http.response.body", "body": body if with_body else b""})
