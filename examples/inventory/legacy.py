"""The endpoints below `/legacy`: an older interface with its own names and an envelope, as many services have one."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .desk import Desk
from .products import FARTHEST, PAGE_LIMIT
from .reading import Query, read_fields
from .resources import resource


def routes(desk: Desk) -> list[Route]:
    """The routes of these endpoints, below the API's root."""
    endpoints = _Legacy(desk)
    return [resource("/legacy/items", GET=endpoints.list, POST=endpoints.create)]


class _Legacy:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request) -> Response:
        query = Query(request)
        limit, offset = query.whole("limit", 1, PAGE_LIMIT, PAGE_LIMIT), query.whole("offset", 0, FARTHEST, 0)
        query.done("the items cannot be listed like this")
        items, total = await self._desk.ask(lambda store: store.legacy_items(limit, offset))
        return JSONResponse({"data": [item.to_json() for item in items], "total": total})

    async def create(self, request: Request) -> Response:
        fields = await read_fields(request)
        metadata = fields.object("metadata")
        # Ids and times may be empty: senders that fill this from a template have nothing to put there at times.
        values = (
            fields.text("externalId", 100, shortest=0),
            fields.text("displayName", 200),
            metadata.text("source", 100, default="", shortest=0),
            metadata.text("timestamp", 100, default="", shortest=0),
        )
        fields.done("the item is not valid")
        item = await self._desk.ask(lambda store: store.add_legacy_item(*values))
        return JSONResponse(item.to_json(), 201)
