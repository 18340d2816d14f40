"""The text behind a document: JSON or YAML to value and positions, tolerant reading, edits as patches of the text."""

from .document import SourceDocument, dump, read
from .edits import edit, move
from .limits import Limits

__all__ = ["Limits", "SourceDocument", "dump", "edit", "move", "read"]
