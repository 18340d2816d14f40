"""Talking with an identity provider, and what is shown of it: who was asked for what, nothing that signs anybody in.

Such messages are made of secrets, some of which nobody knows beforehand (an ``id_token``). So only fields known to be
harmless keep their value, and no secret that stands elsewhere in the message shows in them: providers repeat what they
were sent, in any place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from ..auth import Answer, Asking
from ..auth.oauth.replies import parsed
from ..model import HIDDEN, Redactor, Reply, Request, Secret, Sent, TraceEntry

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


LONG = 8
"""Characters from which the value of a field that is not harmless is hidden wherever else it stands: shorter ones are
words such as ``true``."""

MOST = 50
"""Values that are looked for; a reply with more, which no provider gives, is hidden whole."""

_NAME = re.compile(r"[A-Za-z_][\w.#-]{0,60}")
"""How fields are called; anything else may be the value of something."""


@dataclass(slots=True)
class Talk:
    """What is said to an identity provider, and its trace."""

    sender: Sender
    trace: list[TraceEntry] = field(default_factory=list)

    async def run(self, asking: Asking[Answer], title: str, secrets: Iterable[Secret] = ()) -> Answer:
        """Performs a generator of ``auth.oauth`` and gives its answer; ``secrets`` are known beforehand, never shown.

        Raises what the generator raises.
        """
        held = tuple(secrets)
        try:
            request = next(asking)
            while True:
                sent = await self.sender.send(request)
                self.trace.append(_entry(title, request, sent, held))
                request = asking.send(sent)
        except StopIteration as stop:
            answer: Answer = stop.value
            return answer


def _entry(title: str, request: Request, sent: Sent, secrets: tuple[Secret, ...]) -> TraceEntry:
    """A request to an identity provider and what came of it, as an entry of a trace."""
    query, form = parse_qsl(urlsplit(request.url).query), parse_qsl(request.body.decode("utf-8", "replace"))
    fields = parsed(sent.reply.body) if sent.reply is not None else None
    found = list(islice(_values((fields or {}).items()), MOST + 1))
    if len(found) > MOST:
        fields, found = None, []
    proof = (value.rpartition(" ")[2].rstrip("=") for name, value in request.headers if name.lower() == "authorization")
    held = (*_values((*query, *form)), *found, *proof)
    redactor = Redactor((*secrets, *map(Secret, held)))
    return TraceEntry(
        step="refresh",
        title=title,
        before=_request(request, redactor),
        after=None if sent.reply is None else _reply(sent.reply, fields, redactor),
        failure=sent.failure,
        timings=sent.timings,
    )


def _values(pairs: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The texts of fields that are not harmless, long enough to be told from other words."""
    for name, value in pairs:
        if name.lower() not in HARMLESS and name.lower() != "username":
            yield from (text for text in _texts(value) if len(text) >= LONG)


def _texts(value: Any, deeper: int = 3) -> Iterator[str]:
    """The texts in a value, down to some levels."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and deeper:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner, deeper - 1)


def _request(request: Request, redactor: Redactor) -> Request:
    parts = urlsplit(request.url)
    url = redactor.text(urlunsplit(parts._replace(query=_form(parts.query, redactor))))
    headers = tuple((name, HIDDEN if name.lower() == "authorization" else value) for name, value in request.headers)
    body = _form(request.body.decode("utf-8", "replace"), redactor)
    return replace(request, url=url, headers=headers, body=body.encode())


def _reply(reply: Reply, fields: Mapping[str, Any] | None, redactor: Redactor) -> Reply:
    shown = ("content-type", "date")
    kept = tuple((name, redactor.text(value)) for name, value in reply.headers if name.lower() in shown)
    if fields is None:  # nobody knows its secrets, which the reason may repeat
        return replace(reply, reason="", headers=kept, body=HIDDEN.encode() if reply.body.strip() else b"")
    body = redactor.text(orjson.dumps(_veiled(fields.items())).decode())
    return replace(reply, reason=redactor.text(reply.reason), headers=kept, body=body.encode())


def _form(text: str, redactor: Redactor) -> str:
    """Form fields without what is not harmless; any other text is hidden whole."""
    pairs = parse_qsl(text, keep_blank_values=True)
    if not pairs:
        return HIDDEN if text else ""
    return redactor.text(urlencode(_veiled(pairs), safe="*:/ "))


def _veiled(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Fields as they may be shown, but for secrets in harmless ones and in names."""
    return {
        name if _NAME.fullmatch(name) else HIDDEN: value if name.lower() in HARMLESS else HIDDEN
        for name, value in pairs
    }
