"""The description of the API for those who come with access tokens in the place of a key."""

from __future__ import annotations

import re

_SECURITY = "security:\n  - apiKey: []\n"

_SCHEME = re.compile(r"^    apiKey:\n(?:      .*\n)+", re.MULTILINE)

_OAUTH = """    oauth:
      type: oauth2
      description: Sign in at the identity server. Reading needs the scope read, changing anything the scope write.
      flows:
        authorizationCode:
          authorizationUrl: {server}/oauth/authorize
          tokenUrl: {server}/oauth/token
          refreshUrl: {server}/oauth/refresh
          scopes:
            read: Read products
            write: Change products
"""


def with_oauth(description: str, identity_url: str) -> str:
    """The description with OAuth 2.0 at a server in the place of the API key."""
    scheme = _OAUTH.format(server=identity_url.rstrip("/"))
    text, count = _SCHEME.subn(lambda found: scheme, description)
    if count != 1 or text.count(_SECURITY) != 1:
        raise ValueError("the description says otherwise than expected how to sign in")
    return text.replace(_SECURITY, "security:\n  - oauth: [read, write]\n")
