"""The endpoints below `/webhooks`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .desk import Desk
from .problems import Problem
from .reading import read_fields
from .records import EVENT_TYPES, Hook
from .resources import resource


def routes(desk: Desk) -> list[Route]:
    """The routes of these endpoints, below the API's root."""
    endpoints = _Webhooks(desk)
    return [
        resource("/webhooks", GET=endpoints.list, POST=endpoints.create),
        resource("/webhooks/{webhookId}", DELETE=endpoints.delete),
    ]


class _Webhooks:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def list(self, request: Request) -> Response:
        hooks = await self._desk.ask(lambda store: store.hooks())
        return JSONResponse([self._show(hook) for hook in hooks])

    async def create(self, request: Request) -> Response:
        # The id is in the body alone, without a Location: many real services are like that.
        fields = await read_fields(request)
        callback_url, event_type = fields.callback_url("callbackUrl"), fields.choice("eventType", EVENT_TYPES)
        fields.done("the webhook is not valid")
        hook = await self._desk.ask(lambda store: store.add_hook(callback_url, event_type))
        return JSONResponse(self._show(hook), 201)

    async def delete(self, request: Request) -> Response:
        hook_id = request.path_params["webhookId"]
        if not await self._desk.ask(lambda store: store.remove_hook(hook_id)):
            raise Problem(404, f'there is no webhook "{hook_id[:100]}"')
        self._desk.deliveries.forget(hook_id)
        return Response(status_code=204)

    def _show(self, hook: Hook) -> dict[str, Any]:
        return {**hook.to_json(), "deliveries": self._desk.deliveries.report(hook.id).to_json()}
