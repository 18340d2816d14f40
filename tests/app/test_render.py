"""Calls as people and programs read them."""

from __future__ import annotations

from dataclasses import replace

from tieline.app.call import CallResult, Outcome
from tieline.app.findings import described, located
from tieline.app.render import body_text, message_lines, pretty, result_json, summary_lines, trace_lines
from tieline.formats import folder
from tieline.model import (
    ApiError,
    ErrorDetail,
    Exchange,
    Failure,
    Finding,
    Position,
    Redactor,
    Reply,
    Request,
    Route,
    Secret,
    Severity,
    TraceEntry,
)

CONNECTOR = folder.read(folder.new_connector_files("Things", "api.example.com", "api-key"), "Things")
BOUND = Request(method="POST", url="https://api.example.com/t?k=s3cret-key", headers=(("X-API-Key", "s3cret-key"),))
SIGNED = Request(method="POST", url=BOUND.url, headers=(*BOUND.headers, ("X-B", "2")), body=b'{"token": "s3cret-key"}')
REPLY = Reply(status=200, reason="OK", headers=(("Content-Type", "application/json"),), body=b'{"echo": "s3cret-key"}')


def result(**fields: object) -> CallResult:
    """A result whose exchange has those fields."""
    given = {"operation": "Op", "request": SIGNED, "reply": REPLY, "secrets": (Secret("s3cret-key"),), **fields}
    return CallResult(connector=CONNECTOR, exchange=Exchange(**given))  # type: ignore[arg-type]


def test_a_trace_shows_changes_and_hides_secrets() -> None:
    """Each step shows what it changed as a diff; the key is nowhere, not even in a body that echoes it."""
    trace = (
        TraceEntry(step="bind", title="1 argument", after=BOUND, route=Route("apiDefinition.swagger.json", ("paths",))),
        TraceEntry(step="policy", title="set", before=BOUND, after=SIGNED),
        TraceEntry(step="send", title="POST: 200", before=SIGNED, after=REPLY),
    )
    lines = trace_lines(result(trace=trace))
    assert lines[0].startswith("1. bind: 1 argument  (apiDefinition.swagger.json:")
    assert "   +X-B: 2" in lines
    assert not [line for line in lines if "s3cret" in line]
    shown = result_json(result(trace=trace))
    assert "s3cret" not in str(shown["trace"])
    assert shown["body"] == {"echo": "s3cret-key"}


def test_an_error_and_a_failure_hide_secrets() -> None:
    """What the service says about the key that it was sent, and a host that is a connection parameter."""
    error = ApiError(status=401, code="bad", message="bad key s3cret-key", details=(ErrorDetail(message="s3cret-key"),))
    assert "s3cret" not in str(result_json(result(error=error))["error"])
    failure = Failure(kind="dns", message='no host "s3cret-key"')
    assert result_json(result(reply=None, failure=failure))["failure"]["message"] == 'no host "***"'


def test_a_reply_that_repeats_the_key_anywhere() -> None:
    """A service may say the key in the reason or in the name of a header."""
    reply = replace(REPLY, reason="no s3cret-key\x1b[2J", headers=(("X-s3cret-key", "1"),))
    trace = (TraceEntry(step="send", title="", before=SIGNED, after=reply),)
    shown = result(reply=reply, trace=trace)
    assert "s3cret" not in str(result_json(shown)["trace"])
    assert "s3cret" not in str([summary_lines(shown.exchange), trace_lines(shown)])
    assert "\x1b" not in str(summary_lines(shown.exchange)[0])


def test_a_reply_that_is_nested_deeper_than_anybody_writes() -> None:
    """Such JSON is shown as the text that came, secrets hidden."""
    deep = "[" * 900 + '"s3cret-key"' + "]" * 900
    reply = replace(REPLY, body=deep.encode())
    shown = result(reply=reply, trace=(TraceEntry(step="send", title="", before=SIGNED, after=reply),))
    assert result_json(shown)["body"] == deep
    assert result_json(shown)["trace"][0]["after"]["body"] == deep.replace("s3cret-key", "***")
    assert f"   {deep}".replace("s3cret-key", "***") in trace_lines(shown)


def test_outcomes() -> None:
    """The four ways in which a call ends."""
    bound = (TraceEntry(step="bind", title=""),)
    error = Finding(rule="x", route=Route(), message="m", severity=Severity.ERROR)
    assert result().outcome is Outcome.ANSWERED
    assert result(reply=Reply(status=500)).outcome is Outcome.ERROR_REPLY
    assert result(request=None, reply=None, findings=(error,)).outcome is Outcome.REFUSED
    assert result(request=None, reply=None, findings=(error,), trace=bound).outcome is Outcome.NOT_DONE
    assert result(findings=(error,), trace=bound).outcome is Outcome.NOT_DONE
    assert result(reply=None, failure=Failure(kind="dns", message="m"), trace=bound).outcome is Outcome.NOT_DONE


def test_summaries() -> None:
    """One line for an answer; the service's own words for an error; message and remedy for no reply."""
    assert summary_lines(result().exchange)[0].startswith("200 OK  POST https://api.example.com/t?k=***")
    error = ApiError(status=400, code="Bad", message="no")
    assert summary_lines(result(reply=Reply(status=400), error=error).exchange)[1] == "  Bad: no"
    silent = replace(error, details=(ErrorDetail(raw={}), ErrorDetail(field="a", message="b")))
    assert summary_lines(result(reply=Reply(status=400), error=silent).exchange)[1:] == ["  Bad: no", "  a: b"]
    failure = Failure(kind="connect", message="refused", remedy="start it")
    assert summary_lines(result(reply=None, failure=failure).exchange) == ["error: refused", "  start it"]


def test_texts_for_a_terminal() -> None:
    """Control characters cannot drive the terminal; bytes are counted, JSON is laid out."""
    assert pretty("a\x1b[31mb\n") == "a\\x1b[31mb\n"
    assert body_text(b"\xff\x00") == "(2 bytes)"
    assert body_text({"a": 1}) == '{\n  "a": 1\n}'
    assert message_lines(REPLY, Redactor())[0] == "200"


def test_findings_have_place_and_remedy() -> None:
    """File, line and column where they are known; the route where only that is."""
    finding = Finding(
        rule="r", route=Route("f.json", ("a",)), message="m", remedy="do it", position=Position(line=2, column=3)
    )
    assert described(finding) == "f.json:2:3: warning: m [r]\n  do it"
    assert located(finding, {})["line"] == 2
    assert described(Finding(rule="r", route=Route("f.json", ("a",)), message="m")) == "f.json#/a: warning: m [r]"
