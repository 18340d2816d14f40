"""The connector: definition, properties, script, icon, and the documents they were read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from .finding import Finding
from .operation import Operations
from .route import Position, Route
from .schema import JsonObject, Refs
from .secret import Secret

SecurityType = Literal["apiKey", "basic", "oauth2", "unknown"]
"""``type`` of a Swagger 2.0 security definition; anything else is ``unknown``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityDefinition:
    """One entry of ``securityDefinitions``. Matched to connection parameters by type, never by name."""

    name: str
    type: SecurityType
    key: str = ""
    """For ``apiKey``: name of the header or query parameter."""
    where: Literal["header", "query", ""] = ""
    """For ``apiKey``."""
    flow: str = ""
    """For ``oauth2``: accessCode, implicit, application, password."""
    authorization_url: str = ""
    token_url: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)
    """Scope -> description. Informational: oAuthSettings is authoritative (reference: inferred)."""
    route: Route
    raw: JsonObject


Requirement = Mapping[str, tuple[str, ...]]
"""One alternative of ``security``: definition name -> scopes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An API definition as the platform runs it: Swagger 2.0, whatever dialect it was read from."""

    title: str
    description: str = ""
    version: str = ""
    host: str = ""
    """``host`` or ``host:port``; empty when the definition names none."""
    base_path: str = "/"
    """Starts with ``/``; written as in the file otherwise (a trailing slash stays)."""
    schemes: tuple[str, ...] = ("https",)
    """In order of preference; the first is used."""
    consumes: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()
    security_definitions: Mapping[str, SecurityDefinition] = field(default_factory=dict)
    security: tuple[Requirement, ...] | None = None
    """Requirements of all operations that have none of their own; None when the file has no ``security``."""
    operations: Operations
    refs: Refs
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    """What was wrong with how it is written, apart from what stands inside its operations."""
    properties: JsonObject | None = field(default=None, repr=False)
    """The ``apiProperties.json`` that the definition needs beside it; None where its sign-in says everything."""
    root: JsonObject = field(repr=False)
    """The document's root object as read; for a lowered OpenAPI 3 document the fields that Swagger has there, without
    ``paths`` and ``definitions``."""
    route: Route
    """The document."""


ParameterType = Literal["securestring", "string", "oauthsetting", "gatewaysetting", "int", "bool", "unknown"]
"""Type of a connection parameter, in lower case (files spell it in several ways)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSettings:
    """``oAuthSettings`` of a connection parameter (reference: connector-format, section 6)."""

    identity_provider: str
    """In lower case: oauth2, oauth2generic, aad, aadcertificate, facebook, …"""
    client_id: str = ""
    client_secret: Secret | None = None
    """Hardly ever in a file; kept out of every output."""
    scopes: tuple[str, ...] = ()
    redirect_mode: str = ""
    """As written: Global, GlobalPerConnector, Direct, …"""
    redirect_urls: tuple[str, ...] = ()
    custom_parameters: Mapping[str, str | None] = field(default_factory=dict)
    """Name in lower case -> value; None where the file gives none."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    """``IsFirstParty`` and so on, as written."""
    raw: JsonObject = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedValue:
    """One choice of a connection parameter."""

    value: Any
    text: str
    """What a person sees; the value as text when the file gives no label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionParameter:
    """What a person is asked for when making a connection."""

    name: str
    """As written; may hold a colon (``token:TenantId``) or a space."""
    type: ParameterType
    display_name: str = ""
    description: str = ""
    tooltip: str = ""
    required: bool = True
    """``constraints.required``; text and JSON booleans are both read. Not said: required, unless hidden or with a
    default."""
    hidden: bool = False
    clear_text: bool = True
    """False: the input is masked. A securestring is always masked."""
    default: Any = None
    """``defaultValue``; None for none."""
    allowed_values: tuple[AllowedValue, ...] = ()
    capability: tuple[str, ...] = ()
    """Only shown in these modes (``gateway``, ``cloud``)."""
    dependencies: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Other parameter -> values that it must have for this one to be shown."""
    tab_index: float | None = None
    """Its place in the form; None where the file does not say: after those that do."""
    oauth: OAuthSettings | None = None
    """For ``oauthsetting``."""
    route: Route
    raw: JsonObject = field(repr=False)

    @property
    def secret(self) -> bool:
        """Whether its value must never be shown: securestring, oauthsetting, masked input, or a secret by its name."""
        name = self.name.lower()
        return (
            self.type in ("securestring", "oauthsetting")
            or not self.clear_text
            or any(word in name for word in ("secret", "password", "api_key", "apikey"))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSet:
    """One of several ways to sign in (``connectionParameterSets``)."""

    name: str
    display_name: str = ""
    description: str = ""
    parameters: tuple[ConnectionParameter, ...] = ()
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInstance:
    """One policy template instance, as written."""

    template: str
    """templateId in lower case; compare with this."""
    title: str = ""
    operations: tuple[str, ...] = ()
    """operationIds it applies to; empty means every operation (reference: policy-templates, section 1)."""
    section: Literal["request", "response", "failure", ""] = ""
    """Lower case; empty when the instance does not say."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Template parameters without their ``x-ms-apimTemplateParameter.`` prefix, names as written."""
    route: Route
    raw: JsonObject = field(repr=False)

    def applies_to(self, operation_id: str) -> bool:
        """Whether this instance runs for that operation (exact case)."""
        return not self.operations or operation_id in self.operations


