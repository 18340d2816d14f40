"""A backend that behaves as a connector says: from a request to a reply, without network, clock or randomness.

What lives here: who answers (an operation, or nobody), in which order a request is checked, and the log. What must not:
sockets (``app.mock`` serves this) and the making of replies (``replies``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote

from ..model import Connector, DocumentError, Finding, Headers, Operation, Reply, Request, Severity, nearest
from ..pipeline.media import is_json
from .asked import Asked, Place, with_values
from .credentials import Alternatives, alternatives_of
from .fixed import Fixed
from .incoming import Incoming
from .location import RESULTS, location, remover_of
from .log import Entry, Log
from .polling import keeps_state, polled
from .refusal import Refusal, plain
from .replies import NO_BODY, UNKNOWN_EXAMPLE, Prepared, Replies, json_reply
from .routing import Match, Router
from .sample import Sampler
from .unpolicied import Unpolicied
from .validation import Checker, Complaint, changes_of

OWN_PATH = "/.tieline/"
"""Paths that the backend itself answers."""
REQUESTS = "/.tieline/requests"
SUGGESTIONS = 3

Located = Callable[[Finding], dict[str, Any]]
"""Shows a finding as a JSON object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request got."""

    reply: Reply
    operation: str | None = None
    """operationId; None when no operation stands behind the path."""
    findings: tuple[Finding, ...] = ()
    """What was wrong with the request, and with the definition as far as it mattered for the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """One operation, made ready to be served when it is first asked for."""

    operation: Operation
    checker: Checker
    replies: Replies
    wanted: Alternatives
    polls: bool
    """Whether the service answers with the state of a polling trigger."""


