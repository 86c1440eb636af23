"""Reads of drawdowns, and what a facility has left."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet, Sum

from apps.access.services import can
from apps.core import clock
from apps.core.actor import Actor
from apps.core.gathered import rows
from apps.core.keyset import Page, encode
from apps.core.permissions import Permission
from apps.disbursement import ports, rules
from apps.disbursement.models import Drawdown, DrawdownState, PaymentOrder
from apps.disbursement.models.payment import COUNTED, UNANSWERED
from apps.disbursement.selectors.scopes import legs, newest_ids, without_excluded
from apps.workflow.models import Facility, LoanCase
from apps.workflow.selectors.facilities import facilities_of

REVOLVING = "revolving"


def drawdowns_of(case: LoanCase) -> QuerySet[Drawdown]:
    """Drawdowns of a case with order, payee and facility, oldest first."""
    return (
        Drawdown.objects.filter(case=case)
        .select_related(
            "order__maker", "order__checker", "order__paying_account", "payee", "facility", "bill__key_owner"
        )
        .order_by("id")
    )


def drawn_of(facility: Facility, *, without: Drawdown | None = None) -> Decimal:
    """What of a facility is drawn or on its way, leaving one drawdown out."""
    counted = Drawdown.objects.filter(facility=facility, state__in=COUNTED)
    if without is not None:
        counted = counted.exclude(pk=without.pk)
    return counted.aggregate(total=Sum("amount"))["total"] or Decimal(0)


def room_of(facility: Facility, *, without: Drawdown | None = None) -> Decimal:
    """What may still be drawn of a facility; of a revolving limit what was repaid may be drawn again."""
    return _room(facility, drawn_of(facility, without=without))


def _room(facility: Facility, drawn: Decimal) -> Decimal:
    revolving = facility.kind == REVOLVING
    repaid = ports.repaid_of(facility) if revolving else Decimal(0)
    return rules.room_left(facility.approved_amount, drawn, repaid, revolving=revolving)


def facilities_drawn(case: LoanCase) -> list[tuple[Facility, Decimal, Decimal]]:
    """Facilities of a case, each with what is drawn or on its way and what may still be drawn."""
    counted = [each for each in rows(case, Drawdown) if each.state in COUNTED]
    found = []
    for facility in facilities_of(case):
        drawn = sum((each.amount for each in counted if each.facility_id == facility.pk), Decimal(0))
        found.append((facility, drawn, _room(facility, drawn)))
    return found


def term_of_draw(facility: Facility, paid_on: dt.date) -> int | None:
    """Term in months of the loan that a draw paid on a day opens; ``None`` before terms are approved."""
    term = facility.approved_term
    if term is None or facility.kind != REVOLVING:
        return term
    return rules.draw_term(term, paid_on, facility.available_until, settings.LOANFLOW_LIMIT_TAIL_MONTHS)


def on_its_way(facility: Facility) -> bool:
    """Tell whether a payment of the facility is prepared, released or not answered by the bank."""
    return Drawdown.objects.filter(facility=facility, state__in=UNANSWERED).exists()


def netting_of(facility: Facility) -> QuerySet[Drawdown]:
    """Payments not yet answered that keep money back to settle the loans of ``facility``."""
    return Drawdown.objects.filter(facility__replaces=facility, netted__gt=0, state__in=UNANSWERED)


def orders_stuck(*, older_than: dt.timedelta) -> QuerySet[PaymentOrder]:
    """Released orders that no worker has sent or is sending; what is frozen stays out."""
    now = clock.now()
    waiting = PaymentOrder.objects.filter(
        sent_at=None, released_at__lt=now - older_than, drawdown__state=DrawdownState.RELEASED
    )
    free = waiting.filter(Q(leased_until=None) | Q(leased_until__lte=now))
    frozen = Q(case__is_frozen=True) | Q(case__borrower__frozen=True) | Q(case__borrower__group__frozen=True)
    return (
        free.exclude(pk__in=waiting.filter(frozen).values("pk"))
        .select_related("case__borrower__group", "drawdown")
        .order_by("released_at", "id")
    )


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What a list of payments asks for; no ``state`` asks for those that wait for somebody."""

    state: str = ""

    def apply(self, rows: QuerySet[Drawdown]) -> QuerySet[Drawdown]:
        """Narrow a queryset."""
        return rows.filter(state=self.state) if self.state else rows.filter(state__in=UNANSWERED)


def payments_visible_to(
    actor: Actor, filters: PaymentFilter | None = None, cursor: str = "", limit: int = 50
) -> Page[Drawdown]:
    """One page of the payments an actor may see, newest first: a union of legs with keyset paging."""
    base = without_excluded(
        actor, (filters or PaymentFilter()).apply(Drawdown.objects.all()), borrower="case__borrower_id"
    )
    scopes = legs(actor, Permission.PAYMENT_VIEW, branch="case__branch_id", borrower="case__borrower_id")
    ids = newest_ids(base, scopes, cursor, limit + 1)
    found = Drawdown.objects.select_related("case__borrower", "case__branch", "facility", "payee", "order").in_bulk(
        ids[:limit]
    )
    return Page([found[pk] for pk in ids[:limit]], encode([ids[limit - 1]]) if len(ids) > limit else "", not cursor)


def order_referred(actor: Actor, end_to_end_id: str) -> PaymentOrder | None:
    """The payment order of an end-to-end reference, if the actor may see the payments of its case."""
    order = PaymentOrder.objects.select_related("case__borrower").filter(end_to_end_id=end_to_end_id).first()
    return order if order is not None and can(actor, Permission.PAYMENT_VIEW, order.case).allowed else None
