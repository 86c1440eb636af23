"""The resident identity number of China, by python-stdnum but for the region's years.

stdnum refuses a region code that was assigned after the year of birth. Numbers are given by where somebody was registered
when the number was issued, often decades later, so such numbers are ordinary: the region must be known, in whatever year.
Residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83) carry no county.
"""

from __future__ import annotations

import datetime as dt

from stdnum import numdb
from stdnum.cn import ric
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength
from stdnum.util import isdigits

PERMITS = frozenset({"810000", "820000", "830000"})


def validate(number: str) -> str:
    """Return the compact number; raises one of python-stdnum's validation errors."""
    compact = str(ric.compact(number))
    if len(compact) != 18:
        raise InvalidLength
    if not isdigits(compact[:-1]):
        raise InvalidFormat
    if compact[-1] != ric.calc_check_digit(compact):
        raise InvalidChecksum
    get_birth_date(compact)
    if compact[:6] not in PERMITS and not _county_known(compact[:6]):
        raise InvalidComponent
    return compact


def get_birth_date(number: str) -> dt.date:
    """Return the date of birth that the number carries; raises ``InvalidComponent``."""
    born: dt.date = ric.get_birth_date(number)
    return born


def _county_known(region: str) -> bool:
    return any("county" in facts for _part, facts in numdb.get("cn/loc").info(region))
