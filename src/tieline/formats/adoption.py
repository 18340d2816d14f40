"""A connector folder as something to import: its own files, or the part of them that a selection makes.

What lives here is for folders what ``conversion`` is for descriptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from . import api_properties
from .conversion import DEFINITION_NAME, Conversion, convert, with_selection
from .dialects import Load
from .folder import read
from .parts import definition_of, properties_of
from .selection import EVERYTHING, Selection


def adopted(
    files: Mapping[str, bytes], load: Load | None = None, *, name: str = "", selection: Selection = EVERYTHING
) -> Conversion:
    """The files of a connector folder as an import writes them; as they are, where nothing has to change.

    A definition that is no Swagger 2.0 is converted; ``load`` gives the other documents that it refers to. Raises
    DocumentError as ``folder.read`` and ``convert`` do.
    """
    connector = read(files, name)
    definition, properties = definition_of(files), properties_of(files)
    replaced = {document.name for document in (definition, properties) if document is not None}
    rest = {name: data for name, data in files.items() if name not in replaced}
    made = Conversion(
        title=connector.name,
        files=files,
        definition=definition.value,
        properties={} if properties is None else properties.value,
        findings=connector.findings,
        documents=connector.documents,
    )
    if "swagger" not in definition.value:
        lowered = convert(definition, load)
        own = {} if properties is None else {api_properties.NAME: properties.data}
        made = replace(
            made,
            files={**rest, **lowered.files, **own},
            definition=lowered.definition,
            properties=lowered.properties if properties is None else properties.value,
            findings=tuple(dict.fromkeys((*made.findings, *lowered.findings))),
            documents={**made.documents, **lowered.documents},
        )
    if not selection:
        return made
    slim = with_selection(made, definition, connector.definition.operations.outlines, selection)
    kept = {name: slim.files[name] for name in (DEFINITION_NAME, api_properties.NAME)}
    return replace(slim, files={**rest, **kept})
