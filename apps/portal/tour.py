"""A tour of about three minutes for each role: a few stops on real pages, each at one thing. Pure data, but for one case to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.access.roles import Role
from apps.core.actor import Actor
from apps.workflow.selectors import CaseFilter, cases_visible_to


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: its page, what on it is shown (a selector), and two sentences. ``of_case`` pages show the newest case."""

    url_name: str
    anchor: str
    title: Any
    text: Any
    of_case: bool = False


# fmt: off
STOPS: dict[str, Stop] = {
    "home": Stop("console:home", ".page-main", _("Home"),
        _("What waits for you, what is late and what nobody has taken yet. Each figure leads to its list.")),
    "new": Stop("console:home", ".page-head-actions", _("What you begin"),
        _("A new application begins here; “Take next” gives you the case that is due first among those you may work on.")),
    "next": Stop("console:home", ".page-head-actions", _("Take next"),
        _("“Take next” gives you the case that is due first among those you may work on; it is yours until you pass it on.")),
    "sign": Stop("console:home", ".page-head-actions", _("Take next, and sign"),
        _("“Take next” gives you the case that is due first among those you can sign. Open its memo, then “Review and sign…”: exactly what you sign stands there.")),
    "search": Stop("console:home", ".search-box", _("Search"),
        _("Find a case or business by its number, name or identifier. The key / brings you here from every page, ? shows all keys.")),
    "work": Stop("console:work", ".page-main", _("My work"),
        _("The cases that you hold, the nearest deadline first. The line says what is missing before the next step.")),
    "cases": Stop("workflow:cases", ".page-main", _("Cases"),
        _("All cases in your sight, with filters. Open one by its business.")),
    "case": Stop("workflow:case", ".page-head-actions", _("A case"),
        _("One button leads on. Where a step is not possible, the page says what is missing and who can."), of_case=True),
    "checks": Stop("workflow:case", ".page-side", _("Beside the case"),
        _("Checks with the failed ones first, signatures, conditions, what was said, and everything that happened with its date."), of_case=True),
    "who": Stop("workflow:who", ".page-main", _("Who can do what"),
        _("Each step from here: whether you can take it, why or why not, and who can. It is the check that the step itself makes."), of_case=True),
    "borrowers": Stop("borrowers:list", ".page-main", _("Borrowers"),
        _("Businesses and the people behind them. Personal data are masked; to see one in clear you say why, and the look is recorded.")),
    "requests": Stop("portal:requests", ".page-main", _("Borrowers' requests"),
        _("What borrowers ask of the bank itself, a copy of their data or a second look, each with its last day.")),
    "loans": Stop("post_loan:loans", ".page-main", _("Loans"),
        _("Running loans with balance and next due day; those that are late stand out.")),
    "payments": Stop("disbursement:payments", ".page-main", _("Payments"),
        _("Payments to be prepared, released or answered. One person prepares, another releases; the system refuses the same for both.")),
    "policy": Stop("approval:policies", ".page-main", _("Credit policy"),
        _("Limits, and who may sign how much, in versions. A case keeps the version that it began with.")),
    "reasons": Stop("console:reasons", ".page-main", _("Reasons"),
        _("The words that declines and returns quote, in letters too. What is retired stays in what was written.")),
    "products": Stop("console:products", ".page-main", _("Products"),
        _("What may be lent, and on which terms.")),
    "branches": Stop("console:branches", ".page-main", _("Branches"),
        _("The tree of branches. A role for a branch reaches all below it.")),
    "people": Stop("console:people", ".page-main", _("People"),
        _("Who works here, with which roles and where. A powerful role waits until others agree.")),
    "announcements": Stop("portal:announcements", ".page-main", _("Announcements"),
        _("Tell borrowers or staff something, from one moment to another, in both languages.")),
    "audit": Stop("console:audit", ".page-main", _("The log"),
        _("Every act, refusal and look, with who, when and why. The figures above say how far it is verified.")),
    "process": Stop("console:process", ".page-main", _("The process"),
        _("Every step that a case can take, drawn from the table that decides. Your own steps are marked.")),
    "matrix": Stop("console:matrix", ".page-main", _("Who may do what"),
        _("Every permission with the roles that hold it, and the duties that one person never joins on one case.")),
    "factor": Stop("console:home", ".factor-chip", _("Proving that it is you"),
        _("How long ago you proved your second factor. Before something that weighs you are asked anew, and what you typed is kept.")),
    "notices": Stop("console:home", ".bell", _("Notices"),
        _("What others did on your cases, and deadlines that come near.")),
    "help": Stop("console:glossary", ".page-main", _("Help"),
        _("Words of the trade, also under the round buttons beside them. This tour, the process and the keys stand in the help menu above.")),
    "own_home": Stop("portal:home", ".page-main", _("My applications"),
        _("Each application with what is awaited. What you have to do yourself is marked.")),
    "own_apply": Stop("portal:apply", ".page-main", _("Apply for a loan"),
        _("Step by step, kept as you go: you may stop and go on later, on another device too.")),
    "own_case": Stop("portal:case", ".page-main", _("An application"),
        _("How far it is, offers beside what you asked for, letters, contract and your documents."), of_case=True),
    "own_talk": Stop("portal:case", ".page-side", _("Messages and consents"),
        _("Write to your branch here. Your consents stand below; each can be taken back."), of_case=True),
    "own_loans": Stop("portal:loans", ".page-main", _("My loans"),
        _("The next payment first, then schedule, statements and what settles it early.")),
    "own_data": Stop("portal:my_data", ".page-main", _("My data"),
        _("Ask for a copy of what we hold about you.")),
    "own_safety": Stop("portal:safety", ".page-main", _("Safety"),
        _("How to know our page, what we never ask, and what to do when something seems wrong.")),
}
TOURS: dict[Role, tuple[str, ...]] = {
    Role.BORROWER: ("own_home", "own_apply", "own_case", "own_talk", "own_loans", "own_data", "own_safety"),
    Role.LOAN_OFFICER: ("home", "new", "work", "case", "who", "borrowers", "requests", "help"),
    Role.CREDIT_ANALYST: ("home", "next", "work", "case", "checks", "who", "search", "help"),
    Role.APPRAISER: ("home", "next", "work", "case", "checks", "who", "search", "help"),
    Role.APPROVER_1: ("home", "sign", "work", "case", "checks", "who", "factor", "help"),
    Role.APPROVER_2: ("home", "sign", "work", "case", "checks", "who", "factor", "help"),
    Role.APPROVER_3: ("home", "sign", "work", "case", "checks", "who", "factor", "help"),
    Role.COMMITTEE_SECRETARY: ("home", "cases", "case", "checks", "search", "help"),
    Role.DISBURSEMENT_REVIEWER: ("home", "next", "work", "case", "who", "factor", "help"),
    Role.PAYMENT_MAKER: ("home", "work", "payments", "case", "who", "help"),
    Role.PAYMENT_CHECKER: ("home", "work", "payments", "case", "factor", "help"),
    Role.POST_LOAN_OFFICER: ("home", "work", "loans", "payments", "case", "help"),
    Role.TEAM_LEAD: ("home", "work", "cases", "requests", "case", "who", "notices", "help"),
    Role.HEAD_OF_CREDIT: ("home", "cases", "requests", "policy", "reasons", "matrix", "help"),
    Role.COMPLIANCE_OFFICER: ("home", "cases", "requests", "audit", "people", "who", "help"),
    Role.AUDITOR: ("home", "audit", "cases", "case", "process", "matrix", "help"),
    Role.SECURITY_OFFICER: ("home", "audit", "people", "matrix", "help"),
    Role.ADMINISTRATOR: ("home", "people", "branches", "products", "announcements", "matrix", "help"),
}
# fmt: on
"""Stops of each role; who holds several takes the tour of the first."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A stop with its address and its place in the tour, counted from 1."""

    number: int
    stop: Stop
    address: str


def tour_of(actor: Actor) -> list[Placed]:
    """The reader's tour; stops at a case are left out while there is none to show. At most one small list of cases is read."""
    return [Placed(number, stop, address) for number, (stop, address) in enumerate(_reachable(actor), start=1)]


def _reachable(actor: Actor) -> Iterator[tuple[Stop, str]]:
    stops = [STOPS[code] for code in TOURS[Role(actor.held[0].role)]] if actor.held else []
    number = _case_number(actor) if any(stop.of_case for stop in stops) else ""
    for stop in stops:
        if not stop.of_case:
            yield stop, reverse(stop.url_name)
        elif number:
            yield stop, reverse(stop.url_name, args=[number])


def _case_number(actor: Actor) -> str:
    newest = cases_visible_to(actor, CaseFilter(), limit=1).rows
    return newest[0].number if newest else ""
