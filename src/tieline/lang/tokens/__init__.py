"""The token language of policy templates: ``Bearer @connectionParameters('api_key')``, ``@body().a['b'][0]``.

``parse`` gives a Template, ``text_of`` evaluates it against a Scope; ``parse_path`` and ``parse_keys`` give places in
JSON values, for ``get``, ``put`` and ``remove``. Reference: policy-templates, section 3.
"""

from .evaluate import DEFAULT, Absent, Scope, Settings, missing_parameter, part_text, text_of, to_text, value_of
from .nodes import Key, Lookup, OriginalMethod, Part, PathParameter, Property, Root, Template, Text, Token, render
from .parser import parse, shown
from .paths import Path, get, parse_keys, parse_path, put, remove

__all__ = [
    "DEFAULT",
    "Absent",
    "Key",
    "Lookup",
    "OriginalMethod",
    "Part",
    "Path",
    "PathParameter",
    "Property",
    "Root",
    "Scope",
    "Settings",
    "Template",
    "Text",
    "Token",
    "get",
    "missing_parameter",
    "parse",
    "parse_keys",
    "parse_path",
    "part_text",
    "put",
    "remove",
    "render",
    "shown",
    "text_of",
    "to_text",
    "value_of",
]
