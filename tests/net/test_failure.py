"""The table from the HTTP client's exceptions to failures."""

from __future__ import annotations

import inspect
import socket
import ssl
from types import SimpleNamespace
from typing import get_args

import aiohttp
import pytest
from aiohttp import client_exceptions

from tieline.model.exchange import FailureKind
from tieline.net.failure import KINDS, NEVER_SENT, Attempt, failure_of, too_large

ATTEMPT = Attempt(host="api.example.com", port=443, timeout=120, connect_timeout=10, sent=True)
KEY = SimpleNamespace(host="api.example.com", port=443, ssl=True, is_ssl=True)

EXCEPTIONS = [
    value
    for _, value in inspect.getmembers(client_exceptions, inspect.isclass)
    if issubclass(value, Exception) and value.__module__ == client_exceptions.__name__
]


@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda exception: exception.__name__)
def test_table_is_complete(exception: type[Exception]) -> None:
    """Every exception of the HTTP client has its own kind in the table."""
    assert exception.__name__ in KINDS


def test_table_has_nothing_else() -> None:
    """The table names only kinds that the model knows."""
    assert set(KINDS.values()) | {"too-large"} == set(get_args(FailureKind))
    assert set(get_args(FailureKind)) > NEVER_SENT


def os_error(number: int, text: str) -> aiohttp.ClientConnectorError:
    return aiohttp.ClientConnectorError(KEY, OSError(number, text))  # type: ignore[arg-type]


def handshake(reason: str) -> aiohttp.ClientConnectorSSLError:
    problem = ssl.SSLError(1, "[SSL] words")
    problem.reason = reason
    error = aiohttp.ClientConnectorSSLError(KEY, problem)
    error.__cause__ = problem
    return error


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            os_error(113, "No route to host"),
            "connect",
            'no connection to service "api.example.com:443": no route to host',
        ),
        (
            aiohttp.ClientConnectorDNSError(KEY, socket.gaierror(socket.EAI_AGAIN, "again")),  # type: ignore[arg-type]
            "dns",
            'host "api.example.com:443" could not be looked up just now',
        ),
        (
            handshake("TLSV1_ALERT_PROTOCOL_VERSION"),
            "tls",
            '"api.example.com:443" speaks only TLS versions that are too old',
        ),
        (handshake("SOMETHING_ELSE"), "tls", 'no secure connection to "api.example.com:443": something else'),
        (
            aiohttp.ClientConnectionResetError("x"),
            "truncated",
            '"api.example.com:443" ended the connection before it replied',
        ),
        (
            OSError(24, "Too many open files"),
            "truncated",
            '"api.example.com:443" ended the connection before it replied',
        ),
        (aiohttp.ClientError(), "protocol", 'what "api.example.com:443" sent is not HTTP'),
    ],
)
def test_words(error: Exception, kind: str, message: str) -> None:
    """A failure says in words what happened, and to whom."""
    failure = failure_of(error, ATTEMPT)
    assert (failure.kind, failure.message, failure.sent) == (kind, message, kind not in NEVER_SENT)
    assert failure.remedy


@pytest.mark.parametrize(
    ("cap", "words"), [(100 << 20, "100 MB"), (1000, "1000 bytes"), ((1 << 20) + 1, "1048577 bytes")]
)
def test_cap_in_words(cap: int, words: str) -> None:
    """The cap reads as a person would write it."""
    assert too_large(ATTEMPT, cap).message == f'reply of "api.example.com:443" is larger than {words}'


def test_address_of_version_6_has_brackets() -> None:
    """An IPv6 address is set apart from its port."""
    attempt = Attempt(host="::1", port=80, timeout=1, connect_timeout=1, sent=True)
    assert failure_of(TimeoutError(), attempt).message == 'no reply from "[::1]:80" within 1 s'
