"""Takes words that a person typed, or says what is wrong with them beside their field."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.core.errors import BadInput
from apps.core.text import refuse_nul


def text_taken(field: str, words: str, *, most: int, required: bool = False) -> str:
    """Trimmed words of at most ``most`` characters; raises ``BadInput`` for the field otherwise."""
    text = words.strip()
    if required and not text:
        raise BadInput({field: [_("Write why.")]})
    if len(text) > most:
        raise BadInput({field: [_("Use at most %(most)s characters.") % {"most": most}]})
    try:
        refuse_nul(text)
    except ValidationError as error:
        raise BadInput({field: list(error.messages)}) from error
    return text
