"""Secrets by reference: no error shows one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.app.references import findings_of_references, pairs_of_references, secret_from
from tieline.model import DocumentError

POSIX = pytest.mark.skipif(os.name == "nt", reason="variables are always text there")
OTHERS_HOMES = pytest.mark.skipif(os.name == "nt", reason="any name has a home there, which may not exist")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\n\n", "s3cret\n"),
        (b" s3cret ", " s3cret "),
        (b"s3cret\r", "s3cret\r"),
        (b"\xef\xbb\xbfs3cr\xc3\xa9t\n", "s3crét"),
        ("\ufeffs3crét\r\n".encode("utf-16-le"), "s3crét"),
    ],
)
def test_a_file(tmp_path: Path, data: bytes, value: str) -> None:
    """The file's text, without a mark at its begin and one line end at its end."""
    file = tmp_path / ("key 1.txt" if os.name == "nt" else "key: 1.txt")
    file.write_bytes(data)
    assert secret_from(f"file:{file}").reveal() == value


def test_a_file_in_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``~`` is the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "key").write_text("s3cret", encoding="utf-8")
    assert secret_from("file:~/key").reveal() == "s3cret"


def test_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable's value as it is; a value may hold what it likes."""
    monkeypatch.setenv("MY_KEY", "env:a=b\n")
    assert pairs_of_references(["api_key=env:MY_KEY", "a b=env:MY_KEY"]) == {
        "api_key": "env:a=b\n",
        "a b": "env:a=b\n",
    }


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ("s3cret", "bad-reference"),
        ("s3cret:s3cret", "bad-reference"),
        ("env:", "bad-reference"),
        ("", "bad-reference"),
        ("env:UNSET_VARIABLE", "unset-variable"),
        ("env:A=B", "unset-variable"),
        ("env:\0", "unset-variable"),
        ("env:EMPTY_VARIABLE", "empty-secret"),
        ("file:/no/such/s", "no-such-file"),
        ("file:.", "unreadable-file"),
        ("file:\0", "unreadable-file"),
        ("file:BINARY", "unreadable-file"),
        ("file:EMPTY", "empty-secret"),
        ("file:HUGE", "unreadable-file"),
        pytest.param("file:~nobody-has-this-name/key", "unreadable-file", marks=OTHERS_HOMES),
        pytest.param("env:BINARY_VARIABLE", "unreadable-variable", marks=POSIX),
    ],
)
def test_bad_references(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, rule: str) -> None:
    """Each says what is wrong, with a remedy, and never repeats what may be a secret."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMPTY_VARIABLE", "")
    if os.name != "nt":
        monkeypatch.setenv("BINARY_VARIABLE", os.fsdecode(b"s3cret\xff"))
    Path("BINARY").write_bytes(b"s3cret\xff")
    Path("EMPTY").write_bytes(b"\n")
    Path("HUGE").write_bytes(b"s3cret" * 200_000)
    with pytest.raises(DocumentError) as caught:
        secret_from(reference)
    assert caught.value.finding.rule == rule
    assert caught.value.finding.remedy
    assert "s3cret" not in repr((caught.value.finding, caught.value.__context__))


@pytest.mark.parametrize("texts", [["s3cret"], ["=env:s3cret"], ["a=env:PATH", "a=env:PATH"], ["a=s3cret"]])
def test_bad_pairs(texts: list[str]) -> None:
    """A pair without name or reference, and a name given twice."""
    with pytest.raises(DocumentError) as caught:
        pairs_of_references(texts)
    assert caught.value.finding.rule in ("bad-argument", "bad-reference")
    assert "s3cret" not in repr(caught.value.finding)


@given(st.lists(st.text(max_size=20), max_size=3))
def test_any_text_is_a_reference_or_refused(texts: list[str]) -> None:
    """Nothing but a DocumentError, and values only of variables that are set."""
    try:
        found = pairs_of_references(texts)
    except DocumentError:
        return
    assert set(found.values()) <= set(os.environ.values())


def test_a_secret_in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file inside the connector's folder is warned of, however its path is written; other references are not."""
    folder = tmp_path / "Inventory"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    nowhere = ["f=file:~nobody-has-this-name/key", "g=file:\0"]
    texts = [
        *nowhere,
        "a=file:Inventory/key",
        "b=env:KEY",
        "c=file:key",
        f"d=file:{folder}/x/../key",
        "e=file:Inventory2/key",
    ]
    found = findings_of_references(texts, Path("Inventory"))
    assert [(finding.rule, finding.message.split('"')[1]) for finding in found] == [
        ("secret-in-project", "a"),
        ("secret-in-project", "d"),
    ]
