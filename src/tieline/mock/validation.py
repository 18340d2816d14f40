"""What is wrong with a request, as the operation's parameters say.

What lives here: one checker per operation, made once. What must not: what is answered. Parts of a request that the
connector's policies or script may have changed are not held against the caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ..model import MISSING, Connector, Operation, Parameter, PolicyInstance
from ..model.media_type import bare
from ..pipeline.media import is_json
from ..pipeline.payload import resolved
from ..pipeline.validate import Validator, validator_of
from ..pipeline.values import Unfit
from ..pipeline.values import fit as typed
from ..pipeline.values import shape_of as value_shape
from .incoming import Incoming
from .sample import Sampler

MOST_COMPLAINTS = 20
"""Complaints about one request."""
SEPARATORS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}
TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
"""Characters of a header's name; a parameter with another name cannot be sent at all."""
TRANSPORT_HEADERS = frozenset({"host", "content-length", "content-type", "accept", "connection", "transfer-encoding"})
"""Headers that the sender's transport decides about; they are not held against the caller."""
CONSTRAINTS = frozenset(
    ("enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf", "minItems", "maxItems", "format")
)
"""Keywords that say more of a parameter than its type."""
BODY_TEMPLATES = frozenset(
    (
        "setproperty",
        "convertarraytoobject",
        "convertobjecttoarray",
        "stringtoarray",
        "stringreplace",
        "encodepropertyvalue",
        "moveproperties",
    )
)
"""Policy templates that change the body (reference: policy-templates, section 4)."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with a request."""

    field: str
    """Parameter, or property of the body with dots between: ``body.price``."""
    error: str
    """What is wrong with it."""

    def __str__(self) -> str:
        return f'"{self.field}" {self.error}'


@dataclass(frozen=True, slots=True)
class Changes:
    """Which parts of a request may differ from what the operation's caller gave."""

    everything: bool = False
    """A script makes the request."""
    body: bool = False
    headers: frozenset[str] = frozenset()
    """Names in lower case."""
    query: frozenset[str] = frozenset()

    def covers(self, parameter: Parameter) -> bool:
        """Whether a parameter's value may have been changed."""
        match parameter.where:
            case "header":
                return self.everything or parameter.name.lower() in self.headers
            case "query":
                return self.everything or parameter.name in self.query
            case "body" | "formData":
                return self.everything or self.body
        return self.everything


def changes_of(connector: Connector, operation_id: str) -> Changes:
    """What the connector's script and request policies may change of an operation's request."""
    if connector.scripted(operation_id):
        return Changes(everything=True)
    headers: set[str] = set()
    query: set[str] = set()
    body = False
    for policy in connector.policies_of(operation_id):
        if policy.section in ("response", "failure"):
            continue
        body = body or policy.template in BODY_TEMPLATES
        headers.update(_headers_set_by(policy))
        query.update(_query_set_by(policy))
    return Changes(body=body, headers=frozenset(headers), query=frozenset(query))


def _headers_set_by(policy: PolicyInstance) -> Iterator[str]:
    if policy.template == "setheader":
        yield str(policy.parameters.get("name", "")).strip().lower()
    if policy.template == "setvaluefromurl":
        yield _target(policy, "headers").lower()


def _query_set_by(policy: PolicyInstance) -> Iterator[str]:
    if policy.template == "setqueryparameter":
        yield unquote(str(policy.parameters.get("name", ""))).strip()
    if policy.template == "setvaluefromurl":
        yield _target(policy, "queryParameters")
    config = policy.parameters.get("triggerConfig")
    if policy.template == "pollingtrigger" and isinstance(config, dict):
        yield from map(str, config)


def _target(policy: PolicyInstance, function: str) -> str:
    """The name in ``@headers('name')``; empty when the parameter template is of another function."""
    start, found, rest = str(policy.parameters.get("parameterTemplate", "")).partition(f"@{function}(")
    return rest.strip(" ')\"") if found and not start.strip() else ""


