"""A bank's reference: a number of its own, not words."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

FORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9./:_+-]{0,79}")
WHAT_TO_DO: Any = _(
    "Enter the reference as it is: letters, digits and . / : _ + - without spaces, at most 80. It is no place for words."
)


def is_reference(text: str) -> bool:
    """Tell whether a text is a reference of 1 to 80 characters; one that holds words would lay them in clear."""
    return FORM.fullmatch(text) is not None
