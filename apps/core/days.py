"""Days as people type them, the year first or the month in letters; what could be two days is asked back. Pure."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", re.ASCII)
EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
DAY_MONTH = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s.-]*(?P<month>[a-z]{3,9})\.?[\s,-]*(?P<year>\d{4})", re.ASCII
)
MONTH_DAY = re.compile(r"(?P<month>[a-z]{3,9})\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,?\s*(?P<year>\d{4})", re.ASCII)
AMBIGUOUS = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}", re.ASCII)


def parse_day(text: str) -> dt.date:
    """Read a day; raises ``ValidationError`` saying what is expected."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if len(plain) > 40 or not (parts := _parts(plain)):
        if AMBIGUOUS.fullmatch(plain):
            raise ValidationError(
                _("Is the day or the month first? Write the year first: 2026-03-05."), code="ambiguous"
            )
        raise ValidationError(_("Enter a day with four digits of the year, such as 2026-03-05."), code="invalid")
    year, month, day = parts
    if year < 1000:
        raise ValidationError(_("Enter the year with four digits."), code="year")
    try:
        return dt.date(year, month, day)
    except ValueError as error:
        raise ValidationError(_("The calendar has no such day."), code="invalid") from error


def _parts(plain: str) -> tuple[int, int, int] | None:
    if found := YEAR_FIRST.fullmatch(plain) or EIGHT.fullmatch(plain):
        year, month, day = (int(part) for part in found.groups())
        return year, month, day
    named = DAY_MONTH.fullmatch(plain) or MONTH_DAY.fullmatch(plain)
    places = [place for place, name in enumerate(MONTHS, start=1) if named and name.startswith(named["month"])]
    return (int(named["year"]), places[0], int(named["day"])) if named and places else None
