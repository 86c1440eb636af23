"""Fixtures of the back office's tests."""

from tests.workflow.conftest import own_panels, smooth

__all__ = ["own_panels", "smooth"]
