"""What Inventory says when it cannot do what was asked: one shape for every error, the `Error` of the description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_CODES = {
    400: "InvalidInput",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    409: "Conflict",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    429: "TooManyRequests",
    500: "InternalError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What is wrong with one field of the body, or with one parameter."""

    field: str
    error: str


class Problem(Exception):
    """Ends the handling of a request with an error reply."""

    def __init__(
        self, status: int, message: str, details: Sequence[Detail] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = tuple(details)
        self.headers = headers

    def reply(self) -> Response:
        """The reply with this error in it."""
        body = {
            "code": _CODES.get(self.status, f"Status{self.status}"),
            "message": self.message,
            "details": [{"field": each.field, "error": each.error} for each in self.details],
        }
        return JSONResponse(body, self.status, headers=self.headers)


def on_problem(request: Request, problem: Exception) -> Response:
    """Answers a :class:`Problem`."""
    assert isinstance(problem, Problem)
    return problem.reply()


def on_http_exception(request: Request, problem: Exception) -> Response:
    """Answers what the router found: an unknown path, or a method that a path does not have."""
    assert isinstance(problem, HTTPException)
    messages = {404: f'there is nothing at "{request.scope["path"]}"', 405: f'"{request.method}" cannot be used here'}
    message = messages.get(problem.status_code, problem.detail)
    return Problem(problem.status_code, message, headers=problem.headers).reply()


def on_failure(request: Request, problem: Exception) -> Response:
    """Answers a fault of ours; the cause goes to the server's log, not to the caller."""
    return Problem(500, "the request could not be completed").reply()