@dataclass(frozen=True, slots=True, kw_only=True)
class Properties:
    """What ``apiProperties.json`` says."""

    icon_brand_color: str = ""
    connection_parameters: tuple[ConnectionParameter, ...] = ()
    parameter_sets: tuple[ParameterSet, ...] = ()
    """When there are any, they are used and ``connection_parameters`` are not (reference: inferred)."""
    policies: tuple[PolicyInstance, ...] = ()
    script_operations: tuple[str, ...] = ()
    """operationIds that the script handles; empty means every operation, if there is a script at all."""
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    """What was wrong with how the file is written."""
    capabilities: tuple[str, ...] = ()
    publisher: str = ""
    stack_owner: str = ""
    root: JsonObject = field(default_factory=dict, repr=False)
    """The whole document as read."""
    route: Route

    @property
    def client_secrets(self) -> tuple[Secret, ...]:
        """The client secrets that the file holds."""
        sets = (parameter for entry in self.parameter_sets for parameter in entry.parameters)
        settings = (parameter.oauth for parameter in (*self.connection_parameters, *sets))
        return tuple(oauth.client_secret for oauth in settings if oauth is not None and oauth.client_secret is not None)


class Document(Protocol):
    """The text behind a part of a connector, as far as anybody above ``source`` needs it."""

    @property
    def name(self) -> str:
        """File name as the user knows it."""

    @property
    def value(self) -> Any:
        """The JSON value."""

    @property
    def data(self) -> bytes:
        """The bytes as read, or as edited."""

    def position(self, route: Route) -> Position | None:
        """Line and column of a route, or None when it is not in this document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A connector: everything the platform would hold of it."""

    name: str
    """The folder's name, or the title in PascalCase."""
    definition: Definition
    properties: Properties
    script: str | None = field(default=None, repr=False)
    """C# source of the custom code; None when the connector has none."""
    icon: bytes | None = field(default=None, repr=False)
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)
    """By name; findings' routes name these. Writing back changes only what was changed."""
    findings: tuple[Finding, ...] = ()
    """What was repaired or lost on reading."""

    def scripted(self, operation_id: str) -> bool:
        """Whether custom code takes the place of *send* for that operation.

        Operations that ``scriptOperations`` names are, even when the script's file is missing; without such a list,
        every operation of a connector with a script (reference: connector-format, section 3).
        """
        named = self.properties.script_operations
        return operation_id in named if named else self.script is not None

    def policies_of(self, operation_id: str) -> tuple[PolicyInstance, ...]:
        """The policy instances of an operation in the order of the file."""
        return tuple(policy for policy in self.properties.policies if policy.applies_to(operation_id))
