"""The replies of one operation, each made once.

What lives here: status, headers and body of good, chosen and refused replies. What must not: reading requests. What
depends on the request (where a ``Location`` leads) is put in at the end by ``Prepared.at``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Literal

import orjson

from ..model import DocumentError, Finding, Headers, Operation, Outline, Reply, Response, Route, Schema, Severity
from ..model.media_type import bare
from ..pipeline.media import JSON, is_json
from ..pipeline.validate import path_text
from ..pipeline.values import to_text
from . import bodies
from .choice import declared_for, refusal_status, success_of
from .refusal import Refusal, filled, plain
from .sample import Sampler
from .unpolicied import Unpolicied
from .validation import TOKEN

NO_BODY = frozenset({204, 205, 304})
"""Statuses whose replies have no body (RFC 9110)."""
UNKNOWN_EXAMPLE = "unknown-example"
"""Rule of the finding for an example that is asked for and not there."""
OWN_HEADERS = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "date", "location"}
)
"""Declared headers that are not sampled: the server's own, and ``Location``, which must lead somewhere."""
FIXED_HEADERS = {"retry-after": "1", "etag": '"1"', "set-cookie": "session=sample"}
"""Headers whose syntax says more than their type."""
MOST_VARIANTS = 32
"""Prepared replies that are kept per operation: ``Accept`` is up to the client."""

Leads = Literal["", "created", "pending", "self"]
"""Where ``Location`` leads: nowhere, to what was made, to the result of what goes on, to the request's own address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A reply but for what depends on the request."""

    reply: Reply
    leads: Leads = ""
    """Whether and what kind of ``Location`` is to be added."""
    value: Any = None
    """The body as JSON value."""
    findings: tuple[Finding, ...] = ()

    def at(self, location: str) -> Reply:
        """The reply with a ``Location``."""
        return replace(self.reply, headers=(*self.reply.headers, ("Location", location)))


