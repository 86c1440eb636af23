"""Fixtures of disbursement's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path, settings: Any) -> Path:
    """Give every test a bank's folder of its own."""
    settings.LOANFLOW_OUTBOX = tmp_path / "outbox"
    return tmp_path / "outbox"
