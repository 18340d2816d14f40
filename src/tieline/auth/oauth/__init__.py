"""OAuth 2.0: signing in at an identity provider, as the platform does it for a connector.

Everything here is pure: requests are yielded and what came is sent in; time and nonce are arguments. ``provider_of``
gives the provider, the other functions say what to send there.
"""

from .addresses import endpoint
from .asking import client_credentials, on_behalf_of, password, redeem, refresh, renewed
from .browser import authorization, challenge, returned
from .choice import placeholders_of, provider_of
from .device import device, device_tokens
from .oauth2 import not_on_platform
from .provider import Entra, Provider, Templates
from .settings import Settings
from .tokens import Device, Pending, Tokens, expired, granted

__all__ = [
    "Device",
    "Entra",
    "Pending",
    "Provider",
    "Settings",
    "Templates",
    "Tokens",
    "authorization",
    "challenge",
    "client_credentials",
    "device",
    "device_tokens",
    "endpoint",
    "expired",
    "granted",
    "not_on_platform",
    "on_behalf_of",
    "password",
    "placeholders_of",
    "provider_of",
    "redeem",
    "refresh",
    "renewed",
    "returned",
]