class Checker:
    """Checks requests to one operation."""

    __slots__ = ("_body", "_consumes_json", "_hopeless", "_other_type", "_parameters", "operation", "query_names")

    def __init__(self, operation: Operation, changes: Changes) -> None:
        """Takes the operation and what is not held against the caller."""
        self.operation = operation
        checked = [parameter for parameter in operation.parameters if not changes.covers(parameter)]
        self._parameters = tuple(_Check(operation, parameter) for parameter in checked if _checkable(parameter))
        self._body = next((parameter for parameter in checked if parameter.where == "body"), None)
        self._consumes_json = not operation.consumes or any(is_json(bare(media)) for media in operation.consumes)
        self._other_type = "content-type" in changes.headers or any(
            parameter.name.lower() == "content-type" for parameter in operation.parameters
        )
        """Whether a parameter or a policy may say another media type."""
        self._hopeless: bool | None = None
        names = {parameter.name for parameter in operation.parameters if parameter.where == "query"}
        self.query_names = names | changes.query
        """Query parameters that the operation knows or its policies add."""

    def complaints(self, incoming: Incoming, path: dict[str, str]) -> tuple[Complaint, ...]:
        """What is wrong; ``path`` holds the path parameters as sent."""
        out: list[Complaint] = []
        for check in self._parameters:
            out.extend(check.complaints(incoming, path))
        if self._body is not None:
            out.extend(self._body_complaints(self._body, incoming))
        return tuple(out[:MOST_COMPLAINTS])

    def _body_complaints(self, parameter: Parameter, incoming: Incoming) -> Iterator[Complaint]:
        if not incoming.request.body:
            if parameter.required:
                yield Complaint("body", "is missing")
            return
        if incoming.json is not MISSING:
            validator = validator_of(self.operation, parameter.schema, "request")
            declared_json = self._consumes_json or is_json(incoming.media_type)
            if declared_json and not validator.fits(incoming.json) and not self._nothing_fits(parameter):
                yield from _misfits(validator, incoming.json)
        elif is_json(incoming.media_type) or (not incoming.media_type and self._consumes_json):
            yield Complaint("body", "is not JSON")
        elif self._wants_json(parameter):
            yield Complaint("body", f'is sent as "{incoming.media_type}", and must be JSON')

    def _wants_json(self, parameter: Parameter) -> bool:
        """Whether a body can be nothing but JSON: an object or array, and no other media type is declared or chosen."""
        if self._other_type or not all(is_json(bare(media)) for media in self.operation.consumes):
            return False
        return resolved(parameter.schema).type in ("object", "array")

    def _nothing_fits(self, parameter: Parameter) -> bool:
        """Whether the body's schema contradicts itself; that is nobody's fault but the definition's."""
        if self._hopeless is None:
            self._hopeless = bool(Sampler(reply=False).sample(parameter.schema).findings)
        return self._hopeless


def _checkable(parameter: Parameter) -> bool:
    if parameter.where == "header":
        name = parameter.name.lower()
        return name not in TRANSPORT_HEADERS and bool(name) and not set(name) - TOKEN
    return parameter.where != "body"


def _misfits(validator: Validator, value: Any) -> Iterator[Complaint]:
    for problem in validator.problems(value):
        keys = ["body", *map(str, problem.path)]
        if problem.name:
            yield Complaint(".".join([*keys, problem.name]), "is missing")
        else:
            yield Complaint(".".join(keys), problem.message)


class _Check:
    """Checks one parameter that is no body."""

    __slots__ = ("constrained", "operation", "parameter", "separator", "shape")

    def __init__(self, operation: Operation, parameter: Parameter) -> None:
        """Takes the parameter and its operation."""
        self.operation = operation
        self.parameter = parameter
        raw = parameter.schema.value
        items = raw.get("items")
        nested = items if isinstance(items, dict) else {}
        self.constrained = bool(CONSTRAINTS & raw.keys() or CONSTRAINTS & nested.keys())
        self.shape = value_shape(parameter.schema, type=parameter.type)
        self.separator = SEPARATORS.get(parameter.collection_format, ",")

    def complaints(self, incoming: Incoming, path: dict[str, str]) -> Iterator[Complaint]:
        """What is wrong with this parameter."""
        given = self._given(incoming, path)
        if given is MISSING:
            if self.parameter.required and self.parameter.where != "path":
                yield Complaint(self.parameter.name, "is missing")
            return
        if self.parameter.type in ("file", "object", "") or (given == "" and self.parameter.type != "string"):
            return
        try:
            value = typed(given, self.shape)
        except Unfit as error:
            yield Complaint(self.parameter.name, error.message)
            return
        if self.constrained:
            for problem in validator_of(self.operation, self.parameter.schema, "request").problems(value):
                yield Complaint(self.parameter.name, problem.message)

    def _given(self, incoming: Incoming, path: dict[str, str]) -> Any:
        """The value as text, for an array as list of texts; MISSING when it was not sent."""
        name = self.parameter.name
        match self.parameter.where:
            case "path":
                # a routed path may lack it
                values = [self._decoded(path[name])] if name in path else []
            case "query":
                values = incoming.query.get(name, [])
            case "header":
                found = incoming.header(name)
                values = [] if found is None else [found]
            case _:
                values = [part.text for part in incoming.form.get(name, ())]
        if not values:
            return MISSING
        if self.parameter.type != "array":
            return values[0]
        if self.parameter.collection_format == "multi" and len(values) > 1:
            return values
        return [part.strip() for value in values if value for part in value.split(self.separator)]

    def _decoded(self, raw: str) -> str:
        for _ in range(self.parameter.encodings):
            raw = unquote(raw)
        return raw
