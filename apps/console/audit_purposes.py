"""What a recorded look was for, in words: the log holds codes, so that it says the same in every language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.console.audit_forms import PURPOSES
from apps.core.labels import labelled
from apps.workflow.purposes import FILE_PURPOSES
from apps.workflow.states import State

TASK = "task:"
TASKS: dict[str, Any] = {
    "list": gettext_lazy("to work through a list"),
    "find": gettext_lazy("to find a borrower"),
    "file": gettext_lazy("to read the borrower's file"),
    "ties": gettext_lazy("to see who belongs together"),
    "loan": gettext_lazy("to look after the loan"),
    "data_request": gettext_lazy("Answer requests for data"),
    "decision_review": gettext_lazy("Look at a decision again"),
}
STATED: dict[str, Any] = {**dict(FILE_PURPOSES), **dict(PURPOSES)}


def purpose_words(code: str, text: str) -> str:
    """Say what a look was for; an unknown code stands as it is."""
    words = _task(code.removeprefix(TASK)) if code.startswith(TASK) else str(STATED.get(code, ""))
    if not words:
        return text or code
    return labelled(words, text) if text else str(words)


def _task(name: str) -> str:
    if name in TASKS:
        return str(TASKS[name])
    if name in State.values:
        return _("for the task at “%(state)s”") % {"state": State(name).label}
    return ""
