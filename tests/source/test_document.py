"""Reading documents: repairs, errors, YAML's meaning, limits, and what holds for any input at all."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import DocumentError, Position, Route, Severity
from tieline.source import Limits, SourceDocument, dump, read

DATA = Path(__file__).parent / "data"


def cases(name: str) -> list[Any]:
    """The cases of a data file, named in the output of a failing run."""
    return [pytest.param(case, id=case["name"]) for case in json.loads((DATA / name).read_text(encoding="utf-8"))]


def data_of(case: dict[str, Any]) -> bytes:
    """The bytes that a case reads."""
    return case["latin1"].encode("latin-1") if "latin1" in case else case["text"].encode()


def outcome(data: bytes) -> SourceDocument | DocumentError:
    """What becomes of some bytes: a document, or the error as a value."""
    try:
        return read(data, "x")
    except DocumentError as error:
        return error


def places(document: SourceDocument) -> list[str]:
    """Findings as data files write them."""
    found = []
    for finding in document.findings:
        assert finding.position is not None
        found.append(f"{finding.rule}@{finding.position.line}:{finding.position.column}")
    return found


@pytest.mark.parametrize("case", [*cases("repairs.json"), *cases("yaml.json")])
def test_read(case: dict[str, Any]) -> None:
    """A text reads as the value that its author meant, with a finding for each repair."""
    document = read(data_of(case), "x.json")
    assert json.dumps(document.value) == json.dumps(case["value"])
    assert places(document) == case["findings"]
    assert document.data == data_of(case)
    for finding in document.findings:
        assert finding.message
        assert finding.remedy
        assert finding.route == Route("x.json")


@pytest.mark.parametrize("case", cases("errors.json"))
def test_hopeless(case: dict[str, Any]) -> None:
    """Text beyond repair gives one error that says where, what, and what to do."""
    with pytest.raises(DocumentError) as caught:
        read(data_of(case), "x.json")
    finding = caught.value.finding
    assert finding.position is not None
    assert f"{finding.rule}@{finding.position.line}:{finding.position.column}" == case["error"]
    assert finding.message == case["message"]
    assert finding.remedy
    assert finding.route == Route("x.json")


def test_every_repair_is_told_apart_by_severity() -> None:
    """A repair that guesses at the structure is an error, one that is plain to see a warning."""
    assert [finding.severity for finding in read(b'{"a": [1}', "x").findings] == [Severity.ERROR]
    assert [finding.severity for finding in read(b'{"a": 1,}', "x").findings] == [Severity.WARNING]


def test_many_equal_repairs() -> None:
    """Of many equal repairs the first hundred are shown, and one more finding says how many there are besides."""
    document = read(b"[" + b"{,}," * 250 + b"1]", "x")
    assert len(document.findings) == 101
    assert "150 more" in document.findings[-1].message
    latin = read(b'["' + b"\xe9" * 130 + b'"]', "x")
    assert latin.value == ["é" * 130]
    assert len(latin.findings) == 101
    assert "30 more" in latin.findings[-1].message


def refused(data: bytes, limits: Limits) -> str:
    """The rule by which a document is refused."""
    with pytest.raises(DocumentError) as caught:
        read(data, "x", limits)
    assert caught.value.finding.remedy
    assert caught.value.finding.position is not None
    return caught.value.finding.rule


@pytest.mark.parametrize(
    "data", [b"[1, 2, 3, 4]", b"[1, 2, 3, 4,]", b"- 1\n- 2\n- 3\n- 4\n"], ids=["strict", "tolerant", "yaml"]
)
def test_limits(data: bytes) -> None:
    """Size, depth and number of values are limited in every way of reading, and exactly at the limit it still reads."""
    assert refused(data, Limits(size=len(data) - 1)) == "too-large"
    assert refused(data, Limits(nodes=4)) == "too-many-values"
    assert refused(data, Limits(depth=0)) == "too-deep"
    assert read(data, "x", Limits(size=len(data), nodes=5, depth=1)).value == [1, 2, 3, 4]


@pytest.mark.parametrize("tail", ["", ","], ids=["strict", "tolerant"])
def test_depth_of_json(tail: str) -> None:
    """254 levels are read, as many as can be written again; one more is refused."""
    assert dump(read(("[" * 254 + tail + "]" * 254).encode(), "x").value).startswith(b"[\n  [")
    assert refused(("[" * 255 + tail + "]" * 255).encode(), Limits()) == "too-deep"
    assert refused(("[" * 5000 + tail + "]" * 5000).encode(), Limits()) == "too-deep"
    assert refused(('{"a":' * 100_000).encode(), Limits()) == "too-deep"


@pytest.mark.parametrize("text", ["a: " + "[" * 300, "- " * 300, "".join(" " * n + "a:\n" for n in range(300))])
def test_depth_of_yaml(text: str) -> None:
    """Deep YAML is refused, whether by brackets, dashes or indentation."""
    assert refused(text.encode(), Limits()) == "too-deep"


def test_alias_bombs() -> None:
    """What aliases expand to is limited by number, by size and by depth, before anything is expanded."""
    laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(97 + n)}: &{chr(97 + n)} [{','.join(['*' + chr(96 + n)] * 10)}]\n" for n in range(1, 9)
    )
    assert refused(laughs.encode(), Limits()) == "too-many-values"
    assert refused(b"a: &a " + b"x" * 100_000 + b"\nb: [" + b"*a," * 1000 + b"]\n", Limits()) == "too-large"
    chain = "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300))
    assert refused(chain.encode(), Limits()) == "too-deep"


HOSTILE = {
    "unclosed quotes": b"{\n" + b'"a\n' * 30_000,
    "backslashes": b'{"' + b"\\" * 200_000,
    "commas": b"[" + b"," * 50_000,
    "spaces": b"[" + b" " * 500_000,
    "newlines": b"[\n" + b"\n" * 500_000 + b"1",
    "spaces and commas in a string": b'["' + b" ," * 100_000 + b'"x',
    "digits": b"[" + b"1" * 500_000 + b"]",
    "digits and a letter": b"[1." + b"0" * 500_000 + b"x]",
    "numbers": b"[" + b"1 " * 50_000 + b"]",
    "comment openers": b"[" + b"/*" * 200_000,
    "comments": b"[" + b"//\n" * 50_000,
    "single quotes": b"['" + b"\\'" * 200_000,
    "same key": b"{" + b'"a":1,' * 50_000 + b"}",
    "closers": b"{}" + b"}" * 200_000,
    "one long line after a short one": b"[\n" + b"{}," * 30_000 + b"{",
    "broken escapes": b'["' + b"\\u00" * 50_000 + b'"]',
    "not UTF-8": b"[\n" + b"{" * 200 + b"\xff" * 200_000,
    "colons": b"[" + b'"a":' * 50_000,
    "same key in YAML": b"k: v\n" * 30_000,
    "merges": b"m: &m {"
    + b",".join(b"a%d: 1" % n for n in range(1000))
    + b"}\n"
    + b"".join(b"n%d: {<<: *m}\n" % n for n in range(100)),
    "long unclosed YAML quote": b'a: "' + b"x\n" * 200_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text(data: bytes) -> None:
    """No text takes time beyond what its length is worth: quadratic work would take minutes here."""
    start = time.process_time()
    result = outcome(data)
    assert isinstance(result, SourceDocument) or result.finding.remedy
    assert time.process_time() - start < 10


def test_snippet() -> None:
    """A snippet is the line with a caret below the column; of a long line the part around it."""
    document = read('{\n\t"é": "x",}'.encode(), "x")
    position = document.findings[0].position
    assert position == Position(line=2, column=10)
    assert document.snippet(position) == ' "é": "x",}\n         ^'
    long = read(b'{"a": "' + b"x" * 500 + b'", "b" 1}', "x")
    line, caret = long.snippet(long.findings[0].position or Position(line=1, column=1)).split("\n")
    assert len(line) <= 102
    assert line.startswith("…")
    assert line[: len(caret) - 1].endswith('"b"')
    assert document.snippet(Position(line=99, column=3)) == "\n^"


def test_dump() -> None:
    """A new document is UTF-8, indented by two, keys as given, with a final newline; big integers stay."""
    assert dump({"b": ["é", {}], "a": None}) == '{\n  "b": [\n    "é",\n    {}\n  ],\n  "a": null\n}\n'.encode()
    assert dump({"big": 2**70}) == b'{\n  "big": 1180591620717411303424\n}\n'
    assert dump("\ud800") == b'"\\ud800"\n'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=5), children, max_size=4),
    max_leaves=12,
)


@given(json_values)
@settings(deadline=None)
def test_round_trip(value: Any) -> None:
    """Any JSON value reads as itself, however it is laid out and encoded; only integers beyond 64 bits are noted."""
    for data in (
        dump(value),
        json.dumps(value, indent=1).encode(),
        json.dumps(value, ensure_ascii=False).encode("utf-16"),
    ):
        document = read(data, "x")
        assert json.dumps(document.value) == json.dumps(value)
        assert document.format == "json"
        assert {finding.rule for finding in document.findings} <= {"big-number", "not-utf-8"}


def is_sound(data: bytes) -> None:
    """Reads or raises DocumentError; what it reads is JSON, and every place in it has a position."""
    document = outcome(data)
    if isinstance(document, DocumentError):
        assert document.finding.position is not None
        assert document.finding.remedy
        return

    def check(value: Any, route: Route) -> None:
        position = document.position(route)
        assert position is not None
        assert document.snippet(position)
        if type(value) is dict:
            for key, item in value.items():
                assert type(key) is str
                check(item, route / key)
        elif type(value) is list:
            for index, item in enumerate(value):
                check(item, route / index)
        elif type(value) is str:
            value.encode()
        elif type(value) is float:
            assert math.isfinite(value)
        else:
            assert value is None or type(value) in (bool, int)

    check(document.value, Route("x"))


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=300)
def test_any_bytes(data: bytes) -> None:
    """Any bytes read or raise DocumentError, nothing else."""
    is_sound(data)


PIECES = (
    *"{}[]:,\"\\-%@`~#|>?'\t\n",
    *(
        '"a"',
        '"b',
        "'c'",
        "1",
        "true",
        "nan",
        "  ",
        "//x\n",
        "/*",
        "*/",
        "\\u12",
        "0x",
        "&a ",
        "*a",
        "<<: ",
        "- ",
        "? ",
    ),
    *("!!str ", "é", "\x01", "\r\n", "\ufeff", "---\n", ".inf", "\ud800"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=25))
@settings(deadline=None, max_examples=1000)
def test_any_pieces(pieces: list[str]) -> None:
    """Any sequence of what JSON and YAML are made of reads or raises DocumentError, nothing else."""
    is_sound("".join(pieces).encode("utf-8", "surrogatepass"))


@given(json_values, st.randoms(use_true_random=False), st.sampled_from([None, 2, "\t"]))
@settings(deadline=None, max_examples=500)
def test_any_broken_json(value: Any, random: Any, indent: int | str | None) -> None:
    """JSON with characters removed, inserted or cut off reads or raises DocumentError, nothing else."""
    text = list(json.dumps(value, indent=indent, ensure_ascii=False))
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(text) + 1)
        chance = random.random()
        if chance < 0.5:
            del text[at : at + 1]
        elif chance < 0.8:
            text.insert(at, random.choice('{}[]:,"\n x1\\'))
        else:
            del text[at:]
    is_sound("".join(text).encode("utf-8", "surrogatepass"))


@pytest.mark.corpus
def test_corpus(shared: Path) -> None:
    """Every published file reads; strict JSON reads as orjson reads it, without findings; repaired files have some."""
    corpus = shared / "corpus"
    paths = [
        *corpus.glob("connectors/**/*.json"),
        *(path for folder in ("openapi", "swagger2") for path in (corpus / folder).rglob("*.*") if path.is_file()),
    ]
    repaired = {}
    for path in paths:
        data = path.read_bytes()
        document = read(data, path.name)
        assert document.data == data
        assert isinstance(document.value, dict | list), path
        if document.findings:
            repaired[str(path.relative_to(corpus))] = {finding.rule for finding in document.findings}
        elif document.format == "json":
            assert document.value == orjson.loads(data)
    assert len(paths) >= 578
    assert len(repaired) == 13, repaired
    rules = set().union(*repaired.values())
    assert rules == {
        *("byte-order-mark", "trailing-comma", "missing-comma", "extra-bracket", "unclosed-object", "not-utf-8"),
    }
