"""Signing in at an identity provider: from a way that the provider offers to the grant that it gives.

One method for each way. Says what it sends through ``Talk``, and talks to the person through ``Show`` and ``Ask``.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ..auth import Answer, Asking, oauth
from ..auth.form import Question
from ..model import Connection, DocumentError, GrantType, Login, Secret, ServiceError
from ..net.browser import open_browser
from ..net.driver import Clock
from ..net.redirect import Landing, receiving
from .answers import Ask
from .identity import Talk

PLATFORM_REDIRECT = "https://global.consent.azure-apim.net/redirect"
"""Where the platform receives sign-ins (reference: connector-format, section 6)."""

TEST_REDIRECT = "https://global-test.consent.azure-apim.net/redirect"
"""The same for the tests of certification."""

STATE_BYTES = 32

AWAY = frozenset({"sign-in-unreachable", "sign-in-unavailable"})
"""Rules of errors after which a person's code may still be good."""

MOST_AWAY = 3
"""How often a provider may be away, one time after the other, while a person types a code. Each time it is asked more
slowly (RFC 8628, section 3.5)."""

VERIFIER_BYTES = 48
"""Make 64 characters, of the 43 to 128 that a PKCE verifier may have (RFC 7636, section 4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInOptions:
    """What a person may say about signing in."""

    grant: GrantType | Literal[""] = ""
    """Which way; empty for the best that the provider offers."""
    redirect_port: int = 0
    """Port that the redirect is received on; 0 for any that is free."""
    redirect_url: str = ""
    """A redirect URL on this machine that is registered at the provider; empty for one made of the port."""
    pkce: bool = False
    """Proof key for code exchange also where the connector's files do not have it."""
    browser: bool = True
    """Whether the browser is opened; otherwise the address is only shown."""
    paste: bool = False
    """Whether the redirected address is typed in instead of received: for a browser on another machine."""
    wait: float = 300.0
    """Seconds for the person to sign in."""

    @property
    def landing(self) -> Landing | None:
        """Where the redirect arrives, as far as the person says it. Raises DocumentError ``bad-redirect-url``."""
        if self.redirect_url and self.redirect_port:
            raise DocumentError(
                "bad-argument", "--redirect-url and --redirect-port are both given", remedy="give one of them"
            )
        return Landing.of(self.redirect_url) if self.redirect_url else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the person should know or do while a connection is made."""

    kind: Literal["register", "platform", "open", "code", "login-server", "warning", "trace"]
    text: str
    """In words. The only secrets in it are for the person: the address of a sign-in, a code to type."""
    url: str = ""
    """What to register or to open."""
    code: str = ""
    """What to type on another machine."""


Show = Callable[[Notice], None]
"""Shows a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gained:
    """What a sign-in gave."""

    tokens: oauth.Tokens
    redirect_url: str = ""
    """Where the sign-in page sent the browser; empty for a sign-in without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One sign-in."""

    provider: oauth.Provider
    login: Login = field(repr=False)
    options: SignInOptions
    talk: Talk
    ask: Ask | None
    show: Show
    clock: Clock
    now: Callable[[], float]

    async def gained(self, grant: GrantType) -> Gained:
        """What the provider gives. Raises what ``auth.oauth`` raises, and ServiceError when nobody signs in."""
        match grant:
            case "authorization_code":
                return await self._in_browser()
            case "device_code":
                return Gained(tokens=await self._on_another_machine())
            case "password":
                asking = oauth.password(self.provider, self.login.user, self.login.password or Secret(""))
            case "on_behalf_of":
                asking = oauth.on_behalf_of(self.provider, self.login.assertion or Secret(""))
            case _:
                asking = oauth.client_credentials(self.provider)
        return Gained(tokens=await self._talked(asking, grant.replace("_", " ")))

    async def _in_browser(self) -> Gained:
        state = secrets.token_urlsafe(STATE_BYTES)
        verifier = secrets.token_urlsafe(VERIFIER_BYTES) if self.provider.pkce else ""
        async with receiving(self._landing(), state, lambda query: oauth.returned(f"?{query}", state)) as receiver:
            url = oauth.authorization(self.provider, redirect_url=receiver.url, state=state, verifier=verifier)
            self._show_redirects(receiver.url)
            await self._show_page(url)
            if self.options.paste:
                code = oauth.returned(self._pasted(), state)
            else:
                code = await receiver.code(self.options.wait)
            asking = oauth.redeem(self._fresh(), code, receiver.url, verifier)
            tokens = await self._talked(asking, "access token for the code")
            return Gained(tokens=tokens, redirect_url=receiver.url)

    def _landing(self) -> Landing:
        # Entra ID takes plain http for "localhost" alone in its forms.
        host = "localhost" if self.provider.id == "aad" else "127.0.0.1"
        return self.options.landing or Landing(host=host, port=self.options.redirect_port)

    def _show_redirects(self, url: str) -> None:
        """What has to be registered: for signing in here, and for the platform."""
        self.show(Notice(kind="register", text=f"register at the identity provider, for here:  {url}", url=url))
        for text, address in platform_redirects(self.provider):
            self.show(Notice(kind="platform", text=f"for the platform:  {text}", url=address))

    async def _show_page(self, url: str) -> None:
        if self.options.browser and await asyncio.to_thread(open_browser, url):
            said = f"sign in in the browser window that opens; if none does, open\n{url}"
        elif self.options.browser:
            said = f"there is no browser to open here; open in one on this machine\n{url}"
        else:
            said = f"open in a browser\n{url}"
        self.show(Notice(kind="open", text=said, url=url))

    def _pasted(self) -> str:
        if self.ask is None:
            raise DocumentError(
                "missing-answer",
                "there is nobody to type in where the browser ended",
                remedy="run it in a terminal, or leave --paste out",
            )
        return self.ask(PASTED)

    async def _on_another_machine(self) -> oauth.Tokens:
        device = await self._talked(oauth.device(self.provider), "codes for another machine")
        where = device.complete_url or device.verification_url
        said = f"open {device.verification_url} on any machine and type {device.user_code}"
        self.show(Notice(kind="code", text=said, url=where, code=device.user_code))
        ends, away = self.clock.now() + device.lifetime, 0
        while True:
            if self.clock.now() + device.interval >= ends:
                raise ServiceError(
                    "sign-in-timeout",
                    f"nobody typed the code within {device.lifetime:g} seconds",
                    remedy="start again, and type the new code in time",
                )
            await self.clock.sleep(device.interval)
            asking = oauth.device_tokens(self._fresh(), device)
            try:
                found = await self._talked(asking, "access token for the device code")
            except ServiceError as error:
                away += 1
                if error.finding.rule not in AWAY or away > MOST_AWAY:
                    raise
                found = oauth.Pending(interval=2 * device.interval)
            else:
                away = 0
            if isinstance(found, oauth.Tokens):
                return found
            device = replace(device, interval=found.interval)

    def _fresh(self) -> oauth.Provider:
        """The provider by the present time: the person may have taken a while, and assertions are used once."""
        return replace(self.provider, now=self.now(), nonce=uuid.uuid4().hex)

    async def _talked(self, asking: Asking[Answer], what: str) -> Answer:
        """What the provider answers; ``what`` is asked for, for the trace."""
        server, login = self.provider.server, Connection(login=self.login)
        title = f"{what}, from {server} in the provider's place" if server else what
        return await self.talk.run(asking, title, (*self.provider.secrets, *login.secrets))


PASTED = Question(
    name="redirected",
    label="Address of the page where the browser ended",
    description="It begins with the redirect URL; the page itself cannot be shown on another machine.",
    secret=True,
)


def platform_redirects(provider: oauth.Provider) -> Iterator[tuple[str, str]]:
    """What to register at the provider so that the platform can sign in, as words and address.

    Reference: connector-format, section 6 (redirect modes).
    """
    settings = provider.parameter.oauth
    mode = "" if settings is None else settings.redirect_mode.strip().lower()
    if mode not in ("", "global", "globalperconnector"):
        yield f'the URL that it shows: what redirect mode "{mode}" registers is not documented', ""
    elif mode == "globalperconnector":
        said = f"{PLATFORM_REDIRECT}/NAME, NAME being the connector's internal name, shown there after the first save"
        yield said, PLATFORM_REDIRECT
    else:
        yield PLATFORM_REDIRECT, PLATFORM_REDIRECT
    yield f"{TEST_REDIRECT} (only for certification)", TEST_REDIRECT
