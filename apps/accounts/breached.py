"""Passwords that others have already lost: looked up in a file on this machine, so that no word of one leaves it.

The file holds SHA-1 digests in upper-case hexadecimal, one a line, sorted, each with whatever follows a colon: the form in which
lists of breached passwords are published, ordered by digest. ``LOANFLOW_BREACHED_PASSWORDS`` names it; without it nothing is looked up.
"""

from __future__ import annotations

import hashlib
import os
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DIGITS = 40


class BreachedPasswordValidator:
    """Refuses a password that stands in the list of breached ones; a validator of Django's."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ``ValidationError`` for a breached password, and for any while the list cannot be read."""
        if not settings.LOANFLOW_BREACHED_PASSWORDS:
            return
        try:
            with open(settings.LOANFLOW_BREACHED_PASSWORDS, "rb") as file:
                found = is_listed(file, password)
        except OSError:
            raise ValidationError(
                _(
                    "The list of breached passwords cannot be read, so no new password is taken. Tell your administrator."
                ),
                code="breached_unread",
            ) from None
        if found:
            raise ValidationError(
                _("This password stands in a list of stolen ones. Choose another, and change it wherever you use it."),
                code="breached",
            )

    def get_help_text(self) -> str:
        """What a password has to be."""
        return (
            _("A password that stands in a list of stolen ones is not taken.")
            if settings.LOANFLOW_BREACHED_PASSWORDS
            else ""
        )


def is_listed(file: BinaryIO, password: str) -> bool:
    """Tell whether a sorted file of digests holds a password's; reads some thirty lines of a thousand million."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    low, high = 0, file.seek(0, os.SEEK_END)
    while low < high:
        middle = (low + high) // 2
        found = _line_from(file, middle)
        if found and found < wanted:
            low = middle + 1
        else:
            high = middle
    return _line_from(file, low) == wanted


def _line_from(file: BinaryIO, at: int) -> bytes:
    """The digest of the first line that begins at a place of the file or after it; empty at the end."""
    file.seek(max(at - 1, 0))
    if at:
        file.readline()
    return file.readline()[:DIGITS].upper()
