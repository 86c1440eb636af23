"""Fixtures of the portal's tests."""

from tests.workflow.conftest import smooth

__all__ = ["smooth"]
