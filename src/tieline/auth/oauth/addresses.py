"""Addresses that may be signed in at, and the origin that ``--login-server`` puts in the place of theirs.

An address comes from a file that anybody may have written, and gets a client secret. So only ``https`` is used, plain
``http`` on this machine alone, and never the addresses at which clouds give credentials to their own machines.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import urlsplit

from ...model import DocumentError, Finding, Route, Severity

ORIGIN = re.compile(r"https?://[^/?#\\]+", re.IGNORECASE)
"""Scheme, host and port of an address."""

METADATA = frozenset({"metadata", "metadata.google.internal", "instance-data", "metadata.azure.com", "fd00:ec2::254"})
"""Hosts that give a machine of a cloud its credentials; with them all link-local addresses (169.254.0.0/16)."""

MICROSOFT = frozenset(
    {
        *("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"),
        *("login.microsoftonline.us", "login-us.microsoftonline.com", "login.microsoftonline.de"),
        *("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
    }
)
"""Login hosts of Microsoft Entra ID, of the sovereign clouds too."""

_USER = re.compile(r"//[^/]*@")
_MORE_USER = re.compile(r"//.*@")
_NUMERIC = re.compile(r"(0x[0-9a-f]*|\d+)", re.IGNORECASE)


def host_of(url: str) -> str:
    """The host of an address in lower case; empty when it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def microsoft(url: str) -> bool:
    """Whether an address lies on a login host of Microsoft Entra ID."""
    return host_of(url) in MICROSOFT


def endpoint(url: str) -> str:
    """An address as messages name it: without query and user, at most 200 characters. What stands before an ``@`` in
    its path may be a password with a slash in it."""
    return _MORE_USER.sub("//***@", _USER.sub("//", url.partition("?")[0].partition("#")[0]))[:200]


def placed(url: str, server: str) -> str:
    """``url`` with the origin of ``server`` in the place of its own; as it is for an empty ``server``."""
    return ORIGIN.sub(lambda _: server.rstrip("/"), url, count=1) if server else url


def checked(url: str, server: str, route: Route) -> str:
    """The address to use: ``url``, at ``server`` if there is one. Empty stays empty.

    Raises DocumentError ``unsafe-sign-in-url``, naming the address without its query.
    """
    if not url:
        return ""
    if problem := _problem(url, trusted=bool(server)):
        raise _unsafe(url, problem, route)
    if server and (problem := _problem(server, trusted=True) or _more_than_origin(server)):
        raise _unsafe(server, problem, route, remedy="write --login-server as https://host:port")
    return placed(url, server)


def replaced(urls: tuple[str, ...], server: str, route: Route) -> tuple[Finding, ...]:
    """The finding that says whose place a login server took; none without a server, or where it is the same."""
    found = (match[0] for url in urls if (match := ORIGIN.match(url)))
    origins = dict.fromkeys(origin for origin in found if origin.lower() != server.rstrip("/").lower())
    if not server or not origins:
        return ()
    told = " and ".join(f'"{origin}"' for origin in origins)
    return (
        Finding(
            rule="login-server",
            route=route,
            message=f'sign-in goes to "{server.rstrip("/")}" in the place of {told}',
            severity=Severity.INFO,
        ),
    )


def _problem(url: str, *, trusted: bool) -> str:
    """What is wrong with an address; empty when nothing is. ``trusted``: plain http to another machine is meant."""
    match = ORIGIN.match(url)
    host = unicodedata.normalize("NFKC", host_of(url))
    if match is None or not host:
        return "it is no https address"
    if any(char.isspace() or not char.isprintable() for char in url) or "\\" in url:
        return "it has a space, a backslash or a control character in it"
    if "@" in match[0]:
        return "it has a user name in it"
    if not _port_fits(url):
        return "its port is no number up to 65535"
    if _metadata(host):
        return "it gives out credentials of a machine in a cloud"
    if match[0].lower().startswith("http:") and not trusted and not loopback(host):
        return "it is not https, so anybody on the way could read the client secret and the tokens"
    return ""


def _more_than_origin(server: str) -> str:
    """What keeps a login server from standing in front of a path."""
    return "it has a query or a fragment" if "?" in server or "#" in server else ""


def _port_fits(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _metadata(host: str) -> bool:
    if host in METADATA:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        # Some resolvers read numbers such as 2852039166 and 0xa9fea9fe as addresses; nobody signs in at one.
        return _NUMERIC.fullmatch(host.rpartition(".")[2]) is not None
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_link_local or mapped.is_unspecified or str(address) in METADATA)


def loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


OWN = "write an https address; to sign in at a server of your own, add --login-server URL"


def _unsafe(url: str, problem: str, route: Route, *, remedy: str = OWN) -> DocumentError:
    said = f'"{endpoint(url)}" is not used for signing in: {problem}'
    return DocumentError("unsafe-sign-in-url", said, remedy=remedy, route=route)