@dataclass(slots=True)
class Backend:
    """Answers requests as a connector's definition says."""

    connector: Connector
    router: Router = field(init=False)
    asked: Asked = field(init=False)
    sampler: Sampler = field(init=False)
    log: Log = field(init=False, default_factory=Log)
    located: Located = field(default=lambda finding: {"rule": finding.rule, "message": finding.message})
    """How findings are shown in the list of requests."""
    _served: dict[str, _Served] = field(init=False, default_factory=dict)
    _fixed: dict[str, Fixed] = field(init=False, default_factory=dict)
    """Of operations that share a place with others."""

    def __post_init__(self) -> None:
        self.router = Router(self.connector)
        self.asked = Asked(self.connector)
        self.sampler = Sampler(reply=True)

    def answer(self, request: Request) -> Answer:
        """The reply to a request. Never raises: what goes wrong inside becomes a 500 with a finding."""
        incoming = Incoming(request)
        own = incoming.path.startswith(OWN_PATH)
        try:
            answer = self._own(incoming) if own else self._answer(incoming)
        except DocumentError as error:
            reply = _plain(500, error.finding.rule, error.finding.message)
            answer = Answer(reply=reply, findings=error.findings)
        except Exception as error:  # noqa: BLE001  one operation that cannot be served must not stop the others
            answer = self._failed(error)
        if incoming.method == "HEAD" and answer.reply.body:
            answer = replace(answer, reply=replace(answer.reply, body=b""))
        if not own:
            self._note(incoming, answer)
        return answer

    def _note(self, incoming: Incoming, answer: Answer) -> None:
        self.log.add(
            Entry(
                number=self.log.next_number(),
                method=incoming.method,
                path=incoming.path,
                operation=answer.operation or "",
                status=answer.reply.status,
                findings=answer.findings,
            )
        )

    def _answer(self, incoming: Incoming) -> Answer:
        method = incoming.method
        found = self.router.find(method, incoming.path)
        if not found.matches and method == "HEAD":
            found = self.router.find("GET", incoming.path)
        if not found.matches:
            places = self.asked.places(incoming)
            return _value_alone(places) if places else self._nobody(incoming, found.allowed)
        findings: tuple[Finding, ...] = ()
        if len(found.matches) == 1:
            match = found.matches[0]
            served = self.served(match.endpoint.operation)
            complaints = served.checker.complaints(incoming, match.parameters())
        else:
            match, complaints, findings = self._best(incoming, found.matches)
            served = self.served(match.endpoint.operation)
        return self._reply(incoming, served, match, complaints, findings)

    def served(self, operation_id: str) -> _Served:
        """The operation ready to be served; made once."""
        served = self._served.get(operation_id)
        if served is None:
            operation = self.connector.definition.operations[operation_id]
            changes = changes_of(self.connector, operation_id)
            served = self._served[operation_id] = _Served(
                operation=operation,
                checker=Checker(operation, changes),
                replies=Replies(
                    operation,
                    self.sampler,
                    remover_of(self.connector, operation),
                    Unpolicied(self.connector, operation),
                ),
                wanted=alternatives_of(self.connector, operation, changes),
                polls=keeps_state(self.connector, operation),
            )
        return served

    def _best(
        self, incoming: Incoming, matches: Sequence[Match]
    ) -> tuple[Match, tuple[Complaint, ...], tuple[Finding, ...]]:
        """The match whose operation has the least to complain about; among equals the first, which is said."""
        rated: list[tuple[tuple[int, ...], int, tuple[Complaint, ...]]] = []
        for index, match in enumerate(matches):
            complaints = self.served(match.endpoint.operation).checker.complaints(incoming, match.parameters())
            rated.append((self._misfit(incoming, match, len(complaints)), index, complaints))
        rated.sort(key=lambda entry: entry[:2])
        best, index, complaints = rated[0]
        equals = {matches[other].endpoint.operation for rating, other, _ in rated if rating == best}
        chosen = matches[index]
        equals.discard(chosen.endpoint.operation)
        findings = (self._ambiguous(chosen, sorted(equals)),) if equals else ()
        return chosen, complaints, findings

    def _misfit(self, incoming: Incoming, match: Match, complaints: int) -> tuple[int, ...]:
        """How badly an operation fits a request, by: query in its path, complaints, other values than those that no
        person sets, unknown query, values that no person sets, trailing slash."""
        served = self.served(match.endpoint.operation)
        fixed = self._fixed.get(served.operation.id)
        if fixed is None:
            fixed = self._fixed[served.operation.id] = Fixed(self.connector, served.operation)
        template = match.endpoint.template
        written = {name for name, _ in template.query}
        unknown = sum(name not in served.checker.query_names and name not in written for name in incoming.query)
        slash = incoming.path.endswith("/") != template.slash
        others, equal = fixed.compared(incoming)
        return incoming.lacks(template.query), complaints, others, unknown, -equal, int(slash)

    def _ambiguous(self, chosen: Match, others: list[str]) -> Finding:
        names = ", ".join(f'"{other}"' for other in others)
        return Finding(
            rule="ambiguous-endpoint",
            route=self.served(chosen.endpoint.operation).operation.route,
            message=f'the request may as well be for {names}; "{chosen.endpoint.operation}" answers',
            severity=Severity.INFO,
        )

    def _reply(
        self,
        incoming: Incoming,
        served: _Served,
        match: Match,
        complaints: tuple[Complaint, ...],
        findings: tuple[Finding, ...],
    ) -> Answer:
        """Credential, arguments, then what ``Prefer`` asks for or a good reply; a preferred code comes first of all."""
        operation = served.operation
        code = incoming.preferences.get("code")
        if code is None:
            missing = _missing_key(incoming, served.wanted)
            if missing is not None:
                return _refused(served, Refusal(status=401, code="unauthorized", message=missing), findings)
            if complaints:
                return _refused(served, _invalid(operation, complaints), findings)
        elif not (code.isascii() and code.isdigit() and 200 <= int(code) <= 599):
            wrong = Complaint("Prefer", f'has code "{code}", which is no status from 200 to 599')
            return _refused(served, _invalid(operation, (wrong,)), findings)
        accept, example = incoming.header("accept"), incoming.preferences.get("example")
        replies = served.replies
        prepared = replies.good(accept, example) if code is None else replies.coded(int(code), accept, example)
        reply = prepared.reply
        places = self.asked.places(incoming) if code is None else ()
        if places:
            prepared = _with_values(prepared, places)
            reply = prepared.reply
        if served.polls and code is None and example is None:
            reply = polled(incoming, reply)
        elif prepared.leads:
            reply = prepared.at(location(incoming, operation.id, match, prepared, replies.remover))
        unknown = any(finding.rule == UNKNOWN_EXAMPLE for finding in prepared.findings)
        reply = _applied(reply, incoming, ("code",) if unknown else ("code", "example"))
        return Answer(reply=reply, operation=operation.id, findings=(*findings, *prepared.findings))

    def _nobody(self, incoming: Incoming, allowed: Sequence[str]) -> Answer:
        """404 with the nearest paths, or what the path allows: 405, and 204 for OPTIONS."""
        if allowed:
            headers: Headers = (("Allow", ", ".join(sorted(allowed))),)
            if incoming.method == "OPTIONS":
                return Answer(reply=json_reply(204, None, headers))
            message = f'"{incoming.path}" does not allow {incoming.method}, only {headers[0][1]}'
            return Answer(reply=_plain(405, "method-not-allowed", message, headers))
        message = f'the definition has no path "{incoming.path}"'
        body = plain(Refusal(status=404, code="no-such-path", message=message))
        base = self.connector.definition.base_path.rstrip("/")
        path = unquote(incoming.path)
        path = path.removeprefix(base) if path.startswith(f"{base}/") else path
        body["nearest"] = list(nearest(path, list(dict.fromkeys(self.router.paths)), most=SUGGESTIONS))
        return Answer(reply=json_reply(404, body))

    def _failed(self, error: Exception) -> Answer:
        message = f"the operation cannot be served: {type(error).__name__}: {error}"
        finding = Finding(
            rule="mock-failed",
            route=self.connector.definition.route,
            message=message,
            remedy="please report it, with the definition",
            severity=Severity.ERROR,
        )
        return Answer(reply=_plain(500, "mock-failed", message), findings=(finding,))

    def _own(self, incoming: Incoming) -> Answer:
        """The backend's own addresses: the list of requests, and results of what a 202 promised."""
        if incoming.path.startswith(RESULTS):
            return self._result(unquote(incoming.path.removeprefix(RESULTS)), incoming)
        if incoming.path.rstrip("/") != REQUESTS:
            return Answer(reply=_plain(404, "no-such-path", f'only "{REQUESTS}" is here'))
        if incoming.method == "DELETE":
            self.log.clear()
            return Answer(reply=json_reply(204, None))
        listed = [self.shown(entry) for entry in self.log.entries]
        return Answer(reply=json_reply(200, {"version": 1, "requests": listed}))

    def _result(self, operation_id: str, incoming: Incoming) -> Answer:
        if operation_id not in self.connector.definition.operations:
            return Answer(reply=_plain(404, "no-such-path", f'there is no operation "{operation_id}"'))
        reply = self.served(operation_id).replies.good(incoming.header("accept")).reply
        return Answer(reply=replace(reply, status=200, reason="OK"), operation=operation_id)

    def shown(self, entry: Entry) -> dict[str, Any]:
        """An entry of the log as a JSON object."""
        return {
            "n": entry.number,
            "method": entry.method,
            "path": entry.path,
            "operation": entry.operation or None,
            "status": entry.status,
            "findings": [self.located(finding) for finding in entry.findings],
        }


