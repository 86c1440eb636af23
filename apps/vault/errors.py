"""What the vault refuses with: values that cannot be opened, key files that may not be used, records nobody would keep."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.core.errors import LoanFlowError, Unavailable


class CannotOpen(LoanFlowError):
    """A sealed value is damaged, was moved from where it was sealed, or its key is not ours. Nothing of it is shown."""

    status = 409
    sentence: Any = _("This value cannot be opened. It was changed outside LoanFlow or belongs elsewhere.")
    placeholder: Any = _("cannot be opened")

    def __init__(self) -> None:
        super().__init__(str(self.sentence))


class Forgotten(CannotOpen):
    """The keys of the value's owner were destroyed on purpose."""

    status = 410
    sentence = _("This value was forgotten: the keys of its owner are destroyed.")
    placeholder = _("forgotten")


class KeysUnavailable(Unavailable):
    """The key service is away, or its key file is missing, damaged or open to others; nothing was opened or sealed."""


class KeyFileExists(LoanFlowError):
    """A key file stands where a new one was to be made; it is never overwritten."""

    status = 409
