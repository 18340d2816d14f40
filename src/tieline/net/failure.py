"""From an exception of the HTTP client to a ``model.Failure``: which kind it is, and how it reads to a person.

The exceptions are told apart by the names of their classes, so nothing here imports the client. Messages name host and
port and never a path, a query or a header: those may hold secrets.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from ..model import Failure
from ..model.exchange import FailureKind

KINDS: dict[str, FailureKind] = {
    "ClientConnectorDNSError": "dns",
    "ClientConnectorCertificateError": "tls",
    "ClientConnectorSSLError": "tls",
    "ClientSSLError": "tls",
    "ServerFingerprintMismatch": "tls",
    "ClientConnectorError": "connect",
    "ClientProxyConnectionError": "connect",
    "ClientHttpProxyError": "connect",
    "UnixClientConnectorError": "connect",
    "ConnectionTimeoutError": "timeout",
    "SocketTimeoutError": "timeout",
    "ServerTimeoutError": "timeout",
    "TimeoutError": "timeout",
    "ServerConnectionError": "truncated",
    "ServerDisconnectedError": "truncated",
    "ClientConnectionError": "truncated",
    "ClientConnectionResetError": "truncated",
    "ClientOSError": "truncated",
    "OSError": "truncated",
    "ClientPayloadError": "truncated",
    "UploadAbortedError": "truncated",
    "ClientError": "protocol",
    "ClientResponseError": "protocol",
    "ContentTypeError": "protocol",
    "TooManyRedirects": "protocol",
    "WSMessageTypeError": "protocol",
    "WSServerHandshakeError": "protocol",
    "InvalidURL": "url",
    "InvalidUrlClientError": "url",
    "InvalidUrlRedirectClientError": "url",
    "NonHttpUrlClientError": "url",
    "NonHttpUrlRedirectClientError": "url",
    "RedirectClientError": "url",
    "ValueError": "url",
}
"""Exception class of aiohttp (or builtin) -> kind; a test holds it complete. The nearest base class counts."""

NEVER_SENT = frozenset(("dns", "connect", "tls", "url"))
"""Kinds that mean that the service has not seen the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What was tried, as far as a message may tell it."""

    host: str
    """Host of the service, without brackets."""
    port: int
    """Its port."""
    secure: bool = False
    """Whether TLS was meant."""
    proxy: str = ""
    """``host:port`` of the proxy; empty for none."""
    timeout: float
    """Seconds for the whole request."""
    connect_timeout: float
    """Seconds for looking up and connecting."""
    sent: bool = False
    """Whether the request, or a part of it, was handed to a connection."""
    replying: bool = False
    """Whether the head of a reply came."""

    @property
    def service(self) -> str:
        """The service, in quotes."""
        return quoted(self.host, self.port)


def quoted(host: str, port: int) -> str:
    """``"host:port"`` with quotes, IPv6 addresses in brackets."""
    return f'"[{host}]:{port}"' if ":" in host else f'"{host}:{port}"'


def failure_of(error: BaseException, attempt: Attempt) -> Failure:
    """The failure that an exception of the HTTP client means."""
    kind = _kind(error, attempt)
    message, remedy = _WORDS[kind](error, attempt)
    sent = kind not in NEVER_SENT and (attempt.sent or kind == "truncated")
    return Failure(kind=kind, message=message, remedy=remedy, sent=sent)


def too_large(attempt: Attempt, cap: int, how: str = "") -> Failure:
    """The failure for a reply above the cap; ``how`` adds what was special about it."""
    return Failure(
        kind="too-large",
        message=f"reply of {attempt.service} is larger than {_size(cap)}{how}",
        remedy="ask for less at a time: a filter, or smaller pages",
        sent=True,
    )


def undecodable(attempt: Attempt, coding: str, *, truncated: bool) -> Failure:
    """The failure for a body that is not in the coding that its header names."""
    words = (
        f'ends inside its "{coding}" coding' if truncated else f'names the coding "{coding}" and its body is not in it'
    )
    return Failure(
        kind="truncated" if truncated else "protocol",
        message=f"reply of {attempt.service} {words}",
        remedy='the fault is the service\'s; sending "Accept-Encoding: identity" may avoid it',
        sent=True,
    )


def _kind(error: BaseException, attempt: Attempt) -> FailureKind:
    if isinstance(error.__cause__, ssl.SSLError):
        # A client certificate is refused after the handshake in TLS 1.3, on the first read.
        return "tls"
    kind: FailureKind = next(
        (KINDS[base.__name__] for base in type(error).__mro__ if base.__name__ in KINDS), "protocol"
    )
    broke_off = isinstance(error.__cause__, ConnectionResetError | ConnectionAbortedError)
    return "tls" if kind == "connect" and attempt.secure and broke_off else kind


def _dns(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    problem = getattr(error, "os_error", None)
    name, what = _peer(error, attempt)
    what = what.replace("service", "host")
    reason = "was not found"
    if isinstance(problem, socket.gaierror) and problem.errno == socket.EAI_AGAIN:
        reason = "could not be looked up just now"
    return f"{what} {name} {reason}", "check the spelling, the network and DNS; behind a company proxy give --proxy URL"


def _connect(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    status = getattr(error, "status", None)
    if status is not None:
        words = f'proxy "{attempt.proxy}" answered {status} when asked for a connection to {attempt.service}'
        if status == 407:
            return words, "give user and password: --proxy http://user:password@host:port"
        return words, "check whether the proxy may reach that host"
    problem = getattr(error, "os_error", error)
    name, what = _peer(error, attempt)
    if isinstance(problem, ConnectionRefusedError) or getattr(problem, "winerror", None) == 1225:
        return f"{what} {name} refused the connection", "start it, or check host and port"
    reason = _reason(problem)
    return f"no connection to {what} {name}: {reason}", "check host, port, network and proxy"


def _tls(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    problem = getattr(error, "certificate_error", None) or error.__cause__ or error
    if isinstance(problem, ssl.SSLCertVerificationError):
        words, remedy = CERTIFICATE.get(problem.verify_code, (problem.verify_message.lower(), TRUST))
        if problem.verify_code in (62, 64):
            return f"the certificate of {attempt.service} is for another host", remedy
        return f"the certificate of {attempt.service} {words}", remedy
    if isinstance(problem, ConnectionError):
        return f"{attempt.service} ended the connection inside the TLS handshake", HANDSHAKE_REMEDY
    reason = getattr(problem, "reason", None) or ""
    for word, words, remedy in HANDSHAKE:
        if word in reason:
            return f"{attempt.service} {words}", remedy
    return (
        f"no secure connection to {attempt.service}: {_reason(problem)}",
        "check that the service speaks TLS at that port",
    )


HANDSHAKE_REMEDY = "check that the service speaks TLS at that port; it may also want a client certificate: --cert FILE"
TRUST = "if you trust it, give the certificate of its issuer: --ca FILE"

CERTIFICATE = {
    9: ("is not valid yet", "check this machine's clock, else tell the service's owner"),
    10: ("has expired", "tell the service's owner; --insecure calls it all the same"),
    18: ("is self-signed", "if you trust it, give it: --ca FILE"),
    19: ("comes from an issuer that this machine does not trust", TRUST),
    20: ("comes from an issuer that this machine does not know", TRUST),
    21: ("comes from an issuer that this machine does not know", TRUST),
    23: ("was revoked", "tell the service's owner"),
    62: ("", "call the name that the certificate is made for; --insecure calls it all the same"),
    64: ("", "call the name that the certificate is made for; --insecure calls it all the same"),
}
"""OpenSSL's verify codes (x509_vfy.h) -> words and remedy."""

