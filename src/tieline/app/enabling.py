"""What is looked at before a trigger is switched on: what cannot work is refused, and nothing is called for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Connector, DocumentError, Finding, Operation, Severity, Subscription
from ..pipeline import bind
from ..triggers import Plan, Settings, plan, step
from ..triggers.protocol import Call, Enable
from .call import CallOptions, session_of
from .references import secret_from

if TYPE_CHECKING:
    from .running import Running


def refuse_name(name: str) -> None:
    """Raises DocumentError ``bad-name`` for a name that cannot be seen as it is."""
    if name != name.strip() or not name.isprintable():
        said = f"the name {name!a} begins or ends with a space, or has characters that cannot be seen"
        raise DocumentError("bad-name", said, remedy='choose a name such as "new orders"')


def planned(connector: Connector, operation: Operation, subscription: Subscription) -> Plan:
    """What the engine has to know. An interval below the platform's least one is taken, since it was asked for."""
    settings = Settings(minimum_interval=min(Settings().minimum_interval, max(subscription.interval, SHORTEST)))
    made = plan(connector, operation, subscription, settings)
    _refuse(made.findings)
    return made


SHORTEST = 0.1
"""Least seconds between polls that anybody can ask for."""


def _refuse(findings: tuple[Finding, ...]) -> None:
    """Raises DocumentError for a plan that cannot work."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        first, *more = errors
        raise DocumentError(first.rule, first.message, remedy=first.remedy, route=first.route, more=tuple(more))


def fitting(
    running: Running, connector: Connector, operation: Operation, one: Subscription, made: Plan
) -> tuple[Finding, ...]:
    """What is to be said of the arguments of a subscription. Raises DocumentError for a connection that is not there,
    an argument that the operation does not take, or a key that cannot be found: none of them mends itself."""
    for receiver in one.receivers:
        if receiver.secret:
            secret_from(receiver.secret)
    session = session_of(connector, CallOptions(server=one.server or None, connection=one.connection), running.keeper)
    url = running.intake.url(one.id, one.operation)
    moved = step(None, Enable(subscription=one, plan=made, callback_url=url), running.clock.now())
    call = next(command for command in moved.commands if isinstance(command, Call))
    found = bind(connector, operation, call.arguments, session.options).findings
    _refuse(found)
    return found
