"""The exchange: one call's request, what came back, how long it took, and every step on the way.

Gateway, test panel, suites, recordings, HAR export and the workbench all hold this one object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .finding import Finding
from .media_type import bare
from .route import Route
from .secret import Secret

Headers = tuple[tuple[str, str], ...]
"""Header fields in wire order with the case in which they were or will be sent; a name may occur several times."""


def first_header(headers: Headers, name: str) -> str | None:
    """The first value of the header called ``name`` (any case), or None."""
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


def with_header(headers: Headers, name: str, value: str) -> Headers:
    """``headers`` with exactly one field called ``name``: in the place of the first such field, else at the end."""
    wanted = name.lower()
    out: list[tuple[str, str]] = []
    placed = False
    for key, old in headers:
        if key.lower() != wanted:
            out.append((key, old))
        elif not placed:
            out.append((key, value))
            placed = True
    if not placed:
        out.append((name, value))
    return tuple(out)


def without_header(headers: Headers, name: str) -> Headers:
    """``headers`` without any field called ``name`` (any case)."""
    wanted = name.lower()
    return tuple((key, value) for key, value in headers if key.lower() != wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, complete and exact: what is here is what goes on the wire."""

    method: str
    """Upper-case HTTP method."""
    url: str = field(repr=False)
    """Absolute URL, percent-encoded as it is sent; may hold secrets in its query."""
    headers: Headers = field(default=(), repr=False)
    """Header fields; may hold secrets."""
    body: bytes = field(default=b"", repr=False)
    """Body, already encoded; empty for none."""

    def header(self, name: str) -> str | None:
        """The first value of a header (any case), or None."""
        return first_header(self.headers, name)

    def with_header(self, name: str, value: str) -> Request:
        """This request with exactly one field of that name."""
        headers = with_header(self.headers, name, value)
        return Request(method=self.method, url=self.url, headers=headers, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP response as it came, of whatever status. (A *response* is what a definition declares.)"""

    status: int
    """Status code, 100-599."""
    reason: str = ""
    """Reason phrase as sent; may be empty."""
    headers: Headers = field(default=(), repr=False)
    """Header fields in wire order and case."""
    body: bytes = field(default=b"", repr=False)
    """Body after content decoding (gzip, deflate); the ``Content-Encoding`` header stays as sent."""

    def header(self, name: str) -> str | None:
        """The first value of a header (any case), or None."""
        return first_header(self.headers, name)

    @property
    def media_type(self) -> str:
        """The media type in lower case without parameters; empty when the reply has none."""
        return bare(self.header("content-type") or "")


FailureKind = Literal["dns", "connect", "tls", "timeout", "truncated", "protocol", "too-large", "url"]
"""Why there is no reply: name not found, refused or unreachable, TLS, no answer in time, connection ended inside the
reply, not HTTP, larger than the cap, a URL that cannot be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """There was no reply. A 4xx or 5xx is a reply, not a failure."""

    kind: FailureKind
    """Which of the closed list of reasons."""
    message: str
    """What happened, naming host and port; no secrets."""
    remedy: str = ""
    """What to try."""
    sent: bool = True
    """Whether the service may have seen the request (False for dns, connect, tls and url): decides about repeating."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """When and how long, for HAR. Phases are milliseconds; -1 means that the phase did not occur."""

    started: float = 0.0
    """Start, seconds since the epoch."""
    blocked: float = -1
    """Waiting for a connection of the pool."""
    dns: float = -1
    """Looking the name up."""
    connect: float = -1
    """Opening the connection, TLS included."""
    send: float = 0
    """Sending the request."""
    wait: float = 0
    """From the last byte sent to the first byte of the reply."""
    receive: float = 0
    """Reading the reply."""

    @property
    def total(self) -> float:
        """All phases that occurred, in milliseconds."""
        phases = (self.blocked, self.dns, self.connect, self.send, self.wait, self.receive)
        return sum(phase for phase in phases if phase > 0)

    @property
    def ended(self) -> float:
        """End, seconds since the epoch; 0 where the start is not known."""
        return self.started + self.total / 1000 if self.started else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of sending one request: a reply or a failure, and the times."""

    reply: Reply | None = None
    failure: Failure | None = None
    """Set exactly when ``reply`` is None."""
    timings: Timings = Timings()


Step = Literal["bind", "credential", "policy", "script", "send", "check", "retry", "refresh", "follow"]
"""The steps of a call, in the words of the design (architecture, section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEntry:
    """One step of a call: what it did, to what, and which place in which file caused it."""

    step: Step
    title: str
    """One line for a person, for example ``api key "api_key" in header "X-API-Key"``; holds no secrets."""
    before: Request | Reply | None = None
    """The message before the step; None when the step made it."""
    after: Request | Reply | None = None
    """The message after the step; the same object as ``before`` when nothing changed."""
    route: Route | None = None
    """What in the connector caused the step."""
    failure: Failure | None = None
    """For a send that got no reply."""
    timings: Timings | None = None
    """For a send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call from arguments to checked reply."""

    operation: str = ""
    """The operationId; empty for a plain send."""
    request: Request | None = None
    """The request that was sent last; None when the call ended before anything was sent."""
    base: str = ""
    """Scheme, host and base path that it was sent to, after policies and ``--server``; empty for a plain send."""
    reply: Reply | None = None
    """What came back last."""
    failure: Failure | None = None
    """Why nothing came back; None when something did or nothing was sent."""
    timings: Timings = Timings()
    """Times of the last send."""
    trace: tuple[TraceEntry, ...] = ()
    """Every step in the order in which it happened, over all tries and pages."""
    findings: tuple[Finding, ...] = ()
    """Bad arguments, drift from the declared response, what was not run."""
    error: ApiError | None = None
    """The service's own error in one shape, for a reply of 400 and above."""
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    """What must be hidden wherever this exchange is shown or written."""

    @property
    def ok(self) -> bool:
        """Whether a reply below 400 came back."""
        return self.reply is not None and self.reply.status < 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """A service's error in one shape, whatever the service sent; the raw reply stays on the exchange."""

    status: int
    """HTTP status."""
    code: str = ""
    """The service's own code, as text; empty when it gave none."""
    message: str = ""
    """The service's words, else the reason phrase."""
    details: tuple[ErrorDetail, ...] = ()
    """Single complaints, for example one for each wrong field."""
    retry_after: float | None = None
    """Seconds to wait, from ``Retry-After``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetail:
    """One complaint inside a service's error."""

    field: str = ""
    """What it is about (a field, a parameter, a JSON pointer); empty when not said."""
    message: str = ""
    """What is wrong with it."""
    raw: Any = None
    """The entry as the service sent it."""
