"""Where a ``Location`` leads: an absolute URL, whatever the service wrote."""

from __future__ import annotations

from urllib.parse import urljoin

from ..model import first_header
from ..policy.url import below
from .protocol import Called
from .text import keepable


def location_of(called: Called, server: str) -> str:
    """The ``Location`` of a reply, absolute; empty for none.

    A relative one counts from the URL that was called. Where a server stands in for that of the definition, and what
    comes of it is not below that, it counts from the server, which wrote it.
    """
    said = keepable((first_header(called.headers, "location") or "").strip())
    if not said:
        return ""
    found = _joined(called.url, said)
    if server and found != said and below(_joined(server, said), server) is not None:
        return _joined(server, said)
    return found


def _joined(base: str, said: str) -> str:
    try:
        return urljoin(base, said)
    except ValueError:
        return said
