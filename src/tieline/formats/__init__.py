"""Other people's files to and from the model."""

from .conversion import Conversion, convert
from .dialects import FORMATS, Format, Load, format_of, read_definition

__all__ = ["FORMATS", "Conversion", "Format", "Load", "convert", "format_of", "read_definition"]
