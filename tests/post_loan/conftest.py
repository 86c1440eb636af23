"""Fixtures of post-loan's tests."""

from tests.disbursement.conftest import outbox

__all__ = ["outbox"]
