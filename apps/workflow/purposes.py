"""What the whole file of a case is taken out for: codes for the log, words for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

FILE_PURPOSES: list[tuple[str, Any]] = [
    ("committee", _("Meeting that decides on the case")),
    ("paper_file", _("Paper file of the institution")),
    ("supervision", _("Supervisor's or regulator's request")),
    ("internal_audit", _("Internal audit")),
    ("court", _("Court, lawyer or notary")),
    ("complaint", _("Complaint of a borrower")),
    ("other", _("Another purpose, stated below")),
]
