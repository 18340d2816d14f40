"""What a trigger's operation says of registering, polling and its items: worked out once, when it is switched on.

Plans are plain values that are kept with the state. What lives here reads definitions and policies and moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..model import (
    Connector,
    DocumentError,
    Finding,
    Operation,
    OperationKind,
    Parameter,
    Route,
    Severity,
    Subscription,
)
from ..pipeline.options import Options
from ..pipeline.target import base_url, problems
from ..policy import chain
from ..policy.polling_trigger import PREFIX, PollingTrigger
from .items import Keys, list_of, output_of, split_of
from .notification_url import Place, body_of, places_of, url_names
from .settings import DEFAULTS, Settings
from .unsubscription import Remover, removers_of

METADATA = "x-ms-trigger-metadata"
"""Marks a trigger operation (an object), or in the guide the parameter that holds the state (a text)."""

STATE_PARAMETER = "triggerstate"
"""Its value on a parameter, in lower case."""

ORDERING = ("order", "sort", "direction")
"""Parts of names of parameters that order a list."""

NOT_STRICT = (" ge ", " le ", ">=", "<=", " gte ", " lte ", "%3e%3d", "%3c%3d")
"""What a filter holds that lets the last item through again."""

Style: TypeAlias = Literal["reply", "parameter"]
"""Where a polling trigger keeps its state: in the ``Location`` of its replies (or nowhere), or in a parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPlan:
    """How a webhook is registered, received and removed."""

    operation: str
    places: tuple[Place, ...]
    """Where the callback URL goes in the body."""
    body: str = "body"
    """Name of the parameter that is the body."""
    split: Keys | None = None
    """Where the array is each element of which is an event; None for one event for each notification."""
    removers: tuple[Remover, ...] = ()
    """DELETE operations, the most fitting first."""
    bases: tuple[str, ...] = ()
    """URLs below which a ``Location`` is the connector's."""
    settings: Settings = DEFAULTS
    findings: tuple[Finding, ...] = ()
    """What is not right, and what the platform would not do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollPlan:
    """How a trigger is polled."""

    operation: str
    style: Style = "reply"
    policy: bool = False
    """Whether a ``pollingtrigger`` policy answers."""
    parameter: str = ""
    """For the style ``parameter``: its name."""
    format: str = "date-time"
    """What a time is written as in it: ``date-time``, ``date``, or ``seconds`` for a number."""
    batch: bool = True
    """Whether a reply holds several items."""
    split: Keys | None = None
    """Where the array is each element of which is an event; None for one event for each reply."""
    lists: Keys | None = None
    """The same for items that have to be told apart by the trigger itself."""
    next_link: str = ""
    """Property with the URL of a further page; empty for none."""
    order: str = ""
    """Property of the first item that the policy takes its state from; empty for none."""
    bases: tuple[str, ...] = ()
    settings: Settings = DEFAULTS
    findings: tuple[Finding, ...] = ()


Plan: TypeAlias = WebhookPlan | PollPlan


def plan(connector: Connector, operation: Operation, subscription: Subscription, settings: Settings = DEFAULTS) -> Plan:
    """What ``step`` has to know of a trigger operation.

    Findings of severity error say that it cannot work. Raises DocumentError ``not-a-trigger`` for an action.
    """
    if operation.kind is OperationKind.ACTION:
        raise DocumentError(
            "not-a-trigger",
            f'the operation "{operation.id}" is no trigger',
            remedy='give it "x-ms-trigger", and its path item "x-ms-notification-content" when the service calls back',
            route=operation.route,
        )
    if operation.kind is OperationKind.WEBHOOK:
        return _webhook(connector, operation, subscription, settings)
    return _polling(connector, operation, subscription, settings)


def _webhook(connector: Connector, operation: Operation, subscription: Subscription, settings: Settings) -> WebhookPlan:
    places = places_of(operation)
    removers = removers_of(connector, operation, subscription)
    batch = operation.trigger == "batch"
    return WebhookPlan(
        operation=operation.id,
        places=places,
        body="body" if operation.body is None else operation.body.name,
        split=split_of(operation.notification) if batch else None,
        removers=removers,
        bases=_bases(connector, operation, subscription),
        settings=settings,
        findings=(
            *problems(connector, operation, Options(server=subscription.server or None)),
            *_scripted(connector, operation),
            *_no_place(operation, places),
            *_filled(operation, places, subscription),
            *_removal(operation, removers),
            *_notification(operation),
            *_watermark(operation, subscription, None),
        ),
    )


def _bases(connector: Connector, operation: Operation, subscription: Subscription) -> tuple[str, ...]:
    options = Options(server=subscription.server or None)
    found = (subscription.server.rstrip("/"), base_url(connector.definition, operation, options))
    return tuple(dict.fromkeys(base for base in found if base and not base.endswith("://")))


def _finding(rule: str, route: Route, message: str, remedy: str = "", *, severity: str = "warning") -> Finding:
    return Finding(rule=rule, route=route, message=message, remedy=remedy, severity=Severity(severity))


def _scripted(connector: Connector, operation: Operation) -> Iterator[Finding]:
    if connector.scripted(operation.id):
        yield _finding(
            "trigger-script",
            operation.route,
            f'custom code stands behind the trigger "{operation.id}", and it does not run yet',
            "what the code does (Location, paging, state) does not happen here",
        )


def _no_place(operation: Operation, places: tuple[Place, ...]) -> Iterator[Finding]:
    if not places:
        yield _finding(
            "notification-url-missing",
            operation.route,
            f'no property of the body of "{operation.id}" says where the callback URL goes',
            'mark it with "x-ms-notification-url": true',
            severity="error",
        )


def _filled(operation: Operation, places: tuple[Place, ...], subscription: Subscription) -> Iterator[Finding]:
    """What the user gave of the body and what is not sent."""
    names = url_names(places)
    for name, value in subscription.arguments.items():
        if name.casefold() in names:
            yield _finding(
                "reserved-argument",
                operation.route,
                f'"{name}" is where the callback URL goes; what was given for it is not sent',
                severity="info",
            )
        elif name in (operation.body.name if operation.body else "", "body") and not isinstance(body_of(value), dict):
            yield _finding(
                "bad-argument",
                operation.route,
                f'"{name}" is no JSON object, so the callback URL has no place in it',
                'give one, for example body={"eventType": "created"}',
                severity="error",
            )


def _removal(operation: Operation, removers: tuple[Remover, ...]) -> Iterator[Finding]:
    if not removers:
        yield _finding(
            "no-unregister-operation",
            operation.route,
            f'nothing removes what "{operation.id}" registers: the connector has no DELETE operation',
            "add one, and let the registration answer with its URL as Location",
        )


def _notification(operation: Operation) -> Iterator[Finding]:
    schema = operation.notification
    if schema is None:
        yield _finding(
            "no-notification-schema",
            operation.route,
            f'nothing is declared of what "{operation.id}" is sent; anything passes',
            'give "x-ms-notification-content" a "schema", or flows see no outputs',
            severity="info",
        )
        return
    try:
        schema.resolved()
    except DocumentError as error:
        yield _finding(
            "open-notification-schema",
            schema.route,
            f'what "{operation.id}" is sent is not declared: {error.finding.message}; anything passes',
            "add the schema that the reference names",
        )


def _polling(connector: Connector, operation: Operation, subscription: Subscription, settings: Settings) -> PollPlan:
    output = output_of(operation)
    batch = operation.trigger != "single"
    policy = policy_of(connector, operation)
    parameter = state_parameter(operation) if settings.parameter_state and policy is None else None
    split = split_of(output) if batch else None
    if policy is not None and batch:
        split = policy.data.keys
    return PollPlan(
        operation=operation.id,
        style="reply" if parameter is None else "parameter",
        policy=policy is not None,
        parameter="" if parameter is None else parameter.name,
        format="date-time" if parameter is None else _format(parameter),
        batch=batch,
        split=split,
        lists=(list_of(output) if batch else None) if policy is None else split,
        next_link=operation.next_link,
        order="" if policy is None else _order(policy),
        bases=_bases(connector, operation, subscription),
        settings=settings,
        findings=(
            *problems(connector, operation, Options(server=subscription.server or None)),
            *_scripted(connector, operation),
            *_output(operation, batch, policy),
            *_no_content(operation),
            *_policy_findings(operation, policy),
            *_parameter_finding(operation, parameter),
            *_watermark(operation, subscription, parameter),
            *_interval(operation, subscription, settings),
        ),
    )


def policy_of(connector: Connector, operation: Operation) -> PollingTrigger | None:
    """The behaviour of the ``pollingtrigger`` policy of an operation."""
    found = (link.behaviour for link in chain(connector, operation).request)
    return next((behaviour for behaviour in found if isinstance(behaviour, PollingTrigger)), None)


def state_parameter(operation: Operation) -> Parameter | None:
    """The parameter that the guide marks as the holder of the state (inferred)."""
    for parameter in operation.parameters:
        said: Any = parameter.raw.get(METADATA)
        if isinstance(said, str) and said.lower() == STATE_PARAMETER and parameter.where in ("query", "header", "path"):
            return parameter
    return None


def _format(parameter: Parameter) -> str:
    """How a time is written in a parameter; a number is taken as seconds since the epoch (inferred)."""
    if parameter.type in ("integer", "number"):
        return "seconds"
    return "date" if parameter.format == "date" else "date-time"


def _order(policy: PollingTrigger) -> str:
    """The property of the first item that a configuration reads, ``CreatedOn`` of ``value[0].CreatedOn``."""
    for entry in policy.config.values():
        _, found, rest = entry.text.partition("[0].")
        if found:
            return rest.partition("}")[0].partition(" ")[0].strip()
    return ""


def _output(operation: Operation, batch: bool, policy: PollingTrigger | None) -> Iterator[Finding]:
    output = output_of(operation)
    if output is None:
        yield _finding(
            "no-trigger-schema",
            operation.route,
            f'no reply of "{operation.id}" declares its body, so the platform cannot find the array of items',
            "declare the schema of its 200",
        )
    elif batch and policy is None and split_of(output) is None:
        yield _finding(
            "no-split-on",
            output.route,
            f'the reply of "{operation.id}" has more than its array, so the platform starts one run for all items',
            'hide the others with "x-ms-visibility": "internal", or split in the flow',
            severity="info",
        )


def _policy_findings(operation: Operation, policy: PollingTrigger | None) -> Iterator[Finding]:
    if policy is None:
        return
    if operation.path != PREFIX and not operation.path.startswith(PREFIX + "/"):
        yield _finding(
            "trigger-without-prefix",
            operation.route,
            f'the path of "{operation.id}" does not start with "{PREFIX}", as all published ones do',
            f'write "{PREFIX}{operation.path}"; the platform takes the prefix off',
        )
    texts = {name: entry.text for name, entry in policy.config.items()}
    ordered = any(part in one.name.lower() for one in operation.parameters for part in ORDERING)
    if any("[0]" in text for text in texts.values()) and not ordered:
        yield _finding(
            "trigger-order-not-said",
            operation.route,
            f'"{operation.id}" takes its state from the first item, and no parameter asks for the newest first',
            "add an internal required parameter with the order as its default, unless the service always does so",
        )
    for name, text in texts.items():
        if any(mark in f" {text.lower()} " for mark in NOT_STRICT):
            yield _finding(
                "trigger-filter-not-strict",
                operation.route,
                f'the trigger configuration of "{name}" lets the last item through again, so it fires for ever',
                'compare with "gt"',
            )


def _parameter_finding(operation: Operation, parameter: Parameter | None) -> Iterator[Finding]:
    if parameter is not None:
        yield _finding(
            "trigger-state-inferred",
            parameter.route,
            f'"{parameter.name}" is sent the state of the trigger; no published connector does that, so the platform '
            "may not",
            "a pollingtrigger policy does the same and is known to work",
            severity="info",
        )
    elif operation.kind is OperationKind.POLLING and operation.method not in ("GET", "POST"):
        yield _finding(
            "trigger-method",
            operation.route,
            f'polls with {operation.method} are not known: published ones use GET, some POST, not "{operation.id}"',
        )


def _watermark(operation: Operation, subscription: Subscription, parameter: Parameter | None) -> Iterator[Finding]:
    if subscription.watermark and parameter is None:
        yield _finding(
            "watermark-not-used",
            operation.route,
            f'"{operation.id}" has no parameter that holds its state, so no watermark is sent',
            "leave it out",
        )


def _no_content(operation: Operation) -> Iterator[Finding]:
    """A webhook that is taken for polling would register something with each poll."""
    if places_of(operation):
        yield _finding(
            "notification-content-missing",
            operation.route,
            f'"{operation.id}" has a place for a callback URL, and its path has no "x-ms-notification-content", so it '
            "is no webhook",
            'give it to the path, beside the methods: "x-ms-notification-content": {"schema": …}',
            severity="error",
        )


def _interval(operation: Operation, subscription: Subscription, settings: Settings) -> Iterator[Finding]:
    if subscription.interval < settings.minimum_interval:
        yield _finding(
            "interval-too-short",
            operation.route,
            f"polls come every {settings.minimum_interval:g} s, not every {subscription.interval:g}: that is the least",
            "lower the minimum interval for work on your own machine",
            severity="info",
        )
    elif subscription.interval < DEFAULTS.minimum_interval:
        yield _finding(
            "interval-below-platform",
            operation.route,
            f"polls come every {subscription.interval:g} s; on the platform at most every "
            f"{DEFAULTS.minimum_interval:g} s",
            severity="info",
        )