HANDSHAKE = (
    ("CERTIFICATE_REQUIRED", "asks for a client certificate", "give one: --cert FILE"),
    ("UNKNOWN_CA", "does not trust the client certificate", "give one that the service knows: --cert FILE"),
    ("BAD_CERTIFICATE", "refused the client certificate", "give one that the service knows: --cert FILE"),
    ("CERTIFICATE_EXPIRED", "says that the client certificate has expired", "give a new one: --cert FILE"),
    ("CERTIFICATE_UNKNOWN", "refused the client certificate", "give one that the service knows: --cert FILE"),
    ("WRONG_VERSION_NUMBER", "does not speak TLS", 'try "http://", or another port'),
    ("HTTP_REQUEST", "does not speak TLS", 'try "http://", or another port'),
    ("PROTOCOL_VERSION", "speaks only TLS versions that are too old", "the service has to offer TLS 1.2 or later"),
    ("UNSUPPORTED_PROTOCOL", "speaks only TLS versions that are too old", "the service has to offer TLS 1.2 or later"),
    (
        "HANDSHAKE_FAILURE",
        "refused the TLS handshake",
        "it may want a client certificate (--cert FILE) or another host name",
    ),
    ("UNRECOGNIZED_NAME", "does not serve that host name", "check the host"),
    (
        "UNEXPECTED_EOF",
        "ended the connection inside the TLS handshake",
        "check that the service speaks TLS at that port",
    ),
)
"""Part of OpenSSL's reason -> words and remedy; the first that fits counts."""