def reason_of(status: int) -> str:
    """The usual reason phrase; empty for a status that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def json_reply(status: int, body: Any, headers: Headers = ()) -> Reply:
    """A reply with a JSON body."""
    content = () if status in NO_BODY else (("Content-Type", JSON),)
    data = b"" if status in NO_BODY else bodies.dump(body)
    return Reply(status=status, reason=reason_of(status), headers=(*content, *headers), body=data)


@dataclass(slots=True)
class Replies:
    """Makes the replies of one operation."""

    operation: Operation
    sampler: Sampler
    remover: Outline | None = None
    """The operation that takes back what this one makes (webhooks): its address goes into ``Location``."""
    unpolicied: Unpolicied | None = None
    """The way from a declared body to what the service sends; None for bodies as declared."""
    made: dict[tuple[int, str | None, str | None], Prepared] = field(default_factory=dict)
    """By status (0 for a good reply), ``Accept`` and name of an example."""

    def good(self, accept: str | None, example: str | None = None) -> Prepared:
        """The reply to a request that is right."""
        key = (0, accept, example)
        if (known := self.made.get(key)) is not None:
            return known
        status, response = success_of(self.operation)
        return self._kept(key, self._prepared(status, response, accept, example))

    def coded(self, status: int, accept: str | None, example: str | None = None) -> Prepared:
        """The reply that is declared for a status; one that says so when none is."""
        key = (status, accept, example)
        if (known := self.made.get(key)) is not None:
            return known
        response = declared_for(self.operation, status)
        good, usual = success_of(self.operation)
        if response is None and status == good:
            response = usual
        if response is not None:
            return self._kept(key, self._prepared(status, response, accept, example))
        message = f'operation "{self.operation.id}" declares no response for {status}'
        body = plain(Refusal(status=status, code="undeclared-response", message=message))
        finding = self._finding("undeclared-response", message, "declare it, or ask for one that is declared")
        return self._kept(key, Prepared(reply=json_reply(status, body), value=body, findings=(finding,)))

    def refused(self, refusal: Refusal, headers: Headers = ()) -> Reply:
        """An error reply: in the declared shape for the status if that has a body, else in Tieline's own."""
        status = refusal_status(self.operation) if refusal.status == 400 else refusal.status
        refusal = replace(refusal, status=status)
        response = declared_for(self.operation, status)
        if response is None:
            return json_reply(status, plain(refusal), headers)
        prepared = self.coded(status, None)
        data, media = prepared.reply.body, prepared.reply.media_type
        if not data:
            return json_reply(status, plain(refusal), (*prepared.reply.headers, *headers))
        if is_json(bare(media)) or bodies.is_plain(media):
            value = filled(prepared.value, refusal)
            if response.schema is None or self.sampler.fits(response.schema, value):
                data = bodies.encode(value, media)
        return Reply(status=status, reason=reason_of(status), headers=(*prepared.reply.headers, *headers), body=data)

    def _kept(self, key: tuple[int, str | None, str | None], prepared: Prepared) -> Prepared:
        if len(self.made) < MOST_VARIANTS:
            self.made[key] = prepared
        return prepared

    def _prepared(self, status: int, response: Response | None, accept: str | None, example: str | None) -> Prepared:
        reason = reason_of(status)
        headers: list[tuple[str, str]] = []
        findings: list[Finding] = []
        value: Any = None
        body = b""
        if response is not None:
            headers.extend(self._headers(response, findings))
            if status not in NO_BODY and (response.schema is not None or response.examples):
                media, value, body = self._body(response, accept, example, findings)
                headers.insert(0, ("Content-Type", media))
        reply = Reply(status=status, reason=reason, headers=tuple(headers), body=body)
        return Prepared(reply=reply, leads=self._leads(status, response), value=value, findings=tuple(findings))

    def _leads(self, status: int, response: Response | None) -> Leads:
        declared = response is not None and any(name.lower() == "location" for name in response.headers)
        if self.remover is not None and 200 <= status < 300:
            return "created"
        if not declared and not 300 < status < 304:
            return ""
        if status in (202, 301, 302, 303):
            return "pending"
        return "created" if status == 201 else "self"

    def _body(
        self, response: Response, accept: str | None, example: str | None, findings: list[Finding]
    ) -> tuple[str, Any, bytes]:
        """Media type, value and bytes of a reply."""
        schema = self._resolved(response, findings)
        media = bodies.media_of(response, schema, self.operation.produces, accept)
        if schema is not None and not is_json(bare(media)) and bodies.is_file(schema) and not response.examples:
            return _labelled(media), None, bodies.file_of(media)
        value = self._example(response, schema, media, example, findings)
        if value is None and schema is not None:
            sampled = self.sampler.sample(schema)
            value = self._last_page(sampled.value, schema)
            findings.extend(sampled.findings)
        if self.unpolicied is not None and schema is not None and example is None and is_json(bare(media)):
            value = self.unpolicied.value(value, partial(self.sampler.fits, schema))
        name = str(schema.route.keys[-1]) if schema is not None and schema.route.keys else "item"
        return _labelled(media), value, bodies.encode(value, media, name=name)

    def _resolved(self, response: Response, findings: list[Finding]) -> Schema | None:
        if response.schema is None:
            return None
        try:
            return response.schema.resolved()
        except DocumentError as error:
            findings.append(error.finding)
            return Schema(value={}, route=response.schema.route, refs=response.schema.refs)

    def _example(
        self, response: Response, schema: Schema | None, media: str, wanted: str | None, findings: list[Finding]
    ) -> Any:
        """The response's own example, if there is one that fits; one that was asked for by name need not fit."""
        if wanted is not None:
            if wanted in response.examples:
                return response.examples[wanted]
            known = ", ".join(f'"{name}"' for name in response.examples) or "none"
            findings.append(self._finding(UNKNOWN_EXAMPLE, f'there is no example "{wanted}"', f"known are: {known}"))
        for name in dict.fromkeys((media, *response.examples)):
            if name not in response.examples:
                continue
            value = _parsed(response.examples[name], schema, media)
            if value is None or (value == "" and not is_json(bare(media))):
                continue
            if schema is None or not is_json(bare(media)) or self.sampler.fits(schema, value):
                return value
            findings.append(self._unfit(name, response, schema, value))
        return None

    def _unfit(self, name: str, response: Response, schema: Schema, value: Any) -> Finding:
        first = self.sampler.validator(schema).problems(value)[0]
        return self._finding(
            "example-does-not-fit",
            f'the example "{name}" of response "{response.code}" does not fit its schema and is not used: '
            f"{path_text(first.path)} {first.message}",
            "make the example and the schema agree",
            response.route / "examples" / name,
        )

    def _last_page(self, value: Any, schema: Schema) -> Any:
        """The value without a next page, so that whoever follows pages comes to an end."""
        name = self.operation.next_link
        if not name or not isinstance(value, dict) or name not in value:
            return value
        without = {key: part for key, part in value.items() if key != name}
        for candidate in (without, {**value, name: ""}, {**value, name: None}):
            if self.sampler.fits(schema, candidate):
                return candidate
        return value

    def _headers(self, response: Response, findings: list[Finding]) -> Iterator[tuple[str, str]]:
        """The declared headers with sample values."""
        for name, header in response.headers.items():
            if name.lower() in OWN_HEADERS:
                continue
            if not name or set(name.lower()) - TOKEN:
                message = f'"{name}" cannot be the name of a header, so it is not sent'
                findings.append(self._finding("bad-header-name", message, "name it without colon and spaces"))
                continue
            yield name, self._header(name, header, response)

    def _header(self, name: str, header: Mapping[str, Any], response: Response) -> str:
        if name.lower() in FIXED_HEADERS:
            return FIXED_HEADERS[name.lower()]
        if name.lower() == "link":
            return '<.>; rel="self"'
        refs = response.schema.refs if response.schema is not None else self._refs()
        schema = Schema(value=dict(header), route=response.route.join("headers", name), refs=refs)
        value = self.sampler.sample(schema).value
        parts = value if isinstance(value, list) else [value]
        text = ",".join(to_text(part) for part in parts)
        return " ".join(text.encode("latin-1", "replace").decode("latin-1").split()) or "string"

    def _refs(self) -> Any:
        return next((parameter.schema.refs for parameter in self.operation.parameters), _NoRefs())

    def _finding(self, rule: str, message: str, remedy: str, route: Route | None = None) -> Finding:
        return Finding(
            rule=rule,
            route=route or self.operation.route,
            message=message,
            remedy=remedy,
            severity=Severity.WARNING,
        )


class _NoRefs:
    """References of a header that stands alone."""

    def resolve(self, ref: str) -> tuple[Any, Route]:
        """Nothing is ever there."""
        raise DocumentError("dangling-ref", f'a header cannot refer to "{ref}"', remedy="write its type out")


def _labelled(media: str) -> str:
    return f"{media}; charset=utf-8" if bodies.is_plain(media) and "charset" not in media else media


def _parsed(example: Any, schema: Schema | None, media: str) -> Any:
    """An example as value: files also write JSON as text."""
    text = schema is not None and schema.type == "string"
    if isinstance(example, str) and not text and is_json(bare(media)) and example.lstrip()[:1] in ("{", "["):
        try:
            return orjson.loads(example)
        except orjson.JSONDecodeError:
            return example
    return example
