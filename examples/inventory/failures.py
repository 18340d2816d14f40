"""The endpoints at `/demo/failures`: makes calls fail on request, to see what a caller does then."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .gate import FAILURES_PATH, Failures, Plan
from .reading import read_fields
from .resources import resource


def routes(failures: Failures) -> list[Route]:
    """The routes of these endpoints, below the API's root."""
    endpoints = _Endpoints(failures)
    return [resource(FAILURES_PATH, POST=endpoints.ask, DELETE=endpoints.end)]


class _Endpoints:
    def __init__(self, failures: Failures) -> None:
        self._failures = failures

    async def ask(self, request: Request) -> Response:
        fields = await read_fields(request)
        status = fields.whole("status", 400, 599) or 429
        times = fields.whole("times", 1, 1000) or 1
        retry_after = fields.whole("retryAfter", 0, 3600)
        if retry_after is None and status == 429:
            retry_after = 1
        fields.done("the failures are not valid")
        self._failures.plan = Plan(status=status, times=times, retry_after=retry_after)
        wait = {} if retry_after is None else {"retryAfter": retry_after}
        return JSONResponse({"status": status, "times": times, **wait})

    async def end(self, request: Request) -> Response:
        self._failures.plan = None
        return Response(status_code=204)
