"""Making a connection: what the platform's form asks for, signing in, trying it, keeping it.

The faces give what asks a person (``Ask``) and what shows something (``Show``); everything else is the same for all.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Literal

from ..auth import oauth, oauth_parameter, parameter_set
from ..auth.form import Question, parameters_of
from ..model import (
    AllowedValue,
    Connection,
    ConnectionParameter,
    Connector,
    DocumentError,
    Finding,
    Grant,
    GrantType,
    Login,
    ParameterSet,
    Redactor,
    Secret,
    Severity,
    StoredConnection,
    TraceEntry,
)
from ..net.driver import Clock, SystemClock, run_sync
from ..net.transport import Transport
from ..store.connections import ConnectionStore, default_store
from ..store.names import check, folded
from .answers import Answers, Ask, filled, way_of
from .command_lines import quoted
from .connection_check import Check, Verdict, check_connection
from .connection_view import date, lasting
from .findings import located
from .identity import Talk
from .login import login_of, with_credentials
from .network import NetworkOptions
from .render import message_lines
from .sign_in import Notice, Show, SignIn, SignInOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectOptions:
    """What a person may say about a connection that is to be made."""

    name: str = ""
    """What it is called; empty for the connector's name."""
    replace: bool = False
    """Put it in the place of one of that name."""
    parameter_set: str = ""
    """Which of several ways to sign in."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Answers: connection parameters, placeholders of sign-in URLs, and what signing in takes (``client_secret``,
    ``certificate``, ``username``, ``password``, ``assertion``)."""
    client_id: str = ""
    client_secret: Secret | None = None
    token: Secret | None = None
    """An access token that somebody has: then nobody signs in."""
    login_server: str = ""
    """An origin that takes the place of that of all sign-in URLs."""
    sign_in: SignInOptions = field(default_factory=SignInOptions)
    test: bool = True
    """Whether the connection is tried."""
    keep: bool = False
    """Keep it also when the service refuses it."""
    folder: Path | None = None
    """The connector's folder."""
    network: NetworkOptions = NetworkOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A connection that was made."""

    stored: StoredConnection
    kept: bool
    """Whether it is in the store."""
    check: Check | None
    """What trying it gave; None when it was not tried."""
    findings: tuple[Finding, ...] = ()
    """What the person should know about the sign-in."""
    trace: tuple[TraceEntry, ...] = field(default=(), repr=False)
    """What was said to the identity provider, without secrets."""

    @property
    def works(self) -> bool:
        """Whether it is kept and nothing speaks against it."""
        return self.kept and (self.check is None or self.check.verdict in (Verdict.WORKS, Verdict.UNTRIED))

    def json(self) -> dict[str, Any]:
        """The published shape; no secret in it."""
        connection = self.stored.connection
        grant, check = connection.grant, self.check
        return {
            "version": 1,
            "name": connection.name,
            "connector": self.stored.connector,
            "parameterSet": connection.parameter_set,
            "grant": grant.type if grant else None,
            "scope": grant.scope if grant else "",
            "expires": date(grant.expires) if grant else None,
            "kept": self.kept,
            "test": None if check is None else _check_json(check),
            "findings": [located(finding, {}) for finding in self.findings],
            "trace": [line for entry in self.trace for line in trace_lines(entry)],
        }


def _check_json(check: Check) -> dict[str, Any]:
    status = check.result.status if check.result else None
    return {"verdict": check.verdict.value, "operation": check.operation, "status": status, "said": check.said}


def connect(
    connector: Connector,
    options: ConnectOptions,
    ask: Ask | None,
    show: Show,
    store: ConnectionStore | None = None,
) -> Connected:
    """The same as :func:`connect_async` for callers without an event loop."""
    return run_sync(connect_async(connector, options, ask, show, store))


async def connect_async(
    connector: Connector,
    options: ConnectOptions,
    ask: Ask | None,
    show: Show,
    store: ConnectionStore | None = None,
    *,
    clock: Clock | None = None,
    now: Callable[[], float] = time.time,
) -> Connected:
    """Make a connection, sign in where that is needed, try it, and keep it.

    ``ask`` is None when nobody can be asked. Raises DocumentError for a missing or wrong answer, a name that is taken,
    and a provider that cannot be signed in at from here; ServiceError for a sign-in that failed. Then nothing is kept.
    """
    store = store or default_store()
    answers = Answers(options.values, ask)
    name = _name(connector, options, store, answers)
    way = way_of(connector, options.parameter_set, answers)
    with _other_ways(connector, options.parameter_set, way):
        made = replace(filled(connector, way, answers), name=name)
    async with Transport(options.network.transport()) as transport:
        talk = Talk(transport)
        entrance = Entrance(
            options=options,
            answers=answers,
            talk=talk,
            show=show,
            clock=clock or SystemClock(),
            now=now,
            prepare=partial(store.prepare, name),
        )
        _say_gateway(connector, made, show)
        try:
            with _other_ways(connector, options.parameter_set, way):
                connection, findings = await entrance.signed_in(connector, made)
        finally:
            for entry in talk.trace:
                show(Notice(kind="trace", text="\n".join(trace_lines(entry))))
        tried = await check_connection(connector, connection, transport) if options.test else None
    kept = options.keep or tried is None or tried.verdict is not Verdict.REFUSED
    folder = "" if options.folder is None else str(options.folder.resolve())
    stored = StoredConnection(connection=connection, connector=connector.name, folder=folder)
    if kept:
        await asyncio.to_thread(_save, store, stored, replaces=options.replace)
    return Connected(stored=stored, kept=kept, check=tried, findings=findings, trace=tuple(talk.trace))


@contextmanager
def _other_ways(connector: Connector, named: str, taken: ParameterSet | None) -> Iterator[None]:
    """Says in the remedy of a wrong or missing answer that there are other ways to sign in, where nobody ``named`` one.

    ``taken`` is the one that was taken then.
    """
    try:
        yield
    except DocumentError as error:
        finding = error.finding
        others = [entry.name for entry in connector.properties.parameter_sets if entry is not taken]
        if named or not others or finding.rule not in OF_ONE_WAY:
            raise
        shown = ", ".join(quoted(name) for name in others[:MOST_WAYS])
        remedy = f"{finding.remedy}; or sign in another way: --parameter-set with one of {shown}"
        raise DocumentError(finding.rule, finding.message, remedy=remedy, route=finding.route) from None


OF_ONE_WAY = frozenset({"missing-answer", "missing-client-id", "sign-in-not-local", "missing-sign-in-url"})
"""Rules of errors that another way to sign in may not have."""

MOST_WAYS = 8
"""Ways that a remedy names."""


def _say_gateway(connector: Connector, made: Connection, show: Show) -> None:
    """Says so when the platform would go through a gateway, which is not here."""
    parameters = parameters_of(connector, parameter_set(connector, made))
    if any(entry.type == "gatewaysetting" for entry in parameters):
        said = "the on-premises data gateway exists on the platform only: calls from here go to the service directly"
        show(Notice(kind="warning", text=f"info: {said}"))


def _name(connector: Connector, options: ConnectOptions, store: ConnectionStore, answers: Answers) -> str:
    """What the connection is to be called. Raises DocumentError ``name-taken``."""
    wanted = options.name or connector.name
    taken = {folded(name) for name in store.names()}
    check(wanted)
    if options.replace or folded(wanted) not in taken:
        return wanted
    if not options.name and answers.ask is not None:
        free = next(name for number in count(2) if (name := f"{wanted} {number}") and folded(name) not in taken)
        said = f'There is a connection "{wanted}" already.'
        wanted = (
            answers.ask(Question(name="name", label="Name of the connection", description=said, default=free)) or free
        )
        check(wanted)
    if folded(wanted) in taken:
        raise _name_taken(wanted)
    return wanted


def _name_taken(name: str) -> DocumentError:
    return DocumentError(
        "name-taken",
        f'there is a connection "{name}" already',
        remedy="give another name with --name, or --replace that one",
    )


def _save(store: ConnectionStore, stored: StoredConnection, *, replaces: bool) -> None:
    """Keeps a connection, not while somebody renews the one in its place. Raises DocumentError ``name-taken`` for one
    that is there since the name was looked at."""
    name = stored.connection.name
    with store.locked(name):
        if not replaces and folded(name) in {folded(other) for other in store.names()}:
            raise _name_taken(name)
        store.save(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """What signing in takes besides the connection."""

    options: ConnectOptions
    answers: Answers
    talk: Talk
    show: Show
    clock: Clock
    now: Callable[[], float]
    prepare: Callable[[], None]
    """Raises what keeping the connection would raise: nobody should sign in for nothing."""

    async def signed_in(self, connector: Connector, made: Connection) -> tuple[Connection, tuple[Finding, ...]]:
        """The connection with what the provider gave, where the connector signs in at one."""
        parameter = oauth_parameter(connector, made)
        token = self._token(parameter)  # first, since it may be given as the parameter's value
        self._in_vain(parameter, token)
        if parameter is None or (token is None and not parameter.required and not self._wanted()):
            self.answers.finish()
            return made, ()
        if token is not None:
            self.answers.finish()
            return made.with_grant(parameter.name, Grant(type="given", access_token=token, obtained=self.now())), ()
        made, provider, grant = self._prepared(connector, parameter, made)
        self._say(provider)
        await asyncio.to_thread(self.prepare)
        sign_in = SignIn(
            provider=provider,
            login=made.login or Login(),
            options=self.options.sign_in,
            talk=self.talk,
            ask=self.answers.ask,
            show=self.show,
            clock=self.clock,
            now=self.now,
        )
        gained = await sign_in.gained(grant)
        made = replace(made, login=replace(made.login or Login(), redirect_url=gained.redirect_url))
        given = oauth.granted(gained.tokens, grant, self.now())
        ends = _ends(parameter, given)
        for finding in ends:
            self._tell(finding)
        return made.with_grant(parameter.name, given), (*provider.findings, *ends)

    def _wanted(self) -> bool:
        """Whether a sign-in that may be left out is wanted: something was said of it, or the person says so."""
        said = bool(self._said())
        if said or self.answers.ask is None:
            return said
        return self.answers.to(WANTED) == "yes"

    def _said(self) -> str:
        """The first option that says something of a sign-in; empty for none."""
        options = self.options
        said = {
            "--client-id": options.client_id,
            "--client-secret": options.client_secret,
            "--login-server": options.login_server,
            "--grant": options.sign_in.grant,
        }
        return next((name for name, value in said.items() if value), "")

    def _in_vain(self, parameter: ConnectionParameter | None, token: Secret | None) -> None:
        """Raises DocumentError for what is said of a sign-in where nobody signs in."""
        said = self._said()
        if said and parameter is None:
            raise DocumentError(
                "no-sign-in",
                f"the connector has no sign-in at an identity provider, so {said} says nothing",
                remedy='leave it out; "tieline show" says how the connector signs in',
            )
        if said and token is not None:
            message = f"an access token is given, so nobody signs in, and {said} says nothing"
            raise DocumentError("bad-argument", message, remedy="give the one or the other")

    def _token(self, parameter: ConnectionParameter | None) -> Secret | None:
        """The access token that was given, as such or as the parameter's value."""
        value = None if parameter is None else self.answers.given(parameter.name)
        token = Secret(value.strip()) if value is not None else self.options.token
        if token is None:
            return None
        if parameter is None:
            raise DocumentError(
                "no-sign-in",
                "the connector has no sign-in at an identity provider, so it takes no access token",
                remedy='give the connection parameters with --secret; "tieline show" lists them',
            )
        if not token.reveal():
            raise DocumentError("empty-secret", "the access token is empty", remedy="check where it comes from")
        return token

    def _prepared(
        self, connector: Connector, parameter: ConnectionParameter, made: Connection
    ) -> tuple[Connection, oauth.Provider, GrantType]:
        """The connection with all that signing in takes, the provider, and the way to sign in."""
        definitions = connector.definition.security_definitions
        start = Login(
            client_id=self.options.client_id,
            client_secret=self.options.client_secret,
            server=self.options.login_server.rstrip("/"),
        )
        made = replace(made, login=login_of(connector, parameter, made, start, self.answers))
        settings = oauth.Settings(pkce="on") if self.options.sign_in.pkce else oauth.Settings()
        provider = oauth.provider_of(
            parameter, made, definitions, settings=settings, now=self.now(), nonce=uuid.uuid4().hex
        )
        grant = self.options.sign_in.grant or provider.grants[0]
        if grant != provider.grants[0]:
            notes = oauth.not_on_platform(provider, grant)
            provider = replace(provider, findings=(*provider.findings, *notes))
        login = with_credentials(grant, made.login or Login(), self.answers)
        self.answers.finish()
        return replace(made, login=login), provider, grant

    def _say(self, provider: oauth.Provider) -> None:
        """Shows what the person should know of the provider. Raises DocumentError for what keeps it from working."""
        for finding in provider.findings:
            if finding.severity is Severity.ERROR:
                raise DocumentError(finding.rule, finding.message, remedy=finding.remedy, route=finding.route)
            self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        """Shows a finding."""
        kind: Literal["login-server", "warning"] = "login-server" if finding.rule == "login-server" else "warning"
        said = finding.message if kind == "login-server" else f"{finding.severity}: {finding.message} [{finding.rule}]"
        remedy = f"\n  {finding.remedy}" if finding.remedy else ""
        self.show(Notice(kind=kind, text=f"{said}{remedy}"))


