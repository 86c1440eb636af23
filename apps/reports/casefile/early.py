"""Sections of the file that intake fills: cover, business, request, visit, documents, timeline."""

from __future__ import annotations

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.applications.selectors import application_read, visit_read
from apps.applications.selectors.outcome import newest_visit
from apps.applications.selectors.reading import visitors_of
from apps.applications.selectors.stage import DocumentShown, documents_shown
from apps.borrowers.selectors import borrower_shown
from apps.borrowers.shown import PartShown, PersonShown
from apps.core import figures
from apps.core.actor import Actor
from apps.reports.casefile.blocks import Block, Section, grid, money, pairs, text, words
from apps.workflow.models import Facility, LoanCase
from apps.workflow.selectors.people import handles_of
from apps.workflow.selectors.timeline import happened, steps_of
from apps.workflow.states import State


def cover(actor: Actor, case: LoanCase) -> Section:
    """Which case it is and how it stands."""
    holder = handles_of([case.holder_id]).get(case.holder_id or 0, "")
    return Section(_("The case"), [pairs(
        (_("Reference"), case.number), (_("Business"), case.borrower.legal_name), (_("Product"), case.product.name),
        (_("Branch"), case.branch.name), (_("State"), State(case.state).label), (_("Asked"), money(case.amount_asked, case.currency)),
        (_("To sign"), money(case.amount_proposed, case.currency)), (_("Grade"), case.grade), (_("Holder"), holder),
        (_("Submitted"), case.submitted_at), (_("Begun"), case.created_at),
    )])  # fmt: skip


def business(actor: Actor, case: LoanCase) -> Section:
    """The business and the people behind it, masked as on every page."""
    shown = borrower_shown(case.borrower)
    people = [[each.name.masked, each.id_kind, each.id_number.masked, _parts(each)] for each in shown.people]
    return Section(_("Business and people"), [
        pairs(
            (_("Legal name"), shown.legal_name), (shown.identifier_kind or _("Identifier"), shown.identifier.masked),
            (_("Industry"), shown.industry), (_("Founded on"), shown.founded_on), (_("Employees"), shown.employees),
            (_("Town"), shown.region), (_("Address"), shown.address.masked), (_("Phone"), shown.phone.masked),
            (_("E-mail"), shown.email.masked), (_("Related group"), shown.group_name),
        ),
        grid([_("Name"), _("Identity document"), _("Number"), _("Parts")], people),
    ])  # fmt: skip


def _parts(person: PersonShown) -> str:
    return ", ".join(_part(part) for part in person.parts)


def _part(part: PartShown) -> str:
    return f"{part.label} {figures.percent(part.share)}" if part.share is not None else str(part.label)


def request(actor: Actor, case: LoanCase) -> Section:
    """What is asked for and why, in the borrower's words; opening them is recorded."""
    said = application_read(actor, case)
    rows = [_facility(each) for each in case.facilities.order_by("position")]
    heading = [_("No."), _("Facility"), _("Asked"), _("Months"), _("Repayment"), _("Approved"), _("Rate")]
    return Section(_("Request"), [
        grid(heading, rows, 2, 3, 5, 6),
        *words((_("Purpose"), said.purpose), (_("Source of repayment"), said.repayment_source), (_("About the business"), said.narrative)),
    ])  # fmt: skip


def _facility(row: Facility) -> list[Any]:
    kind = capfirst(str(row.get_kind_display()))
    return [
        row.position, f"{kind}: {row.purpose.words}" if row.purpose else kind, money(row.amount, row.currency),
        row.term_months, row.get_repayment_display(), money(row.approved_amount, row.currency), figures.percent(row.approved_rate),
    ]  # fmt: skip


def visit(actor: Actor, case: LoanCase) -> Section | None:
    """The newest visit that both visitors stand behind; opening it is recorded."""
    found = newest_visit(case)
    if found is None:
        return None
    shown = visit_read(actor, found)
    facts: Block = pairs(
        (_("Visited"), shown.visited_at), (_("Visitors"), visitors_of(found)), (_("Place"), shown.place), (_("Staff seen"), shown.staff_seen)
    )  # fmt: skip
    return Section(_("Visit"), [facts, *words(
        (_("Stock seen"), shown.stock), (_("What was seen"), shown.narrative), (_("Differences from the statements"), shown.differences),
    )])  # fmt: skip


def documents(actor: Actor, case: LoanCase) -> Section:
    """What was handed in; nothing of it is opened."""
    shown = documents_shown(case, actor)
    every = [document for line in shown.lines for document in line.documents] + list(shown.others)
    heading = [_("Document"), _("File"), _("Pages"), _("State"), _("Added")]
    return Section(_("Documents"), [grid(heading, [_document(each) for each in every], 2)])


def _document(each: DocumentShown) -> list[Any]:
    return [each.label, each.name, each.pages, each.get_state_display(), f"{each.added_by} · {text(each.added_at)}"]


def timeline(actor: Actor, case: LoanCase) -> Section:
    """What happened, oldest first."""
    rows = [
        [step.at, step.label, step.who, step.to_label, ", ".join(step.reasons)]
        for step in reversed(happened(steps_of(case)))
    ]
    return Section(_("Timeline"), [grid([_("When"), _("What"), _("Who"), _("State"), _("Reasons")], rows)])
