"""The last page of a sign-in, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tieline.model import ServiceError
from tieline.net.redirect import Landing, pairs_of, receiving

if TYPE_CHECKING:
    from playwright.async_api import Page

STATE, CODE = "the-state-of-this-sign-in", "the-code-that-nobody-sees"


def read(query: str) -> str:
    fields = dict(pairs_of(query))
    if "error" in fields:
        raise ServiceError("sign-in-refused", fields["error"])
    return fields["code"]


async def test_nothing_of_the_sign_in_stays(page: Page) -> None:
    """The browser ends on a page without code and state in address, history or text, styled, without any complaint."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    async with receiving(Landing(host="localhost"), STATE, read) as receiver:
        await page.goto(f"{receiver.url}?code={CODE}&state={STATE}")
        assert await receiver.code(10) == CODE
        assert page.url == receiver.url.replace("/redirect", "/signed-in")
        assert await page.title() == "Signed in"
        assert CODE not in await page.content()
        assert await page.evaluate("history.length") <= 2
        assert await page.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "600"
        assert await page.evaluate("document.referrer") == ""
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []


async def test_the_providers_words_are_text(page: Page) -> None:
    """Markup in a provider's error is shown as text and does not run."""
    async with receiving(Landing(), STATE, read) as receiver:
        await page.goto(f"{receiver.url}?error=<b id=x>no</b><script>window.ran=1</script>&state={STATE}")
        assert await page.evaluate("[typeof window.ran, !!document.querySelector('#x')]") == ["undefined", False]
        assert "<b id=x>no</b>" in await page.inner_text("pre")
        with pytest.raises(ServiceError):
            await receiver.code(10)


async def test_a_page_of_another_site_cannot_reach_it(page: Page) -> None:
    """A script on another origin gets nothing, and does not end the wait."""
    async with receiving(Landing(), STATE, read) as receiver:
        await page.goto("about:blank")
        said = await page.evaluate(
            "url => fetch(url).then(reply => reply.text(), error => 'refused')", f"{receiver.url}?code=x&state={STATE}"
        )
        assert said == "refused"
        await page.goto(f"{receiver.url}?code={CODE}&state={STATE}")
        assert await receiver.code(10) == CODE