def _ends(parameter: ConnectionParameter, grant: Grant) -> tuple[Finding, ...]:
    """A warning for a person's sign-in that nothing can renew once it has ended."""
    alone = grant.type not in ("authorization_code", "device_code")
    if alone or grant.refresh_token is not None or grant.expires is None:
        return ()
    return (
        Finding(
            rule="no-refresh-token",
            route=parameter.route,
            message="the identity provider gave no refresh token: the connection "
            + lasting(grant.expires, grant.obtained),
            remedy='ask for one by a scope, often "offline_access": the platform cannot renew it either',
            severity=Severity.WARNING,
        ),
    )


WANTED = Question(
    name="sign-in",
    label="Sign in at the identity provider?",
    description="Only some operations need it.",
    choices=(AllowedValue(value="no", text="No"), AllowedValue(value="yes", text="Yes")),
)


def trace_lines(entry: TraceEntry) -> list[str]:
    """What was said to an identity provider, for a terminal. ``Talk`` has taken the secrets out."""
    nothing = Redactor(())
    lines = [f"sign-in: {entry.title}"]
    lines += [
        "   " + line for message in (entry.before, entry.after) if message for line in message_lines(message, nothing)
    ]
    return lines if entry.failure is None else [*lines, f"   {entry.failure.message}"]
