"""Command lines as the shells of Windows and of others write them."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.app.command_lines import quoted, words_of

WINDOWS = (
    (r"python take.py", ["python", "take.py"]),
    (r'"C:\Program Files\Python\python.exe" take.py', [r"C:\Program Files\Python\python.exe", "take.py"]),
    (r"C:\tools\take.cmd --to \\server\share\out", [r"C:\tools\take.cmd", "--to", r"\\server\share\out"]),
    (r'take --name="Tie line" --empty ""', ["take", "--name=Tie line", "--empty", ""]),
    (r'take "C:\out folder\\" \"said\"', ["take", "C:\\out folder\\", '"said"']),
    (r"take it's 'two words'", ["take", "it's", "'two", "words'"]),
    ("  take\t 'it'  ", ["take", "'it'"]),
    ("", []),
)

TYPED = (
    (r"C:\Users\me\InventoryAPI", r"C:\Users\me\InventoryAPI"),
    (r"C:\Users\Jane Doe\InventoryAPI", r'"C:\Users\Jane Doe\InventoryAPI"'),
    ("C:\\Jane Doe\\", '"C:\\Jane Doe\\\\"'),
    ("Fälle", "Fälle"),
    ("a&b", '"a&b"'),
    ("it's", '"it\'s"'),
    ("", '""'),
)


@pytest.mark.parametrize(("text", "words"), WINDOWS)
def test_words_on_windows(text: str, words: list[str]) -> None:
    """Backslashes are those of paths, and quotes are taken off."""
    assert words_of(text, windows=True) == words


@pytest.mark.parametrize(("word", "typed"), TYPED)
def test_typed_on_windows(word: str, typed: str) -> None:
    """A word that is shown can be typed into cmd and PowerShell."""
    assert quoted(word, windows=True) == typed


def test_other_systems() -> None:
    """Elsewhere the words are those of a POSIX shell."""
    assert words_of(r"take 'two words' a\ b", windows=False) == ["take", "two words", "a b"]
    assert quoted("two words", windows=False) == shlex.quote("two words")


@pytest.mark.parametrize("windows", [True, False])
def test_an_open_quote(windows: bool) -> None:
    """A quote that does not end is an error, not a guess."""
    with pytest.raises(ValueError, match=r"(?i)no closing quotation"):
        words_of('take "it', windows=windows)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"))), st.booleans())
def test_there_and_back(words: list[str], windows: bool) -> None:
    """Words that are quoted are read as the same words, and so are those that Python quotes for Windows."""
    assert words_of(" ".join(quoted(word, windows=windows) for word in words), windows=windows) == words
    assert words_of(subprocess.list2cmdline(words), windows=True) == words


def test_this_system() -> None:
    """A program gets the words as they are read here."""
    program, given = "import json, sys; print(json.dumps(sys.argv[1:]))", ["two words", "C:\\a b\\", '"']
    line = " ".join(map(quoted, [sys.executable, "-c", program, *given]))
    done = subprocess.run(words_of(line), capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == given
