"""The institution's policy for intake, as data: what is knocked out, how long a visit counts, which texts are signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class ExcludedIndustry:
    """An industry not lent to: words of either language, and prefixes of its code (NAICS or GB/T 4754)."""

    label: Any
    words: tuple[str, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakePolicy:
    """Limits of intake. Up to which amount no visit is asked for stands in the credit policy (see ``ports``)."""

    version: str = "intake-1"
    least_months: int = 12
    visit_days: int = 90
    consent_days: int = 180
    excluded: tuple[ExcludedIndustry, ...] = ()


POLICY = IntakePolicy(
    excluded=(
        ExcludedIndustry(_("gambling"), ("gambling", "casino", "betting", "lottery", "赌", "博彩", "彩票"), ("7132",)),
        ExcludedIndustry(
            _("weapons"), ("weapon", "firearm", "ammunition", "军火", "武器", "弹药"), ("332992", "332993", "332994")
        ),
        ExcludedIndustry(
            _("lending to others"), ("payday", "loan shark", "小额贷款", "典当", "高利贷"), ("522291", "522298")
        ),
        ExcludedIndustry(_("virtual currency"), ("cryptocurrency", "bitcoin", "虚拟货币", "挖矿")),
    ),
)

DECLARATION_VERSION = "2026-1"
CONSENT_VERSION = "2026-1"

DECLARATION_TEXTS: dict[str, Any] = {
    "2026-1": _(
        "I am authorised to sign for the business. Everything stated in this application and its documents is complete and"
        " true. I shall tell the bank at once of any change until the loan is paid out."
    ),
}

CONSENT_TEXTS: dict[str, Any] = {
    "bureau": _("The bank may ask the credit bureau about the business and its owners for this application."),
    "processing": _("The bank may process the personal data in this application to decide on it."),
    "sensitive": _(
        "The bank may process sensitive personal data, such as identity numbers and account data, for this application."
    ),
    "electronic": _("The bank may send and keep records and signatures in electronic form."),
}
