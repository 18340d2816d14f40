"""The ASGI shell that composes gateway, webhook intake and control; started by ``tieline serve`` and the demo."""

from .app import intake_only, whole

__all__ = ["intake_only", "whole"]
