"""Talking with an identity provider, and what is shown of it: who was asked for what, nothing that signs anybody in.

Such messages are made of secrets, some of which nobody knows beforehand (an ``id_token``). So only fields known to be
harmless keep their value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from ..auth import Answer, Asking
from ..model import HIDDEN, Reply, Request, Sent, TraceEntry

if TYPE_CHECKING:
    from ..net.driver import Sender

HARMLESS = frozenset(
    {
        *("grant_type", "response_type", "scope", "resource", "client_id", "redirect_uri", "requested_token_use"),
        *("client_assertion_type", "code_challenge_method", "token_type", "expires_in", "ext_expires_in", "expires_on"),
        *("error", "error_codes", "error_uri", "interval", "verification_uri", "verification_url"),
    }
)
"""Fields of requests and replies (lower case) whose value is shown."""


@dataclass(slots=True)
class Talk:
    """What is said to an identity provider, and its trace."""

    sender: Sender
    trace: list[TraceEntry] = field(default_factory=list)

    async def run(self, asking: Asking[Answer], title: str) -> Answer:
        """Performs a generator of ``auth.oauth`` and gives its answer. Raises what it raises."""
        try:
            request = next(asking)
            while True:
                sent = await self.sender.send(request)
                self.trace.append(_entry(title, request, sent))
                request = asking.send(sent)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer


def _entry(title: str, request: Request, sent: Sent) -> TraceEntry:
    """A request to an identity provider and what came of it, as an entry of a trace."""
    return TraceEntry(
        step="refresh",
        title=title,
        before=_request(request),
        after=None if sent.reply is None else _reply(sent.reply),
        failure=sent.failure,
        timings=sent.timings,
    )


def _request(request: Request) -> Request:
    parts = urlsplit(request.url)
    url = urlunsplit(parts._replace(query=_form(parts.query)))
    headers = tuple((name, HIDDEN if name.lower() == "authorization" else value) for name, value in request.headers)
    return replace(request, url=url, headers=headers, body=_form(request.body.decode("utf-8", "replace")).encode())


def _reply(reply: Reply) -> Reply:
    kept = tuple((name, value) for name, value in reply.headers if name.lower() in ("content-type", "date"))
    return replace(reply, headers=kept, body=_shown(reply.body))


def _shown(body: bytes) -> bytes:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _form(body.decode("utf-8", "replace")).encode()
    return orjson.dumps(_veiled(value.items())) if isinstance(value, Mapping) else HIDDEN.encode()


def _form(text: str) -> str:
    """Form fields without what is not harmless; any other text is hidden whole."""
    pairs = parse_qsl(text, keep_blank_values=True)
    if not pairs:
        return HIDDEN if text else ""
    return urlencode(_veiled(pairs), safe="*:/ ")


def _veiled(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    return {name: value if name.lower() in HARMLESS else HIDDEN for name, value in pairs}
