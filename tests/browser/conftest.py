"""A real Chromium. Tests that need it are skipped, visibly, where there is none; ``TIELINE_NEEDS_BROWSER`` makes them
fail instead."""

from __future__ import annotations

import html
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tieline.app.example import load_inventory
from tieline.net.guard import App, Receive, Scope, Send
from tieline.net.listener import listen

pytest.importorskip("playwright", reason="playwright is not installed: browser tests were skipped")

from playwright.async_api import BrowserContext, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    driver = find_spec("playwright")
    if found is not None and driver is not None:
        return Path(found)
    what = "Chromium" if found is None else "playwright"
    if os.environ.get("TIELINE_NEEDS_BROWSER"):
        pytest.fail(f"there is no {what}, and TIELINE_NEEDS_BROWSER asks for it")
    pytest.skip(f"there is no {what}: browser tests were skipped")


@pytest.fixture
async def context(chromium: Path) -> AsyncIterator[BrowserContext]:
    """A browser with nothing in it."""

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context()
        context.set_default_timeout(15_000)
        yield context
        await browser.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """An empty page in it."""
    return await context.new_page()


# -- an identity provider with pages, and an API that takes its tokens

USER, PASSWORD = "ann@example.com", "passw0rd-of-ann"
CLIENT_ID, CLIENT_SECRET = "the-app", "cl1ent-secret-of-the-app"

SIGN_IN = """<!doctype html><title>Sign in</title><form method=post>
<label>User <input name=user></label> <label>Password <input name=password type=password></label>
<button>Sign in</button></form>"""

CONSENT = """<!doctype html><title>Consent</title><form method=post><p>%s wants: %s</p>
<button name=answer value=allow>Allow</button> <button name=answer value=deny>Deny</button></form>"""


@dataclass
class Identity:
    """Signs people in on pages, whatever the address ends in ``authorize``; gives tokens at all others."""

    origin: str = ""
    inventory: str = ""
    """Where the Inventory API is that takes its tokens."""
    codes: dict[str, str] = field(default_factory=dict)
    """Code -> the redirect URL that it was given to."""
    tokens: set[str] = field(default_factory=set)
    refresh: str = ""
    """The one refresh token that is good: each is good once."""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/{path:path}authorize", self._page, methods=["GET", "POST"]),
                Route("/{path:path}", self._token, methods=["POST"]),
            ]
        )

    async def _page(self, request: Request) -> Response:
        query = request.query_params
        form = dict(parse_qsl((await request.body()).decode()))
        if "answer" in form:
            return self._answer(query, form["answer"])
        if (form.get("user"), form.get("password")) == (USER, PASSWORD):
            return HTMLResponse(CONSENT % (html.escape(query["client_id"]), html.escape(query.get("scope", ""))))
        return HTMLResponse(SIGN_IN)

    def _answer(self, query: Mapping[str, str], answer: str) -> Response:
        fields = {"error": "access_denied", "error_description": "the person <b>declined</b>"}
        if answer == "allow":
            fields = {"code": f"c0de-{uuid.uuid4().hex}"}
            self.codes[fields["code"]] = query["redirect_uri"]
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({**fields, 'state': query['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "refresh_token":
            fine = form.get("refresh_token") == self.refresh
        else:
            fine = self.codes.pop(form.get("code", ""), None) == form.get("redirect_uri", "")
        if not fine:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token, self.refresh = f"acc3ss-{uuid.uuid4().hex}", f"r3fresh-{uuid.uuid4().hex}"
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "refresh_token": self.refresh, "expires_in": 600})

    def guarded(self, app: App) -> App:
        """The API, for its keys and for tokens of this provider."""

        async def with_tokens(scope: Scope, receive: Receive, send: Send) -> None:
            headers = dict(scope.get("headers", ()))
            token = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
            if token in self.tokens:
                scope = {**scope, "headers": [*scope["headers"], (b"x-api-key", b"demo-key")]}
            await app(scope, receive, send)

        return with_tokens


@pytest.fixture
async def identity() -> AsyncIterator[Identity]:
    """An identity provider, and the Inventory API that takes its tokens."""
    made = Identity()
    async with listen(made.app) as made.origin, listen(made.guarded(load_inventory().create_app())) as made.inventory:
        yield made
