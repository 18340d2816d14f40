"""What the lowering of one description knows while it runs: documents, names of definitions, findings, finished parts.

What lives here is state and look-ups; what becomes of a value is said by the modules for each kind of value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar
from urllib.parse import unquote

from ...model import Document, DocumentError, Finding, JsonObject, Route, keys_of_pointer
from ..fields import kind_of
from .addresses import absolute, as_uri, is_email, is_url
from .names import definition_name, definition_names
from .notes import Notes
from .place import Place, Source, key_of, route_of, source_of
from .references import Broken, Found, Loader, References, Target

T = TypeVar("T")

VERSION = re.compile(r"3(\..*)?")
"""Versions that are read."""

KNOWN_VERSION = re.compile(r"3\.[0-2](\..*)?")
"""Those of them whose meaning is known."""

MOST_STEPS = 100
"""References that are followed one after another; more are no way to write a description."""

SCHEMAS = "#/components/schemas/"
"""How a reference to a component schema of the main document begins."""

NEARLY = ("", "#/", "#/definitions/", "#/schemas/", "#/components/schema/")
"""What people write before the name of a component schema."""

FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""Texts that are read as true or false."""

MOST_SHOWN = 2**53
"""Numbers below this one are shown in findings as they are."""

BESIDE = ("summary", "description")
"""Fields beside a reference that take the place of those behind it."""

ADDRESSES = {"url": is_url, "email": is_email}
"""Fields that hold addresses -> whether a text is one."""

EFFORT = 500_000
"""Schemas that are looked at to make one of each choice (``oneOf``, ``anyOf``) of a description and to find parts that
lead back, in a second or two. GitHub's description takes 2,366; only one that is made to take long needs more."""

Discover: TypeAlias = Callable[[str], Any]
"""URL of an OpenID Connect discovery document -> its JSON value; None when it cannot be had."""

Part = tuple[JsonObject, Place]
"""A lowered object and the place of what it was made of."""


