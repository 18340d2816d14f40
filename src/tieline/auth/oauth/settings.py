"""What is not known of the platform's sign-in (reference: connector-format, section 6.2), as one setting each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to sign in and when to renew, where no page of the platform says it."""

    early: float = 300.0
    """Seconds before its end at which an access token counts as expired; never more than half its lifetime, so that
    short tokens are used at all (the platform's margin is unknown)."""
    refresh_on_401: bool = False
    """Renew and try again when the service refuses an access token that should still last (unknown; off)."""
    pkce: Literal["off", "on"] = "off"
    """Send ``code_challenge``: the platform does not, so ``off`` shows what happens there."""
    scope_delimiter: str = " "
    """Between scopes where ``scopeListDelimiter`` does not say it (inferred)."""
    basic_retry: bool = True
    """After a refusal of id and secret in the form body, try them in a Basic header (observed for ``aad``, inferred for
    ``oauth2`` and for refresh)."""
    basic_retry_templates: bool = False
    """The same for ``oauth2generic``, whose templates decide what is sent (unknown; off)."""
    basic_encoded: bool = False
    """Percent-encode id and secret inside the Basic header, as RFC 6749 section 2.3.1 says and few servers expect
    (inferred)."""
    refresh_scope: bool = False
    """Repeat the scopes in a refresh request (inferred: not sent)."""
    tenant: str = "common"
    """Entra ID tenant where nobody names one (reference: section 6)."""
    login_uri: str = "https://login.windows.net"
    """Entra ID login host where ``loginUri`` is missing (reference: section 6)."""
    assertion_lifetime: float = 600.0
    """Seconds for which a client assertion made with a certificate is good (Entra ID: at most one day; inferred)."""


DEFAULTS = Settings()
"""As the platform does it, as far as that is known."""
