"""Edits: what they change in the text, and what they never change."""

from __future__ import annotations

import copy
import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tieline.model import DocumentError, Edit, Route
from tieline.source import SourceDocument, edit, read

DATA = Path(__file__).parent / "data"
CASES = json.loads((DATA / "edits.json").read_text(encoding="utf-8"))


def edits_of(case: dict[str, Any]) -> list[Edit]:
    """The edits of a case."""
    return [
        Edit(route=Route("", tuple(one["set"])), action="set", value=one["value"])
        if "set" in one
        else Edit(route=Route("", tuple(one["remove"])), action="remove")
        for one in case["edits"]
    ]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_edit(case: dict[str, Any]) -> None:
    """An edit changes the text as its author would have; one that cannot is an error and changes nothing."""
    document = read(case["before"].encode(), "x")
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            edit(document, edits_of(case))
        assert caught.value.finding.rule == case["error"]
        assert str(caught.value) == case["message"]
        assert caught.value.finding.remedy
    else:
        assert edit(document, edits_of(case)).data.decode() == case["after"]
    assert document.data == case["before"].encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'\xef\xbb\xbf{"a": 1}', '\ufeff{"a": "ü"}'.encode()),
        ('\ufeff{"a": 1}'.encode("utf-16-le"), '\ufeff{"a": "ü"}'.encode("utf-16-le")),
        (b'{"x": "\xe9", "a": 1}', b'{"x": "\xe9", "a": "\\u00fc"}'),
        (b"x: \xe9\na: 1\n", b'x: \xe9\na: "\\xfc"\n'),
        (b'{"x": "\x93 \xc3\xa9", "a": 1}\r', b'{"x": "\x93 \xc3\xa9", "a": "\\u00fc"}\r'),
    ],
)
def test_encoding_stays(before: bytes, after: bytes) -> None:
    """Mark and encoding stay; new text in a file of unknown encoding is written in ASCII."""
    assert edit(read(before, "x"), [Edit(route=Route("", ("a",)), action="set", value="ü")]).data == after


def test_other_document() -> None:
    """An edit of another document is refused."""
    with pytest.raises(DocumentError, match='"y"') as caught:
        edit(read(b'{"a": 1}', "x"), [Edit(route=Route("y", ("a",)), action="set", value=2)])
    assert caught.value.finding.rule == "no-such-place"


texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    [
        "yes",
        "1.0",
        "a: b",
        "- x",
        "# c",
        "x\ny",
        "x\n\n",
        " lead",
        "null",
        "2024-01-01",
        "a #b",
        "'q'",
        '"',
        "{",
        "é\u2028",
        "\x7f",
        "~",
        "<<",
        "*a",
        "a:",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(texts, values, min_size=1, max_size=4)


def laid_out(value: Any, layout: str) -> str:
    """A value as a text in one of several layouts."""
    if layout == "json one line":
        return json.dumps(value)
    if layout == "json minified":
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if layout == "json tabs":
        return json.dumps(value, indent="\t").replace("\n", "\r\n") + "\r\n"
    if layout == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    return str(
        yaml.safe_dump(value, sort_keys=False, default_flow_style=layout == "yaml flow", allow_unicode=layout == "yaml")
    )


def written(value: Any, layout: str) -> SourceDocument:
    """A document that holds a value, provided that the layout can hold it."""
    try:
        document = read(laid_out(value, layout).encode(), "x")
    except DocumentError:
        assume(layout.startswith("json"))
        raise
    assume(exact(document.value) == exact(value) or layout.startswith("json"))
    return document


LAYOUTS = ["json", "json tabs", "json one line", "json minified", "yaml", "yaml ascii", "yaml flow"]


def routes(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The keys of every place in a value but the root, outermost first."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*keys, key)
        yield from routes(item, (*keys, key))


def at(value: Any, keys: tuple[str | int, ...]) -> Any:
    """The value at a place."""
    for key in keys:
        value = value[key]
    return value


def exact(value: Any) -> str:
    """A text that differs for different values; the order of keys does not count."""
    return json.dumps(value, sort_keys=True)


def possible(document: SourceDocument, one: Edit) -> SourceDocument | None:
    """The edited document; None where the editor declines, which is allowed only for YAML."""
    try:
        return edit(document, [one])
    except DocumentError as error:
        if error.finding.rule == "edit-not-possible" and document.format == "yaml":
            return None
        raise


@given(objects, values, st.sampled_from(LAYOUTS), st.data())
@settings(deadline=None, max_examples=600)
def test_any_edit(value: dict[str, Any], new: Any, layout: str, data: st.DataObject) -> None:
    """After any edit the place has the new value, all others keep theirs, and no new fault is in the text."""
    document = written(value, layout)
    keys = data.draw(st.sampled_from(list(routes(value))))
    holder = at(value, keys[:-1])
    wanted = copy.deepcopy(value)
    action = data.draw(st.sampled_from(["set", "add", "remove"]))
    if action == "remove":
        one = Edit(route=Route("", keys), action="remove")
        del at(wanted, keys[:-1])[keys[-1]]
    elif action == "set":
        one = Edit(route=Route("", keys), action="set", value=new)
        at(wanted, keys[:-1])[keys[-1]] = new
    elif isinstance(holder, dict):
        one = Edit(route=Route("", (*keys[:-1], "new key")), action="set", value=new)
        at(wanted, keys[:-1])["new key"] = new
    else:
        one = Edit(route=Route("", (*keys[:-1], len(holder))), action="set", value=new)
        at(wanted, keys[:-1]).append(new)
    edited = possible(document, one)
    if edited is not None:
        assert exact(edited.value) == exact(wanted)
        assert document.format == "yaml" or edited.format == "json"
        # Text in brackets that was YAML for what is gone now is JSON with YAML's quotes.
        known = {"single-quotes"} if document.format != edited.format else set()
        known |= {"big-number", *(one.rule for one in document.findings)}
        assert {finding.rule for finding in edited.findings} <= known


@given(objects, values, st.sampled_from(["json", "json tabs", "json minified", "yaml"]), st.data())
@settings(deadline=None, max_examples=200)
def test_add_and_remove(value: dict[str, Any], new: Any, layout: str, data: st.DataObject) -> None:
    """What was added and is removed again leaves no trace in the text, unless the container was empty before."""
    document = written(value, layout)
    holders = [keys for keys in [(), *routes(value)] if isinstance(at(value, keys), dict) and at(value, keys)]
    route = Route("", (*data.draw(st.sampled_from(holders)), "new key"))
    added = possible(document, Edit(route=route, action="set", value=new))
    removed = possible(added, Edit(route=route, action="remove")) if added else None
    if removed is not None:
        assert removed.data == document.data


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went, and lines that came."""
    delta = list(difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True)))
    return [line[2:] for line in delta if line[0] == "-"], [line[2:] for line in delta if line[0] == "+"]


@given(objects, st.integers(), st.sampled_from(["json", "json tabs", "yaml"]), st.data())
@settings(deadline=None, max_examples=200)
def test_one_value_changes_its_own_line(value: dict[str, Any], new: int, layout: str, data: st.DataObject) -> None:
    """Setting a number where one was changes one line; adding a key changes at most the line before it besides."""
    value["n"] = 1
    value["inner"] = {"n": 1}
    document = written(value, layout)
    keys = data.draw(st.sampled_from([("n",), ("inner", "n")]))
    before = document.text.text
    edited = edit(document, [Edit(route=Route("", keys), action="set", value=new)])
    gone, came = changed_lines(before, edited.text.text)
    assert len(gone) == len(came) <= 1
    added = edit(document, [Edit(route=Route("", (*keys[:-1], "added")), action="set", value=new)])
    gone, came = changed_lines(before, added.text.text)
    assert (len(gone), len(came)) in ((1, 2), (0, 1))


def sampled(value: Any, most: int) -> list[tuple[str | int, ...]]:
    """Some places of a value, spread over all of it."""
    found = list(routes(value))
    return found[:: max(1, len(found) // most)]


@pytest.mark.corpus
def test_corpus(shared: Path) -> None:
    """In published files one edited value changes only its own line, and every other byte stays."""
    corpus = shared / "corpus"
    edited_files = 0
    for path in [
        *corpus.glob("connectors/**/*.json"),
        *(corpus / "openapi").rglob("*.*"),
        *(corpus / "swagger2").rglob("*.*"),
    ]:
        if not path.is_file() or path.stat().st_size > 400_000:
            continue
        document = read(path.read_bytes(), path.name)
        scalars = [keys for keys in routes(document.value) if isinstance(at(document.value, keys), str)]
        keys = scalars[len(path.name) * 7919 % len(scalars)]
        old = at(document.value, keys)
        edited = edit(document, [Edit(route=Route(path.name, keys), action="set", value=old + "X")])
        before, after = document.data, edited.data
        begin = next(at for at in range(len(before)) if before[at : at + 1] != after[at : at + 1])
        tail = len(after) - len(before)
        rest = range(len(before) - begin)
        end = next((at for at in rest if before[-1 - at] != after[-1 - at]), len(before) - begin)
        assert b"\n" not in before[begin : len(before) - end] or "\n" in old, (path, keys)
        assert tail > 0
        assert len(edited.findings) == len(document.findings)
        edited_files += 1
    assert edited_files >= 560


@pytest.mark.corpus
def test_corpus_add_and_remove(shared: Path) -> None:
    """In published files a key is added and taken out again, and the text is what it was."""
    checked = 0
    for path in sorted((shared / "corpus").glob("*/**/*.*"))[::7]:
        if path.suffix not in (".json", ".yaml", ".yml") or path.stat().st_size > 400_000 or "postman" in path.parts:
            continue
        document = read(path.read_bytes(), path.name)
        if document.findings or not isinstance(document.value, dict):
            continue
        for keys in sampled(document.value, 5):
            if not isinstance(at(document.value, keys), dict) or not at(document.value, keys):
                continue
            route = Route(path.name, (*keys, "x-added"))
            added = edit(document, [Edit(route=route, action="set", value={"a": [1, "b"]})])
            assert at(added.value, keys)["x-added"] == {"a": [1, "b"]}
            assert edit(added, [Edit(route=route, action="remove")]).data == document.data, (path, keys)
            checked += 1
    assert checked >= 50
