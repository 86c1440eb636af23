"""What goes wrong on purpose: refusals, stale forms and bad input, each with words for the person who reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core import times


class LoanFlowError(Exception):
    """Base of every error that a page answers with a sentence instead of a stack trace."""

    status = 400


class Refused(LoanFlowError):
    """An act that may not happen: which guard refused, why in plain words, what is missing and who can.

    ``guard`` is a stable machine name (``permission``, ``scope``, ``duty``, ``step_up``, ``frozen`` or a guard of the
    process table); ``reasons`` are sentences; ``who_can`` names roles or remedies. ``note`` goes into the log with it;
    ``kept`` says that it stands there already.
    """

    status = 403

    def __init__(
        self,
        guard: str,
        message: Any,
        *,
        reasons: Sequence[Any] = (),
        who_can: Any = "",
        subject: Any = None,
        action: str = "",
    ) -> None:
        super().__init__(str(message))
        self.guard, self.message, self.reasons = guard, message, tuple(reasons)
        self.who_can, self.subject, self.action = who_can, subject, action
        self.note: dict[str, Any] = {}
        self.kept = False


class StepUpNeeded(Refused):
    """The act needs a second factor proved within the last five minutes; the page asks for it in place."""

    def __init__(self, *, subject: Any = None, action: str = "") -> None:
        super().__init__(
            "step_up",
            _("Confirm it is you: this act needs a one-time code not older than five minutes."),
            subject=subject,
            action=action,
        )


class NotVisible(Refused):
    """The object is outside what the actor may see; the page answers 404, the log keeps the refusal."""

    status = 404

    def __init__(self, *, subject: Any = None, action: str = "") -> None:
        super().__init__("scope", _("There is nothing here for you."), subject=subject, action=action)


class IllegalTransition(Refused):
    """An event that the process table does not know in this state."""

    status = 409

    def __init__(self, state: str, event: str, *, subject: Any = None) -> None:
        message = _("In the state “%(state)s” the step “%(event)s” is not possible.") % {"state": state, "event": event}
        super().__init__("transition", message, subject=subject, action=event)
        self.state, self.event = state, event


class Stale(Refused):
    """Somebody else changed the object after the form was opened; nothing was overwritten."""

    status = 409

    def __init__(
        self, *, by: str, at: Any, differences: Mapping[str, tuple[Any, Any]] | None = None, subject: Any = None
    ) -> None:
        message = _("Changed by %(by)s at %(at)s. Look again before you go on.") % {
            "by": by, "at": times.exact(at) if isinstance(at, dt.datetime) else at,
        }  # fmt: skip
        super().__init__("stale", message, subject=subject)
        self.by, self.at, self.differences = by, at, dict(differences or {})


class BadInput(LoanFlowError):
    """Input that cannot be taken, by field: ``{field: [sentence, …]}``; ``""`` is the whole form."""

    status = 400

    def __init__(self, errors: Mapping[str, Sequence[Any]] | str | Promise) -> None:
        self.errors = (
            {key: list(value) for key, value in errors.items()} if isinstance(errors, Mapping) else {"": [errors]}
        )
        super().__init__("; ".join(str(line) for lines in self.errors.values() for line in lines))


class Unavailable(LoanFlowError):
    """A part that the act needs (key service, journal, bank channel) is away; nothing was done."""

    status = 503
