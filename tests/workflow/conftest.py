"""Fixtures of workflow's tests: the process without the stages' conditions."""

from __future__ import annotations

import dataclasses

import pytest

from apps.workflow import guards, panels, registry

OWN = {name for name, guard in registry.guards.items() if guard.check.__module__ == guards.__name__}


@pytest.fixture
def smooth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every guard of a stage hold and run no handoff, so that only workflow itself stands in the way."""
    for name, guard in registry.guards.items():
        if name not in OWN:
            monkeypatch.setitem(registry.guards, name, dataclasses.replace(guard, check=lambda case, actor, facts: []))
    monkeypatch.setattr(registry, "handoffs", {})


@pytest.fixture
def own_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only workflow's own panels on the case page."""
    own = [panel for panel in registry.panels if panel.build.__module__ == panels.__name__]
    monkeypatch.setattr(registry, "panels", own)