def _value_alone(places: Sequence[Place]) -> Answer:
    """The answer to a side request of a policy where no operation is: a body with the value that it looks for."""
    return Answer(reply=json_reply(200, with_values({}, places)))


def _with_values(prepared: Prepared, places: Sequence[Place]) -> Prepared:
    """A reply that has what a side request of a policy looks for, if it has a JSON body or can have one."""
    reply = prepared.reply
    value = with_values(prepared.value, places)
    if value is prepared.value or reply.status in NO_BODY or (reply.body and not is_json(reply.media_type)):
        return prepared
    headers = tuple(entry for entry in reply.headers if entry[0].lower() != "content-type")
    return replace(prepared, value=value, reply=json_reply(reply.status, value, headers))


def _plain(status: int, code: str, message: str, headers: Headers = ()) -> Reply:
    """An error reply of Tieline's own."""
    return json_reply(status, plain(Refusal(status=status, code=code, message=message)), headers)


def _missing_key(incoming: Incoming, wanted: Alternatives) -> str | None:
    """What to send, when a request carries none of the credentials that are wanted."""
    if not wanted or any(all(key.in_request(incoming) for key in keys) for keys in wanted):
        return None
    return "missing credential: send " + ", or ".join(" and ".join(map(str, keys)) for keys in wanted)


def _invalid(operation: Operation, complaints: tuple[Complaint, ...]) -> Refusal:
    message = f"{operation.id}: " + "; ".join(map(str, complaints))
    return Refusal(status=400, code="invalid-request", message=message, complaints=complaints)


def _refused(served: _Served, refusal: Refusal, findings: tuple[Finding, ...]) -> Answer:
    headers: Headers = ()
    if refusal.status == 401:
        headers = tuple(("WWW-Authenticate", keys[0].challenge) for keys in served.wanted[:1])
    finding = Finding(
        rule=refusal.code, route=served.operation.route, message=refusal.message, severity=Severity.WARNING
    )
    reply = served.replies.refused(refusal, headers)
    return Answer(reply=reply, operation=served.operation.id, findings=(finding, *findings))


def _applied(reply: Reply, incoming: Incoming, names: Sequence[str]) -> Reply:
    """The reply, saying which preferences of those names were heeded (RFC 7240)."""
    heeded = [f"{name}={incoming.preferences[name]}" for name in names if name in incoming.preferences]
    if not heeded:
        return reply
    text = ", ".join(heeded).encode("latin-1", "replace").decode("latin-1")
    headers = (*reply.headers, ("Preference-Applied", " ".join(text.split())))
    return replace(reply, headers=headers)
