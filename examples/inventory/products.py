"""The endpoints below `/products`, and the poll for changed items."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .addresses import here, page_links
from .desk import Desk
from .problems import Problem
from .reading import Query, read_fields
from .records import Product, ProductInput
from .resources import resource

PAGE, PAGE_LIMIT = 50, 100
"""How many products a page has, and how many it has at most."""

FARTHEST = 10**15
"""The largest offset: far beyond any page, and still a number that SQLite takes."""


def routes(desk: Desk) -> list[Route]:
    """The routes of these endpoints, below the API's root."""
    endpoints = _Products(desk)
    return [
        resource("/products", GET=endpoints.list, POST=endpoints.create),
        resource("/products/{id}", GET=endpoints.get, PUT=endpoints.update, DELETE=endpoints.delete),
        resource("/items/poll", GET=endpoints.poll),
    ]


class _Products:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request) -> Response:
        query = Query(request)
        category, in_stock = query.text("category"), query.flag("inStock")
        limit, offset = query.whole("limit", 1, PAGE_LIMIT, PAGE), query.whole("offset", 0, FARTHEST, 0)
        query.done("the products cannot be listed like this")
        page, total = await self._desk.ask(lambda store: store.products(category, in_stock, limit, offset))
        links = page_links(request, total, limit, offset)
        headers = {"X-Total-Count": str(total), **({"Link": links} if links else {})}
        return JSONResponse([product.to_json() for product in page], headers=headers)

    async def create(self, request: Request) -> Response:
        wanted = await _read(request)
        product = await self._desk.ask(lambda store: store.create(wanted))
        return JSONResponse(product.to_json(), 201, headers={"Location": f"{here(request)}/{product.id}"})

    async def get(self, request: Request) -> Response:
        product_id = request.path_params["id"]
        product = await self._desk.ask(lambda store: store.product(product_id))
        return JSONResponse(_found(product, product_id).to_json())

    async def update(self, request: Request) -> Response:
        product_id = request.path_params["id"]
        wanted = await _read(request)
        product = await self._desk.ask(lambda store: store.update(product_id, wanted))
        return JSONResponse(_found(product, product_id).to_json())

    async def delete(self, request: Request) -> Response:
        product_id = request.path_params["id"]
        if not await self._desk.ask(lambda store: store.delete(product_id)):
            _found(None, product_id)
        return Response(status_code=204)

    async def poll(self, request: Request) -> Response:
        query = Query(request)
        since = query.moment("since")
        query.done("the items cannot be polled like this")
        items = await self._desk.ask(lambda store: store.changed_since(since, PAGE_LIMIT))
        return JSONResponse([product.to_item() for product in items])


async def _read(request: Request) -> ProductInput:
    fields = await read_fields(request)
    wanted = ProductInput(
        name=fields.text("name", 200),
        category=fields.text("category", 100),
        price=fields.number("price", 1e9),
        quantity=fields.whole("quantity", 0, 2**31 - 1),
    )
    fields.done("the product is not valid")
    return wanted


def _found(product: Product | None, product_id: str) -> Product:
    if product is None:
        raise Problem(404, f'there is no product "{product_id[:100]}"')
    return product
