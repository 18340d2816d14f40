"""The pages of the Identity example in a real browser: a person signs in, denies, mistypes, and lets a device in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tieline.app.example import load_identity
from tieline.model import Request as Sending
from tieline.net.listener import listen
from tieline.net.options import TransportOptions
from tieline.net.transport import Transport

if TYPE_CHECKING:
    from playwright.async_api import Page

IDENTITY = load_identity()


@dataclass
class Places:
    """A server, and a client's address for redirects."""

    server: str
    client: str
    complaints: list[str]
    """What the browser wrote to its console."""

    @property
    def page(self) -> str:
        """The page to sign in on."""
        query = {"client_id": "demo-client", "response_type": "code", "state": "s", "redirect_uri": self.client}
        return f"{self.server}/oauth/authorize?{urlencode(query)}"


async def back(request: Request) -> Response:
    return HTMLResponse("<!doctype html><title>Back</title><link rel=icon href='data:,'>")


@pytest.fixture
async def places(page: Page) -> AsyncIterator[Places]:
    """Both of them, each on a port of its own."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    client = Starlette(routes=[Route("/redirect", back)])
    async with listen(IDENTITY.create_app()) as server, listen(client) as address:
        yield Places(server, f"{address}/redirect", complaints)


async def fill(page: Page, password: str) -> None:
    await page.get_by_label("User name").fill("demo")
    await page.get_by_label("Password").fill(password)


async def test_allow(page: Page, places: Places) -> None:
    """After a mistyped password and then the right one, the browser is at the client with a code and the state."""
    await page.goto(places.page)
    assert await page.get_by_label("User name").evaluate("it => it === document.activeElement")
    # The policy lets the page's own style in.
    assert await page.locator("main").evaluate("it => getComputedStyle(it).maxWidth") == "416px"
    await fill(page, "wrong")
    await page.get_by_role("button", name="Allow").click()
    await page.get_by_role("alert").wait_for()
    assert await page.get_by_label("User name").input_value() == "demo"
    await page.get_by_label("Password").fill("demo-password")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{places.client}?*")
    query = parse_qs(urlsplit(page.url).query)
    assert (set(query), query["state"]) == ({"code", "state"}, ["s"])
    # The browser notes that the form came back with 403; a breach of the policy would be another note.
    assert [each for each in places.complaints if "403" not in each] == []


async def test_deny(page: Page, places: Places) -> None:
    """Whoever denies need not fill in anything."""
    await page.goto(places.page)
    await page.get_by_role("button", name="Deny").click()
    await page.wait_for_url(f"{places.client}?*")
    assert parse_qs(urlsplit(page.url).query)["error"] == ["access_denied"]


async def test_a_device(page: Page, places: Places) -> None:
    """A device is let in with the code that its address carries."""
    async with Transport(TransportOptions(environment=False)) as transport:

        async def post(path: str, **form: str) -> dict[str, Any]:
            headers = (("Content-Type", "application/x-www-form-urlencoded"),)
            body = urlencode({"client_id": "demo-public", **form}).encode()
            sent = await transport.send(Sending(method="POST", url=places.server + path, headers=headers, body=body))
            assert sent.reply is not None
            found: dict[str, Any] = json.loads(sent.reply.body)
            return found

        codes = await post("/oauth/device")
        await page.goto(codes["verification_uri_complete"])
        assert await page.get_by_label("Code").input_value() == codes["user_code"]
        await fill(page, "demo-password")
        await page.get_by_role("button", name="Allow").click()
        await page.get_by_role("heading", name="Signed in").wait_for()
        grant = "urn:ietf:params:oauth:grant-type:device_code"
        assert (await post("/oauth/token", grant_type=grant, device_code=codes["device_code"]))["access_token"]
