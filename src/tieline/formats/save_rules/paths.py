"""Rules about paths and their parameters."""

from __future__ import annotations

import re
from typing import Any

from ...model import JsonObject
from .judge import Judge, Keys

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def names_in(path: str) -> list[str]:
    """The names of the placeholders of a path."""
    return _PLACEHOLDER.findall(path)


def shape(path: str) -> str:
    """A path without the names of its placeholders, in lower case."""
    return _PLACEHOLDER.sub("{}", path).lower()


def see_path(path: str, item: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge a path template."""
    bare = _PLACEHOLDER.sub("", path)
    if not path.startswith("/"):
        judge.say("OperationPathMustStartWithSlash", keys, f'the path "{path}" has no slash before it', "add the slash")
    if "?" in bare or "#" in bare:
        what = f'the path "{path}" has a query or a fragment'
        judge.say("OperationPathMayNotContainQueryOrFragment", keys, what, "declare query parameters instead")
    if "*" in path:
        what = f'the path "{path}" has a "*"'
        judge.say("OperationPathContainsUnsupportedCharacters", keys, what, "use a placeholder instead")
    if "{" in bare or "}" in bare or any(not name or "/" in name for name in names_in(path)):
        judge.say("OperationPathTemplateNotValid", keys, f'the braces of "{path}" name nothing', "correct the braces")
    for name in names_in(path):
        if "=" in name:
            what = f'the placeholder "{{{name}}}" has a default'
            judge.say("OperationPathVariablesContainDefaults", keys, what, 'move it to "default" of the parameter')
    if "$ref" in item:
        judge.say("PathItemRefNotSuppored", (*keys, "$ref"), "a path is a reference", "write the path out")


def see_twins(written: list[tuple[str, str, Keys]], judge: Judge) -> None:
    """Judge whether paths are equal to the platform; of each operation, its path, its method and where it stands."""
    spelt: dict[str, str] = {}
    seen: dict[tuple[str, str], str] = {}
    for path, method, keys in written:
        first = spelt.setdefault(path.lower(), path)
        if first != path:
            judge.say("PathRedefined", keys[:2], f'"{path}" is "{first}" but for case', "give it another path")
        other = seen.setdefault((method, shape(path)), path)
        if other != path or [one[:2] for one in written].count((path, method)) > 1:
            what = f'{method.upper()} "{path}" is "{other}" but for the names of parameters'
            judge.say("DuplicateOperationPath", keys, what, "give it another path")


def see_placeholders(path: str, parameters: list[JsonObject], keys: Keys, judge: Judge) -> None:
    """Judge whether placeholders and path parameters fit."""
    declared: list[Any] = [one.get("name") for one in parameters if one.get("in") == "path"]
    for name in names_in(path):
        if name not in declared:
            what = f'the placeholder "{{{name}}}" has no parameter'
            judge.say("OperationMissingPathParameter", keys, what, "declare the parameter")
    for name in declared:
        if name not in names_in(path):
            what = f'the path "{path}" has no placeholder "{{{name}}}"'
            judge.say("PathParameterNotDefinedInTemplate", keys, what, "add the placeholder, or take the parameter out")
