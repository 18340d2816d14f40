"""The addresses that Inventory writes into its replies."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from starlette.requests import Request

_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?", re.ASCII)


def origin(request: Request) -> str:
    """Scheme, host and port by which the caller reached us."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        # Whatever else stands there must not get into a header or a document of ours.
        name, port = request.scope.get("server") or ("127.0.0.1", None)
        host = f"{name}:{port}" if port else name
    return f"{request.scope['scheme']}://{host}"


def here(request: Request) -> str:
    """The URL that the caller asked for, without its query."""
    return origin(request) + quote(request.scope["path"])


def page_links(request: Request, total: int, limit: int, offset: int) -> str:
    """The `Link` header (RFC 8288) of one page out of several; "" where all there is fits on this page."""
    if total <= limit and offset == 0:
        return ""
    last = max(0, total - 1) // limit * limit
    targets = {"first": 0, "prev": max(0, min(offset - limit, last)), "next": offset + limit, "last": last}
    if offset == 0:
        del targets["prev"]
    if offset + limit >= total:
        del targets["next"]
    return ", ".join(f'<{_page(request, limit, start)}>; rel="{name}"' for name, start in targets.items())


def _page(request: Request, limit: int, offset: int) -> str:
    others = [(name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "offset")]
    return f"{here(request)}?{urlencode([*others, ('limit', limit), ('offset', offset)])}"
