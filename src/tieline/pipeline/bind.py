"""Binding: from arguments by name to a complete request, or to findings that name what is wrong.

Follows reference: openapi-extensions, sections 1.1 and 2, and connector-format, section 2. Credentials, policies and
``--server`` come later and are not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from ..model import (
    MISSING,
    Connector,
    DocumentError,
    Finding,
    Headers,
    Operation,
    OperationKind,
    Request,
    Route,
    Schema,
    Severity,
)
from ..model.media_type import bare
from ..policy.polling_trigger import STATE
from ..policy.query import pair_of
from . import target
from .body import (
    Encoded,
    binary_media_type,
    encode,
    encode_form,
    is_binary,
    media_type_of,
    octets,
    read,
    takes_value,
    verbatim,
)
from .forms import FormField
from .media import is_json
from .naming import PropertyPath, find, is_reserved
from .options import DEFAULTS, Options
from .payload import Assembly, fit_property, missing
from .plan import WHOLE, Plan, Slot, plan_of, render
from .validate import path_text, validator_of
from .values import Unfit, fit, guess

MOST_MISMATCHES = 20
"""Complaints about one body that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What became of the arguments of one call."""

    request: Request | None
    """None when a finding of severity error says why."""
    findings: tuple[Finding, ...] = ()


def bind(
    connector: Connector, operation: Operation, arguments: Mapping[str, Any], options: Options = DEFAULTS
) -> Bound:
    """Make the request that the arguments stand for.

    Values are typed or text as typed. A name is that of a parameter, ``body`` or a property of the body; it fills every
    parameter of that name unless one is named apart (``query.id``, ``path.id``). None is the same as not giving a
    parameter. ``triggerState``, as the ``Location`` of its last reply has it, is an argument of every polling trigger.
    Never raises: whatever cannot be sent becomes a finding of severity error, and nothing is sent then.
    """
    binding = _Binding(plan_of(operation), operation, options)
    binding.take(arguments)
    base, problems = target.target_of(connector, operation, options)
    request = binding.request(base)
    findings = (*problems, *binding.findings)
    if findings and any(finding.severity is Severity.ERROR for finding in findings):
        return Bound(request=None, findings=findings)
    return Bound(request=request, findings=findings)


class _Binding:
    """One call's arguments on their way into a request."""

    __slots__ = ("findings", "given", "operation", "options", "plan", "properties", "state", "whole")

    def __init__(self, plan: Plan, operation: Operation, options: Options) -> None:
        self.plan = plan
        self.operation = operation
        self.options = options
        self.given: dict[int, Any] = {}
        self.whole: Any = MISSING
        self.state = ""
        self.properties: dict[tuple[str, ...], tuple[str, Any]] = {}
        """Names that lead to a property -> the argument's name and its fitted value."""
        self.findings: list[Finding] = []

    def take(self, arguments: Mapping[str, Any]) -> None:
        """Sort the arguments to where they belong: exact names first, so that others can be told from them."""
        others: list[tuple[str, Any]] = []
        for name, value in arguments.items():
            place = self.plan.places.get(name)
            if type(place) is tuple:
                if value is not None:
                    for slot in place:
                        self.given[slot.index] = value
            elif place is WHOLE:
                self._take_whole(name, value)
            elif isinstance(place, str):
                path = PropertyPath(names=(place,), schema=self.plan.view.properties[place].schema)
                self._take_property(name, path, value)
            else:
                others.append((name, value))
        for name, value in others:
            self._take_other(name, value)

    def _take_other(self, name: str, value: Any) -> None:
        """A name that is written in another way."""
        if name == STATE and self.operation.kind is OperationKind.POLLING:
            self.state = "" if value is None else str(value)
            return
        if is_reserved(self.plan, name):
            self._note("reserved-argument", f'the platform fills in "{name}" itself; it is not sent', Severity.INFO)
            return
        try:
            place = find(self.plan, self.operation, name)
        except DocumentError as error:
            self.findings.append(error.finding)
            return
        if place is None:
            self._take_whole(name, value)
        elif isinstance(place, PropertyPath):
            self._take_property(name, place, value)
        elif value is not None:
            self._take_slots(name, place, value)

    def _take_slots(self, name: str, slots: tuple[Slot, ...], value: Any) -> None:
        """An input by its place or in another case: it wins over the plain name if that has other inputs to fill."""
        for slot in slots:
            alike = self.plan.places[slot.parameter.name]
            if slot.index in self.given and (not isinstance(alike, tuple) or len(alike) == len(slots)):
                self._twice(name, slot.parameter.name, slot.parameter.route)
            self.given[slot.index] = value

    def _take_whole(self, name: str, value: Any) -> None:
        if value is None:
            return
        if self.whole is not MISSING:
            self._twice(name, "body", self.operation.route)
        self.whole = value

    def _take_property(self, name: str, path: PropertyPath, value: Any) -> None:
        if path.names in self.properties:
            self._twice(name, self.properties[path.names][0], self.operation.route)
        try:
            fitted = guess(value) if path.schema is None else fit_property(value, path.schema)
        except Unfit as unfit:
            self._refuse(name, unfit, self.operation.route if path.schema is None else path.schema.route)
            return
        self.properties[path.names] = (name, fitted)

    def _twice(self, name: str, other: str, route: Route) -> None:
        self._note("argument-given-twice", f'"{name}" and "{other}" are the same argument', Severity.ERROR, route)

    def _note(self, rule: str, message: str, severity: Severity, route: Route | None = None) -> None:
        self.findings.append(
            Finding(rule=rule, route=route or self.operation.route, message=message, severity=severity)
        )

    def _refuse(self, name: str, unfit: Unfit, route: Route) -> None:
        """The finding for a value that does not fit."""
        self.findings.append(
            Finding(
                rule=unfit.rule,
                route=route,
                message=f'argument "{name}" {unfit.message}',
                remedy=unfit.remedy,
                severity=Severity.ERROR,
            )
        )

    def request(self, base: str) -> Request:
        """The request; without meaning when a finding of severity error was added."""
        placed = [self._placed(slot) for slot in self.plan.slots]
        path = "".join([piece if isinstance(piece, str) else placed[piece.index] or "" for piece in self.plan.path])
        query: list[str] = []
        headers: list[tuple[str, str]] = []
        fields: list[FormField] = []
        for slot, value in zip(self.plan.slots, placed, strict=True):
            match slot.parameter.where:
                case "query" if value:
                    query.append(value)
                case "header" if value is not None:
                    headers.append((slot.parameter.name, value))
                case "formData" if value is not None:
                    fields.append(value)
        if self.state:
            query.append(pair_of(STATE, self.state))
        url = base + path
        if query:
            url += ("&" if "?" in path else "?") + "&".join(query)
        return self._with_body(url, headers, fields)

    def _placed(self, slot: Slot) -> Any:
        """What an input puts in its place; None for nothing."""
        value = self.given.get(slot.index, MISSING)
        if slot.unsendable is not None:
            if value is not MISSING or slot.parameter.required:
                self.findings.append(slot.unsendable)
            return None
        if value is MISSING:
            return self._absent(slot)
        try:
            rendered = render(slot, fit(value, slot.shape))
        except Unfit as unfit:
            self._refuse(slot.parameter.name, unfit, slot.parameter.route)
            return None
        if rendered == "" and slot.parameter.where == "path":
            self.findings.append(missing(slot.parameter.name, slot.parameter.route))
        return rendered

    def _absent(self, slot: Slot) -> Any:
        """What stands for an input that was not given (reference: openapi-extensions, section 1.1)."""
        if slot.always or (slot.optional and self.options.optional_defaults):
            return slot.default
        if slot.parameter.required:
            name, internal, file = slot.parameter.name, slot.parameter.internal, slot.parameter.type == "file"
            self.findings.append(missing(name, slot.parameter.route, internal=internal, file=file))
        return None

    def _with_body(self, url: str, headers: list[tuple[str, str]], fields: list[FormField]) -> Request:
        """The request with its body, ``Accept`` and ``Content-Type``."""
        named = {name.lower(): value for name, value in headers}
        content_type = named.get("content-type")
        try:
            if self.plan.body is not None:
                encoded = self._body(content_type)
            else:
                encoded = encode_form(fields, self.operation, content_type) if fields else None
        except Unfit as unfit:
            self._refuse("body" if self.plan.body is not None else "form", unfit, self.operation.route)
            encoded = None
        front: Headers = () if "accept" in named else (("Accept", self.plan.accept),)
        if encoded is None:
            return Request(method=self.operation.method, url=url, headers=(*front, *headers))
        if content_type is not None:
            headers = [pair for pair in headers if pair[0].lower() != "content-type"]
        complete = (*front, *headers, ("Content-Type", encoded.content_type))
        return Request(method=self.operation.method, url=url, headers=complete, body=encoded.data)

    def _body(self, content_type: str | None) -> Encoded | None:
        """The body; None for none. Raises Unfit."""
        body, schema = self.plan.body, self.plan.schema
        assert body is not None
        assert schema is not None  # the caller has looked
        whole = self.whole
        if whole is MISSING and not self.properties:
            if body.default is not MISSING:
                whole = body.default
            elif not body.required:
                return None
            elif not self.plan.view.properties:
                file = is_binary(schema)
                self.findings.append(missing(body.name, body.route, internal=body.internal, file=file))
                return None
        if is_binary(schema) and whole is not MISSING:
            return Encoded(data=octets(whole), content_type=binary_media_type(self.operation, content_type, whole))
        media_type = media_type_of(self.operation, content_type)
        value = read(whole, schema, media_type) if whole is not MISSING else MISSING
        completed = self._completed(value, schema)
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            return None  # something is wrong already: nothing will be sent
        if completed is value and (raw := verbatim(whole, media_type)) is not None:
            return self._checked(value, Encoded(data=raw, content_type=media_type))
        encoded = encode(completed, media_type, body)
        return self._checked(completed, encoded) if takes_value(media_type) else encoded

    def _completed(self, value: Any, schema: Schema) -> Any:
        """A body value with the properties given by name, and the defaults that go along. Raises Unfit."""
        assembly = Assembly(self.plan.views, value, optional_defaults=self.options.optional_defaults)
        for names, (_, inner) in self.properties.items():
            assembly.put(names, inner)
        if assembly.value is MISSING:
            assembly.value = {}
        completed = assembly.completed(schema, self.plan.label)
        self.findings.extend(assembly.findings)
        return completed

    def _checked(self, value: Any, encoded: Encoded) -> Encoded:
        """The same body; where it is not as declared, warnings say so. The service has the last word on it."""
        body = self.plan.body
        if body is None or not is_json(bare(encoded.content_type)):
            return encoded
        validator = validator_of(self.operation, body.schema, "request")
        try:
            fits = validator.fits(value)
        except ValueError:  # dates and the like, which only became JSON on encoding
            value = orjson.loads(encoded.data)
            fits = validator.fits(value)
        problems = () if fits else validator.problems(value)
        for problem in problems[:MOST_MISMATCHES]:
            message = f'the body at "{path_text(problem.path)}" {problem.sentence}'
            self.findings.append(Finding(rule="body-mismatch", route=problem.route, message=message))
        return encoded
