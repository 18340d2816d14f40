"""Operations and their parts, as the platform runs them: Swagger 2.0 with the ``x-ms-*`` extensions read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from .errors import DocumentError, did_you_mean
from .finding import Finding
from .route import Route
from .schema import JsonObject, Schema


class Missing:
    """The type of :data:`MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing()
"""Stands where no value was given or declared, since None is a JSON value."""


class OperationKind(StrEnum):
    """What the platform makes of an operation (reference: triggers, section 0)."""

    ACTION = "action"
    """Called by a flow."""
    WEBHOOK = "webhook trigger"
    """``x-ms-trigger`` on the operation and ``x-ms-notification-content`` on its path item."""
    POLLING = "polling trigger"
    """``x-ms-trigger`` without notification content, or named by a ``pollingtrigger`` policy instance."""


Visibility = Literal["", "important", "advanced", "internal"]
"""``x-ms-visibility`` in lower case; empty for normal or anything unknown."""

Where = Literal["path", "query", "header", "body", "formData"]
"""``in`` of a Swagger 2.0 parameter."""

CollectionFormat = Literal["csv", "ssv", "tsv", "pipes", "multi"]
"""How an array becomes text; ``csv`` when not declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One input of an operation, references resolved."""

    name: str
    """Name on the wire."""
    where: Where
    required: bool = False
    """Path parameters are always required."""
    schema: Schema
    """For a body its ``schema``; for all others the parameter object itself, which is its own schema."""
    type: str = "string"
    """Declared type in lower case (``string integer number boolean array object file``); a body has its schema's."""
    format: str = ""
    """Declared format as written."""
    default: Any = field(default=MISSING)
    """Declared default, or MISSING."""
    enum: tuple[Any, ...] = ()
    """Allowed values; empty for any."""
    collection_format: CollectionFormat = "csv"
    """For arrays."""
    encodings: int = 1
    """How many times a path value is percent-encoded (``x-ms-url-encoding``: single 1, double 2)."""
    visibility: Visibility = ""
    summary: str = ""
    """Label (``x-ms-summary``); empty when not given."""
    description: str = ""
    route: Route
    """Where it is written; for a ``$ref``ed parameter the shared one."""
    raw: JsonObject
    """The parameter object with all its extensions."""

    @property
    def internal(self) -> bool:
        """Whether the user never sees it; its default is sent when it is required (reference: extensions, 1.1)."""
        return self.visibility == "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One declared response of an operation."""

    code: str
    """``200``, ``default`` and so on, as written."""
    description: str = ""
    schema: Schema | None = None
    """None when the response declares no body."""
    headers: Mapping[str, JsonObject] = field(default_factory=dict)
    """Declared headers, each a Swagger header object."""
    examples: Mapping[str, Any] = field(default_factory=dict)
    """Examples by media type."""
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a list of operations shows; cheap enough to make for every operation of a large description."""

    id: str
    """operationId; made from method and path where the definition has none."""
    method: str
    """Upper-case HTTP method."""
    path: str
    """Path template below the base path, for example ``/products/{id}``."""
    summary: str = ""
    kind: OperationKind = OperationKind.ACTION
    visibility: Visibility = ""
    deprecated: bool = False
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of a connector, whole."""

    id: str
    method: str
    """Upper-case HTTP method."""
    path: str
    """Path template below the base path."""
    kind: OperationKind = OperationKind.ACTION
    summary: str = ""
    description: str = ""
    visibility: Visibility = ""
    deprecated: bool = False
    parameters: tuple[Parameter, ...] = ()
    """Inputs in order: the path item's that are not overridden, then the operation's."""
    responses: tuple[Response, ...] = ()
    """Declared responses in order of writing."""
    consumes: tuple[str, ...] = ()
    """Media types of the body, the operation's own or the definition's; empty means JSON (reference: inferred)."""
    produces: tuple[str, ...] = ()
    """Media types of the replies; empty means JSON."""
    schemes: tuple[str, ...] = ()
    """The operation's own schemes; empty for the definition's."""
    security: tuple[Mapping[str, tuple[str, ...]], ...] | None = None
    """The operation's own requirements: alternatives, each name -> scopes. ``()`` says "no credential"; None says
    "the definition's"."""
    trigger: str = ""
    """``single`` or ``batch`` for a trigger, in lower case; empty for none."""
    notification: Schema | None = None
    """Shape of what a webhook trigger is sent (``x-ms-notification-content``)."""
    next_link: str = ""
    """Name of the root property with the next page's URL (``x-ms-pageable``); empty for none."""
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    """What was wrong with how it is written, or lost on reading it."""
    route: Route
    raw: JsonObject
    """The operation object with all its extensions."""
    compiled: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What the layers that run this operation have worked out from it, each under its own name, so that it is worked
    out once; lives and dies with this object, and a copy made by ``replace`` starts empty."""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter called ``name`` exactly; the first when several places use the name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    @property
    def body(self) -> Parameter | None:
        """The body parameter, if there is one."""
        return next((parameter for parameter in self.parameters if parameter.where == "body"), None)


class Operations(Mapping[str, Operation]):
    """The operations of a definition by operationId, each built when it is first asked for."""

    __slots__ = ("_build", "_built", "_by_id", "outlines")

    def __init__(self, outlines: tuple[Outline, ...], build: Callable[[Outline], Operation]) -> None:
        """Takes the outlines in document order, with unique ids, and what makes an operation of one."""
        self.outlines = outlines
        """Every operation in document order."""
        self._by_id = {outline.id: outline for outline in outlines}
        self._build = build
        self._built: dict[str, Operation] = {}

    def __getitem__(self, operation_id: str) -> Operation:
        """The operation; raises KeyError for an unknown id (see :meth:`named` for a helpful error)."""
        built = self._built.get(operation_id)
        if built is None:
            built = self._built[operation_id] = self._build(self._by_id[operation_id])
        return built

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, operation_id: object) -> bool:
        return operation_id in self._by_id

    def with_outlines(self, outlines: tuple[Outline, ...]) -> Operations:
        """The same operations under other outlines: same ids and routes, another kind for example."""
        return Operations(outlines, self._build)

    def named(self, operation_id: str) -> Operation:
        """The operation; raises DocumentError ``unknown-operation`` that suggests the nearest names."""
        if operation_id not in self._by_id:
            raise DocumentError(
                "unknown-operation",
                f'the connector has no operation "{operation_id}"',
                remedy=did_you_mean(operation_id, list(self._by_id)),
            )
        return self[operation_id]