def _timeout(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    if attempt.replying:
        return (
            f"reply of {attempt.service} was not complete after {attempt.timeout:g} s",
            "ask for less at a time, or give it longer: --timeout SECONDS",
        )
    if attempt.sent:
        return f"no reply from {attempt.service} within {attempt.timeout:g} s", "give it longer: --timeout SECONDS"
    seconds = min(attempt.timeout, attempt.connect_timeout)
    what = f'proxy "{attempt.proxy}"' if attempt.proxy else attempt.service
    return f"no connection to {what} within {seconds:g} s", "check host, port, network and proxy"


def _truncated(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    where = "inside its reply" if attempt.replying else "before it replied"
    remedy = "try again; if it stays, the service or something between here and there breaks the connection"
    return f"{attempt.service} ended the connection {where}", remedy


def _protocol(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    message = " ".join(str(getattr(error, "message", "")).split())
    if message.startswith("Got more than"):
        return f"reply of {attempt.service} has a header that is too large", "the service has to send shorter headers"
    return f"what {attempt.service} sent is not HTTP", "check scheme, host and port"


def _url(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    return f"{attempt.service} cannot be called: the host is not valid", "check the host's spelling"


_WORDS: dict[FailureKind, Callable[[BaseException, Attempt], tuple[str, str]]] = {
    "dns": _dns,
    "connect": _connect,
    "tls": _tls,
    "timeout": _timeout,
    "truncated": _truncated,
    "protocol": _protocol,
    "url": _url,
}


def _peer(error: BaseException, attempt: Attempt) -> tuple[str, str]:
    """Who did not answer, in quotes, and what it is: the proxy where the error is about that."""
    host, port = getattr(error, "host", attempt.host), getattr(error, "port", attempt.port)
    name = quoted(host, port)
    if attempt.proxy and name == f'"{attempt.proxy}"':
        return name, "proxy"
    return name, "service"


def _reason(problem: BaseException) -> str:
    """The system's words in lower case, without what changes from run to run."""
    text = getattr(problem, "reason", None) or getattr(problem, "strerror", None) or type(problem).__name__
    return str(text).lower().replace("_", " ").rstrip(".")


def _size(cap: int) -> str:
    """A cap for a person: ``100 MB``, ``1000 bytes``."""
    return f"{cap >> 20} MB" if cap >= 1 << 20 and cap % (1 << 20) == 0 else f"{cap} bytes"
