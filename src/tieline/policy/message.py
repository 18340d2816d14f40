"""What a policy works on: a request that is about to go out, or a reply that came in.

A request is complete and exact at every moment; beside it stands which part of its URL is the base URL. What lives here
knows URLs as texts, and no policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ..model import BugError, Finding, Headers, Reply, Request, Secret, first_header


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request, and where in its URL the base ends and the operation's path begins."""

    request: Request
    base: str = field(repr=False)
    """Scheme, host and base path: what the URL starts with. No slash at the end. May hold secrets."""

    @property
    def path(self) -> str:
        """The path below the base as it is sent; starts with ``/``, or is empty."""
        return self.request.url[len(self.base) :].partition("?")[0]

    @property
    def query(self) -> str:
        """The query as it is sent, without ``?``; empty for none."""
        return self.request.url.partition("?")[2]

    @property
    def headers(self) -> Headers:
        """The header fields of the request."""
        return self.request.headers

    @property
    def body(self) -> bytes:
        """The body of the request."""
        return self.request.body

    def header(self, name: str) -> str | None:
        """The first value of a header (any case), or None."""
        return first_header(self.request.headers, name)

    def to(
        self, *, base: str | None = None, path: str | None = None, query: str | None = None, method: str | None = None
    ) -> Outgoing:
        """The same request to another place; base and path meet in exactly one slash."""
        old = self.request
        former, base = self.base, self.base if base is None else base.rstrip("/")
        below = old.url[len(former) :]
        if path is not None or query is not None:
            old_path, _, old_query = below.partition("?")
            path = old_path if path is None else path
            query = old_query if query is None else query
            below = f"{path}?{query}" if query else path
            if path and path[0] != "/":
                below = "/" + below
        request = Request(method=method or old.method, url=base + below, headers=old.headers, body=old.body)
        return Outgoing(request=request, base=base)


Message: TypeAlias = Outgoing | Reply
"""Both have ``headers``, ``body`` and ``header(name)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a policy made of a message."""

    message: Message
    """The very same object when nothing changed."""
    did: str
    """What it did, or why it did nothing; without values, since those may be secret."""
    findings: tuple[Finding, ...] = ()
    secrets: tuple[Secret, ...] = ()
    """What it put into the message that must be hidden wherever it is shown."""


def outgoing(request: Request, base: str) -> Outgoing:
    """A bound request whose URL starts with ``base`` (scheme, host and base path of the definition)."""
    base = base.rstrip("/")
    rest = request.url[len(base) :]
    if not request.url.startswith(base) or (rest and rest[0] not in "/?"):
        raise BugError("foreign-base", "the URL of a request does not start with the base URL of its operation")
    return Outgoing(request=request, base=base)


def with_headers(message: Message, headers: Headers) -> Message:
    """The message with other header fields."""
    if isinstance(message, Reply):
        return Reply(status=message.status, reason=message.reason, headers=headers, body=message.body)
    old = message.request
    return Outgoing(
        request=Request(method=old.method, url=old.url, headers=headers, body=old.body),
        base=message.base,
    )


def with_body(message: Message, body: bytes) -> Message:
    """The message with another body and the same header fields; its length is the transport's business."""
    if isinstance(message, Reply):
        return Reply(status=message.status, reason=message.reason, headers=message.headers, body=body)
    old = message.request
    return Outgoing(
        request=Request(method=old.method, url=old.url, headers=old.headers, body=body),
        base=message.base,
    )
