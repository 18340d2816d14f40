"""Texts from services as texts that can be kept: JSON and headers may hold halves of surrogates, which UTF-8 cannot."""

from __future__ import annotations


def keepable(text: str) -> str:
    """The text with ``?`` for what cannot be written as UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """The words of somebody else as one line that drives no terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