class Lowering:
    """The state of one lowering."""

    __slots__ = (
        "_done",
        "_heirs",
        "_names",
        "_quick",
        "_taken",
        "base_url",
        "choices",
        "definition_notes",
        "discover",
        "effort",
        "finished",
        "forms",
        "ids",
        "lowered",
        "main",
        "merging",
        "needs",
        "notes",
        "one_way",
        "references",
        "schemas",
        "written",
    )

    def __init__(self, document: Document, load: Loader | None = None, discover: Discover | None = None) -> None:
        """Takes the main document, the loader of its other files and what fetches discovery documents.

        Raises DocumentError ``not-an-api-description`` when the value is no object, ``unsupported-version`` when it is
        no OpenAPI 3.
        """
        self.main = Source(name=document.name, value=document.value, file=_base_name(document.name))
        self.discover = discover
        self.notes = Notes()
        """Where findings go at the moment."""
        self.definition_notes = Notes()
        """Findings about definitions, which belong to no operation."""
        _check(document.value, self.main, self.notes)
        self.references = References(self.main, load)
        self.base_url = ""
        """The address of the service, which relative URLs are relative to; empty until it is known."""
        self.effort = EFFORT
        """Schemas that may still be looked at."""
        self.choices: set[Place] = set()
        """Schemas with choices that were found to need a definition."""
        self.merging: set[Place] = set()
        """Schemas whose choices are being merged at the moment."""
        self.written: dict[str, Found] = {}
        """Name of a definition -> the schema that it is made of, in the order in which they were met."""
        self.one_way: dict[tuple[str, ...], str] = {}
        """Name of a definition, suffix of a direction and names of properties that a whole excuses -> name of the
        definition for values that go that way."""
        self.lowered: dict[str, JsonObject] = {}
        """Name of a definition -> the definition, of which parameters and forms are made."""
        self.finished: dict[str, JsonObject] = {}
        """Name of a definition -> the definition as it is written; see ``finishing``."""
        self.forms: set[str] = set()
        """Names of definitions whose properties became form fields."""
        self.ids: frozenset[str] | None = None
        """The ids of all operations; None until they are listed."""
        self.needs: dict[str, set[str]] = {}
        """Name of a definition -> the definitions that each of its values has to hold one of."""
        self._done: dict[tuple[Any, int], tuple[JsonObject, Any, tuple[Finding, ...]]] = {}
        self._heirs: dict[str, list[str]] | None = None
        self._names: dict[Target, str] = {}
        self._quick: dict[str, JsonObject] = {}
        self._taken: set[str] = set()
        self.schemas: Part = ({}, self.main)
        """The component schemas as they are written."""
        self._name_components()

    # References

    def find(self, ref: str, at: Place) -> Found | None:
        """What the reference of the object ``at`` a place points to; None, with a finding, when nothing is there."""
        found = self.references.find(ref, source_of(at))
        if isinstance(found, Broken):
            self.notes.add(found.rule, (at, "$ref"), found.message, self._meant(ref, at) or found.remedy)
            return None
        return found

    def _meant(self, ref: str, at: Place) -> str:
        """What a reference that leads nowhere may have to be: a path from the root in the place of one from the schema
        around it, or of a name alone."""
        keys = route_of(at).keys
        holder = str(keys[2]) if keys[:2] == ("components", "schemas") and len(keys) > 2 else ""
        own, parts = self.schemas[0].get(holder), keys_of_pointer(ref[1:]) if ref[:2] == "#/" else ()
        if isinstance(own, dict) and parts and parts[0] in own:
            return f'did you mean "{SCHEMAS}{holder}{ref[1:]}"?'
        name = ref.rpartition("/")[2]
        nearly = any(ref == before + name for before in NEARLY)
        return f'did you mean "{SCHEMAS}{name}"?' if nearly and name in self.schemas[0] else ""

    def peek(self, reference: Found) -> list[Found]:
        """What a reference object points to, as a list of one; empty when nothing is there. Notes nothing."""
        found = self.references.find(reference[0]["$ref"], source_of(reference[1]))
        return [] if isinstance(found, Broken) else [found]

    def follow(self, value: Any, at: Place) -> Part | None:
        """The object behind a reference, or the object itself; None, with a finding, when there is none.

        Words beside a reference take the place of those behind it.
        """
        start = at
        seen: set[int] = set()
        beside: JsonObject = {}
        while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
            if id(value) in seen or len(seen) == MOST_STEPS:
                rule, what = (
                    ("ref-loop", "back to itself") if id(value) in seen else ("too-deep", "from one to another")
                )
                self.notes.add(rule, (start, "$ref"), f'reference "{ref}" only leads {what}')
                return None
            seen.add(id(value))
            beside = {key: value[key] for key in BESIDE if isinstance(value.get(key), str)} | beside
            found = self.find(ref, at)
            if found is None:
                return None
            value, at = found
        if not isinstance(value, dict):
            self.wrong(at, "an object", value)
            return None
        return {**value, **beside} if beside else value, at

    def reference(self, ref: str, at: Place) -> JsonObject | None:
        """The Swagger reference in the place of a reference to a schema; None, with a finding, for a bad one."""
        source = source_of(at)
        if source is self.main and (quick := self._quick.get(ref)) is not None:
            return quick
        found = self.find(ref, at)
        if found is None:
            return None
        if not isinstance(found[0], (dict, bool)):
            message = f'reference "{ref}" leads to {kind_of(found[0])}, not to a schema'
            self.notes.add("dangling-ref", (at, "$ref"), message, "point it to a schema")
            return None
        return {"$ref": f"#/definitions/{self._name(found, self._canonical(self.references.target(ref, source)))}"}

    def own_definition(self, value: JsonObject, at: Place) -> JsonObject:
        """The Swagger reference to a schema that becomes a definition because of where it is used."""
        return {"$ref": f"#/definitions/{self._name((value, at), _target_of(at))}"}

    @property
    def heirs(self) -> dict[str, list[str]]:
        """Name of a component schema -> the component schemas that are made of it by ``allOf``."""
        if self._heirs is None:
            self._heirs = {}
            for name, schema in self.schemas[0].items():
                parts = schema.get("allOf") if isinstance(schema, dict) else None
                for part in parts if isinstance(parts, list) else ():
                    ref = part.get("$ref") if isinstance(part, dict) else None
                    if isinstance(ref, str) and ref.startswith(SCHEMAS):
                        self._heirs.setdefault(ref.removeprefix(SCHEMAS), []).append(name)
        return self._heirs

    # Names of definitions

    def _name_components(self) -> None:
        """Give the component schemas of the main document their names. One that is nothing but a reference to another
        file gives its name to what is there, so that the file's schema is not called by its file."""
        self.schemas = self.members(self.object_at(self.main.value, self.main, "components"), "schemas")
        names = definition_names(self.schemas[0])
        self._taken = {name.casefold() for name in names.values()}
        for written, name in names.items():
            value, at = self.schemas[0][written], (self.schemas[1], written)
            self.written[name] = (value, at)
            self._names[_target_of(at)] = name
            if isinstance(value, (dict, bool)) and source_of(at) is self.main:
                self._quick[SCHEMAS + written] = {"$ref": f"#/definitions/{name}"}
            ref = value.get("$ref") if isinstance(value, dict) and len(value) == 1 else None
            if isinstance(ref, str) and ref not in self._quick:
                self._names.setdefault(self._canonical(self.references.target(ref, source_of(at))), name)

    def _canonical(self, target: Target) -> Target:
        """A target with its pointer spelt in the one way that names are looked up by."""
        keys = keys_of_pointer(unquote(target.fragment)) if target.fragment.startswith("/") else (target.fragment,)
        return Target(target.file, Route("", keys).pointer)

    def _name(self, found: Found, target: Target) -> str:
        """The name of the definition that a schema becomes, given when it is first met."""
        name = self._names.get(target) or self._names.get(stands := _target_of(found[1]))
        if name is None:
            name = definition_name(stands, self.main.file, self._taken)
            self._taken.add(name.casefold())
            self.written[name] = found
            self._names[stands] = name
        return self._names.setdefault(target, name)

    def variant(self, name: str, suffix: str) -> str:
        """The name of a new definition that is made of the same schema as another one; whoever asks lowers it."""
        made = f"{name}{suffix}"
        while made.casefold() in self._taken:
            made += "_"
        self._taken.add(made.casefold())
        self.written[made] = self.written[name]
        return made

    # Objects whose type has to be seen to

    def wrong(self, at: Place, wanted: str, value: Any) -> None:
        """Note that a value is of another type than it must be."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < MOST_SHOWN
        found = str(value) if number else kind_of(value)
        self.notes.add("wrong-type", at, f'"{key_of(at)}" must be {wanted}, but is {found}; it is left out')

    def object_at(self, holder: Any, at: Place, key: str) -> Part:
        """The object called ``key`` in an object, behind its reference; an empty one when missing or no object."""
        value = holder.get(key) if isinstance(holder, dict) else None
        if value is None:
            return {}, (at, key)
        return self.follow(value, (at, key)) or ({}, (at, key))

    def members(self, holder: Part, key: str) -> Part:
        """The same for an object that :meth:`object_at` gave."""
        return self.object_at(holder[0], holder[1], key)

    def list_at(self, holder: JsonObject, at: Place, key: str) -> list[Any]:
        """The list called ``key`` of an object; an empty one when missing or of another type."""
        value = holder.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.wrong((at, key), "a list", value)
        return []

    def text_at(self, holder: JsonObject, at: Place, key: str) -> str:
        """The text called ``key`` of an object; empty when missing or of another type."""
        value = holder.get(key)
        if isinstance(value, str):
            return value
        if value is not None:
            self.wrong((at, key), "a text", value)
        return ""

    def with_flags(self, value: JsonObject, at: Place, keys: tuple[str, ...]) -> JsonObject:
        """An object with true or false under each of some keys, or nothing: itself where it is so already. A text such
        as ``yes``, which is a text in YAML 1.2, is read as what it says."""
        out = value
        for key in keys:
            found = value.get(key)
            if found is None or isinstance(found, bool):
                continue
            read = FLAGS.get(found.strip().lower()) if isinstance(found, str) else None
            if read is None:
                self.wrong((at, key), "true or false", found)
                out = {name: child for name, child in out.items() if name != key}
            else:
                message = f'"{key}" must be true or false, but is the text "{found}"; it is read as {str(read).lower()}'
                self.notes.add("wrong-type", (at, key), message)
                out = {**out, key: read}
        return out

    def texts_at(self, holder: JsonObject, at: Place, key: str, names: tuple[str, ...]) -> JsonObject:
        """The object called ``key`` of an object with those of its texts that Swagger 2.0 knows, and its extensions.

        A ``url`` is made absolute, as Swagger 2.0 wants it.
        """
        value, place = self.object_at(holder, at, key)
        out: JsonObject = {name: text for name in names if (text := self.text_at(value, place, name))}
        if "url" in out:
            out["url"] = absolute(self.base_url, out["url"])
        for name, fits in ADDRESSES.items():
            if name in out and not fits(out[name]):
                message = f'"{out[name]}" is no address; it is kept as "x-{name}"'
                self.notes.add("bad-address", (place, name), message)
                out[f"x-{name}"] = out.pop(name)
        out |= {"url": as_uri(out["url"])} if "url" in out else {}
        return out | self.extras(value, place, frozenset(names))

    def docs_at(self, holder: JsonObject, at: Place) -> JsonObject:
        """``externalDocs`` of an object; empty when it has none, or none with a URL."""
        docs = self.texts_at(holder, at, "externalDocs", ("description", "url"))
        if docs and "url" not in docs:
            if "x-url" not in docs:
                self.wrong(((at, "externalDocs"), "url"), "a URL", None)
            return {}
        return docs

    def extras(self, value: JsonObject, at: Place, known: frozenset[str]) -> JsonObject:
        """The ``x-`` members of an object. What is neither ``known`` nor ``x-`` is noted."""
        out: JsonObject = {}
        for key, child in value.items():
            if key in known:
                continue
            if key.startswith("x-"):
                out[key] = child
            else:
                self.notes.add("unknown-field", (at, key), f'"{key}" is no field that may stand here; it is left out')
        return out

    # Parts that several places share

    def once(self, make: Callable[[JsonObject, Place, Lowering], T], value: JsonObject, at: Place) -> T:
        """``make(value, at, self)``, worked out once for each object; its findings are noted each time."""
        key = (make, id(value))
        known = self._done.get(key)
        if known is None:
            outer, self.notes = self.notes, Notes()
            try:
                result = make(value, at, self)
            finally:
                inner, self.notes = self.notes, outer
            known = self._done[key] = (value, result, tuple(inner))
        self.notes.extend(known[2])
        return known[1]


def _base_name(name: str) -> str:
    """The file name at the end of a path, however it is separated."""
    return name.replace("\\", "/").rpartition("/")[2]


def _target_of(at: Place) -> Target:
    """Where a place is, as a target with an unescaped pointer."""
    return Target(source_of(at).file, route_of(at).pointer)


def _check(value: Any, at: Source, notes: Notes) -> None:
    """See to it that a value is an OpenAPI 3 document.

    A part of one, which has paths and no version, is read with a finding; files of the guide are such parts.
    """
    route = Route(at.name)
    if not isinstance(value, dict) or ("openapi" not in value and ("swagger" in value or "paths" not in value)):
        raise DocumentError(
            "not-an-api-description",
            f'"{at.name}" has no "openapi" key: it is no OpenAPI 3 description',
            remedy='give an OpenAPI 3 document; it has "openapi: 3.0.0" or a later version at its root',
            route=route,
        )
    if "openapi" not in value:
        notes.add("missing-version", at, 'the document has no "openapi" key; it is read as OpenAPI 3')
        return
    version = str(value["openapi"]).strip()
    if not VERSION.fullmatch(version):
        raise DocumentError(
            "unsupported-version",
            f'the document is OpenAPI "{version}", and only Swagger 2.0 and OpenAPI 3 can be read',
            remedy="convert it to OpenAPI 3 first",
            route=route / "openapi",
        )
    if not KNOWN_VERSION.fullmatch(version):
        notes.add("unknown-version", (at, "openapi"), f'version "{version}" is not known; it is read like 3.2')
