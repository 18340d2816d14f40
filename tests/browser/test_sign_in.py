"""The guide's ways to sign in, placed in the Inventory's description: imported, connected and called as a user does it,
with a person in a real browser."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tieline.app.example import inventory_folder

if TYPE_CHECKING:
    from playwright.async_api import Page

USER, PASSWORD = "demo", "demo-password"
CLIENT_ID, CLIENT_SECRET = "demo-client", "demo-secret"


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    talk: str


class Tieline:
    """The command line of a user who has no connections yet."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.env = {**os.environ, "TIELINE_HOME": str(home), "APP_SECRET": CLIENT_SECRET, "KEY": "demo-key"}

    async def __call__(self, *words: str | Path, browse: Callable[[str], Awaitable[None]] | None = None) -> Ran:
        """Runs a command; ``browse`` is given the address of the sign-in page that it prints."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tieline", *map(str, words)),
            env=self.env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        talk = ""
        async with asyncio.timeout(60):
            while browse is not None and (line := (await process.stderr.readline()).decode()):
                talk += line
                if "state=" in line:
                    await browse(line.strip())
                    break
            out, rest = await process.communicate()
        return Ran(process.returncode or 0, out.decode(), talk + rest.decode())


@pytest.fixture
def tieline(tmp_path: Path) -> Tieline:
    return Tieline(tmp_path / "home")


@pytest.fixture
def described(tmp_path: Path, shared: Path) -> Callable[[str, str], Path]:
    """The Inventory's description with one of the guide's ways to sign in, at a server."""

    def make(name: str, server: str) -> Path:
        example = inventory_folder()
        assert example is not None
        root: dict[str, Any] = yaml.safe_load((example / "openapi.yaml").read_text(encoding="utf-8"))
        del root["security"], root["components"]["securitySchemes"]
        root |= yaml.safe_load((shared / "guide" / f"{name}.yaml").read_text(encoding="utf-8"))
        root["servers"] = [{"url": f"{server}/v1"}]
        root["x-ms-capabilities"] = {"testConnection": {"operationId": "GetProducts", "parameters": {}}}
        file = tmp_path / f"{name}.yaml"
        file.write_text(yaml.safe_dump(root, sort_keys=False), encoding="utf-8")
        return file

    return make


def person(page: Page, answer: str) -> Callable[[str], Awaitable[None]]:
    """Somebody who signs in on the provider's pages, and then allows or denies."""

    async def browse(url: str) -> None:
        await page.goto(url)
        await page.get_by_label("User name").fill(USER)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name=answer).click()
        await page.get_by_role("heading", name=re.compile("igned in")).wait_for()

    return browse


async def test_an_api_key(
    tieline: Tieline, described: Callable[[str, str], Path], identity: Any, tmp_path: Path
) -> None:
    """The guide's API key is imported, connected called, and renewed."""
    folder = tmp_path / "Inventory"
    assert (await tieline("import", described("auth-api-key", identity.inventory), "-o", folder)).code == 0
    made = await tieline("connect", folder, "--secret", "api_key=env:KEY")
    assert (made.code, made.out) == (0, "Inventory\n"), made.talk
    called = await tieline("call", "GetProducts", folder, "--connection", "Inventory")
    assert called.code == 0, called.talk
    assert "Electronics" in called.out


@pytest.mark.parametrize("name", ["auth-oauth2", "auth-azure-ad"])
async def test_oauth(
    name: str,
    tieline: Tieline,
    described: Callable[[str, str], Path],
    identity: Any,
    page: Page,
    tmp_path: Path,
) -> None:
    """The guide's OAuth 2 and Azure AD are imported, signed in at by a person in the browser, called, and renewed."""
    folder = tmp_path / "Inventory"
    assert (await tieline("import", described(name, identity.inventory), "-o", folder)).code == 0
    more = ("--set", "tenant=contoso.test") if name == "auth-azure-ad" else ()
    app = ("--client-id", CLIENT_ID, "--client-secret", "env:APP_SECRET", "--login-server", identity.origin)
    made = await tieline("connect", folder, *app, *more, "--no-browser", "--trace", browse=person(page, "Allow"))
    assert (made.code, made.out) == (0, "Inventory\n"), made.talk
    assert await page.title() == "Signed in"
    assert page.url.endswith("/signed-in")
    called = await tieline("call", "GetProducts", folder, "--connection", "Inventory", "--trace")
    assert called.code == 0, called.talk
    assert "Electronics" in called.out
    assert (await tieline("connections", "expire", "Inventory")).code == 0
    again = await tieline("call", "GetProducts", folder, "--connection", "Inventory", "--trace")
    given = identity.state.records
    if name == "auth-oauth2":
        assert (again.code, again.out) == (0, called.out), again.talk
        assert (len(given.accesses), len(given.refreshes)) == (2, 2)
    else:  # without "offline_access" Entra ID gives no refresh token
        assert again.code == 3
        assert "Missing refresh token" in again.talk
        assert "no-refresh-token" in made.talk
    secrets = [CLIENT_SECRET, PASSWORD, *identity.secrets]
    shown = made.talk + made.out + called.talk + called.out + again.talk + again.out
    assert [secret for secret in secrets if secret in shown] == []
    for file in tieline.home.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert [secret for secret in secrets if secret.encode() in data] == []


async def test_denied(
    tieline: Tieline, described: Callable[[str, str], Path], identity: Any, page: Page, tmp_path: Path
) -> None:
    """A person who denies it sees the provider's words as text; the command says them and ends with 3."""
    folder = tmp_path / "Inventory"
    await tieline("import", described("auth-oauth2", identity.inventory), "-o", folder)
    app = ("--client-id", CLIENT_ID, "--client-secret", "env:APP_SECRET", "--login-server", identity.origin)
    made = await tieline("connect", folder, *app, "--no-browser", browse=person(page, "Deny"))
    assert made.code == 3
    assert "access_denied: the user declined" in made.talk
    assert await page.title() == "Not signed in"
    assert "the user declined" in await page.inner_text("pre")
    assert (await tieline("connections", "list")).out == ""
