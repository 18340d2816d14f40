"""A backend that behaves as a connector says, as a function from request to reply; and sample values."""

from .arguments import sample_arguments
from .backend import Answer, Backend
from .sample import Sampled, Sampler, sample

__all__ = ["Answer", "Backend", "Sampled", "Sampler", "sample", "sample_arguments"]
