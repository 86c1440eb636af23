"""What is kept for how long, said by the tests instead of the floors above."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.audit.retiring.port import Held, KeepingPort


@pytest.fixture(autouse=True)
def keeping(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> list[Held]:
    """Six months for everything, an archive of the test's own, and a list of holds that the test fills."""
    held: list[Held] = []
    monkeypatch.setattr(KeepingPort, "months", staticmethod(lambda _data_class: 6))
    monkeypatch.setattr(KeepingPort, "holds", staticmethod(lambda: held))
    settings.LOANFLOW_LOG_ARCHIVE = tmp_path / "archive"
    return held
