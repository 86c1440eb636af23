"""Words that anybody would try first: the house's own name and the product's make no password."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.accounts import selectors
from apps.core.text import fold

PRODUCT = "loanflow"
SHORTEST = 2
"""Letters that a word of a name has at least; shorter ones say nothing."""
LEAST_LEFT = 8
"""Characters that a password has beside the words of the house."""


class HouseWordsValidator:
    """Refuses a password that is little more than words of the house; a validator of Django's."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ``ValidationError`` where fewer than eight characters are left without those words."""
        rest = fold(password)
        for word in house_words():
            rest = rest.replace(word, "")
        if len(rest) < LEAST_LEFT and rest != fold(password):
            raise ValidationError(
                _("Apart from the name of the institution or of LoanFlow, a password has at least eight characters."),
                code="house_words",
            )

    def get_help_text(self) -> str:
        """What a password has to be."""
        return _("Apart from the name of the institution or of LoanFlow, a password has at least eight characters.")


def house_words() -> list[str]:
    """The words of the institution's name and the product's, folded, the longest first."""
    institution = selectors.institution()
    name = fold(institution.name) if institution else ""
    words = {PRODUCT, name, *(each for each in re.split(r"\W+", name) if len(each) >= SHORTEST)}
    return sorted(words - {""}, key=len, reverse=True)
