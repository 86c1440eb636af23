"""A service that is away is not asked again at once."""

import pytest

from apps.vault.errors import CannotOpen, KeysUnavailable
from apps.vault.keyservice import pause
from apps.vault.keyservice.pause import Pause


def test_after_a_failure_nothing_is_asked_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    moment, asked = 100.0, []
    monkeypatch.setattr(pause, "monotonic", lambda: moment)
    guard = Pause()

    def ask(error: Exception | None) -> None:
        with guard.guarding():
            asked.append(moment)
            if error:
                raise error

    ask(None)
    for error in (KeysUnavailable("gone fishing"), None, None):
        with pytest.raises(KeysUnavailable, match="gone fishing"):
            ask(error)
    assert len(asked) == 2
    moment += pause.SECONDS
    ask(None)
    assert len(asked) == 3


def test_a_value_that_cannot_be_opened_is_no_failure_of_the_service() -> None:
    guard = Pause()
    with pytest.raises(CannotOpen), guard.guarding():
        raise CannotOpen
    with guard.guarding():
        pass
