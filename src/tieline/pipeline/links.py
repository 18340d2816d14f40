"""Links that replies give (``Location``, next pages): where they lead, and whether credentials go along.

Credentials only go to the connector's own origin (or ``--server``'s). With ``--server`` nothing leaves for another
host.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

from ..model import Connector, Finding, Headers, Operation, Request, Severity
from .options import Options
from .target import base_url, origin, with_server
from .wire import literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a reply's link leads."""

    url: str = ""
    """Absolute URL; empty when it is not followed."""
    own: bool = False
    """Whether it stays with the connector, so that credentials and header parameters go along."""
    finding: Finding | None = None
    """Why it is not followed, or followed without credential."""


def link(connector: Connector, operation: Operation, options: Options, near: str, text: str, base: str = "") -> Link:
    """The link ``text`` in a reply that came from the URL ``near``; ``base`` is where the call itself went, which a
    policy may have moved away from the definition's host."""
    try:
        url = literal(urldefrag(urljoin(near, text.strip())).url)
    except ValueError:  # brackets that are no IPv6 address
        url = ""
    there = origin(url)
    if there is None:
        return Link(finding=_finding(operation, "bad-link", "is no http or https URL, so it was not followed", text))
    home = origin(base_url(connector.definition, operation, options))
    if options.server is None:
        if there in (home, origin(base)):
            return Link(url=url, own=True)
        return Link(
            url=url,
            finding=_finding(
                operation,
                "link-elsewhere",
                "leads away from the connector, so it was followed without credential",
                text,
            ),
        )
    if there == origin(options.server):
        return Link(url=url, own=True)
    if there == home:
        return Link(url=with_server(url, connector.definition, options.server), own=True)
    return Link(finding=_finding(operation, "link-elsewhere", "leads away from --server, so it was not followed", text))


def _finding(operation: Operation, rule: str, what: str, text: str) -> Finding:
    """The finding for a link; its query is not shown, which may hold a secret."""
    shown = text.partition("?")[0][:200]
    message = f'the link "{shown}" that the service gave {what}'
    return Finding(rule=rule, route=operation.route, message=message, severity=Severity.WARNING)


def request_for(target: Link, request: Request) -> Request:
    """The request for a link: GET, with the headers of the bound request where it stays with the connector."""
    headers: Headers = tuple(
        (name, value)
        for name, value in request.headers
        if name.lower() == "accept" or (target.own and not name.lower().startswith("content-"))
    )
    return Request(method="GET", url=target.url, headers=headers)
