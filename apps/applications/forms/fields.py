"""Fields that several forms of intake share: files, papers, people of the business."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.applications.models import Document
from apps.borrowers.forms import CHOOSE
from apps.borrowers.models import Interest
from apps.core import times
from apps.workflow.models import LoanCase

ACCEPT = ".pdf,.jpg,.jpeg,.png,.xlsx,.csv"
FILE_HELP = _("PDF, JPEG, PNG, XLSX or CSV, at most 20 MB.")


class UploadField(forms.FileField):
    """One file; what is wrong with it is said by who looks into it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": ACCEPT}))
        kwargs.setdefault("help_text", FILE_HELP)
        super().__init__(allow_empty_file=True, **kwargs)


class ManyFilesInput(forms.FileInput):
    """A control that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files; cleans to a list of uploads."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Clean each file."""
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        single = super().clean
        return [single(each, initial) for each in given]


class OneByOneField(UploadField):
    """One file here, several where the page's script sends each by itself: the control offers it from the beginning, so that
    its words do not change while the page is read.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFilesInput(attrs={"accept": ACCEPT, "multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Take the one file; of several none is taken rather than the last."""
        given = data if isinstance(data, (list, tuple)) else [data]
        if len(given) > 1:
            raise forms.ValidationError(_("Hand in one file at a time."), code="several")
        return super().clean(given[0] if given else None, initial)


class PaperFields(forms.Form):
    """A signed paper: one that is on the case already, or a new scan."""

    paper_codes: tuple[str, ...] = ()
    document = forms.TypedChoiceField(
        label=_("Scanned paper"), coerce=int, required=False, empty_value=None,
        help_text=_("A paper that is on the case already; or give a new scan."),
    )  # fmt: skip
    file = UploadField(label=_("New scan"), required=False)

    def offer_papers(self, case: LoanCase) -> None:
        """List the papers of the case that could be meant."""
        rows = Document.objects.filter(case=case, code__in=self.paper_codes, rejected_at=None).select_related("file")
        lines = [(row.pk, paper_words(row)) for row in rows.order_by("-id")]
        self.fields["document"].choices = [CHOOSE, *lines]  # type: ignore[attr-defined]


def paper_words(row: Document) -> str:
    """How a paper is named in a list: masked name and when it was added."""
    return f"{row.file.original_name.masked} · {times.exact(row.created_at)}"


def people_choices(case: LoanCase, kinds: Iterable[str]) -> list[tuple[Any, Any]]:
    """People of the business with one of the parts, masked: id and words."""
    rows = Interest.objects.filter(borrower_id=case.borrower_id, ended_on=None, kind__in=list(kinds))
    words: dict[int, str] = {}
    for row in rows.select_related("party").order_by("party_id", "id"):
        part = str(row.get_kind_display())
        words[row.party_id] = (
            f"{words[row.party_id]}, {part}" if row.party_id in words else f"{row.party.name.masked} · {part}"
        )
    return [CHOOSE, *words.items()]
