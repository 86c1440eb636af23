"""What must hold before a decision counts. Each guard says in a sentence what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval import wording
from apps.approval.gathering import memo_differs
from apps.approval.rules import above, is_open, level_held, rank
from apps.approval.selectors.memos import Standing, decided_before_reopening, memo_live, standing_for
from apps.approval.selectors.offers import offer_standing
from apps.approval.signoff import WITH_PASSKEY, passkey_lines
from apps.core import clock
from apps.core.actor import Actor
from apps.workflow.dutybook import acted_through_deputy
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.registry import guard

Facts = Mapping[str, Any]


def _unless(holds: bool, sentence: Any) -> list[Any]:
    return [] if holds else [sentence]


NO_MEMO = _("The decision memo is not frozen yet.")
NO_LEVEL = _("You are not an approver for this branch.")


@guard("authority", _("The signer's level suffices"), standing=False, personal=True)
def authority(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The signer's level fills a signature that is still missing, and the person has not decided here before.

    ``factor_class`` comes with a signature; a page that asks beforehand knows none yet and says itself what would suffice.
    """
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    if standing is None or level is None:
        return [NO_MEMO if standing is None else NO_LEVEL]
    before = standing.without(facts.get("signature"))
    memo = before.memo
    by = passkey_lines(memo.policy, wording.amount_of(memo), case.currency, facts.get("factor_class", WITH_PASSKEY))
    return _person_lines(case, actor, before) + _level_lines(before, level) + by


def _person_lines(case: LoanCase, actor: Actor, standing: Standing) -> list[Any]:
    people, since = actor.persons, standing.memo.created_at
    signed = any(each.person_id in people for each in standing.signatures)
    signed = signed or acted_through_deputy(case, (Event.SIGN, Event.SIGN_LAST, Event.ESCALATE), people, since)
    referred = any(each.person_id in people for each in standing.referrals)
    return [
        *_unless(not signed, _("You signed already; each signature is another person's.")),
        *_unless(not referred, _("You referred this case to the next level; others decide now.")),
        *_unless(
            people.isdisjoint(decided_before_reopening(case)),
            _("You decided this case before it was reopened; another approver decides now."),
        ),
    ]


def _level_lines(standing: Standing, level: str) -> list[Any]:
    if not standing.needed:
        return [_("Nobody has the authority to approve this: return the case or decline it.")]
    missing = " + ".join(str(rank(each)) for each in standing.open)
    return _unless(
        standing.is_helped_by(level),
        _("You are level %(mine)s; this needs level %(levels)s.") % {"mine": rank(level), "levels": missing},
    )


@guard("memo_unchanged", _("The memo is as it was frozen"))
def memo_unchanged(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """What the memo binds is still so."""
    memo = memo_live(case)
    if memo is None:
        return [NO_MEMO]
    return _unless(
        not memo_differs(memo, case), _("Something in the memo has changed: it is frozen anew before anybody signs.")
    )


@guard("memo_not_expired", _("The memo has not expired"))
def memo_not_expired(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The memo's figures are not too old."""
    memo = memo_live(case)
    holds = memo is None or clock.now() < memo.expires_at
    return _unless(holds, _("The memo has expired: return the case, so that its figures are looked at again."))


@guard("more_signatures_needed", _("More signatures follow"), standing=False, personal=True)
def more_signatures_needed(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Others still have to sign after the actor."""
    return _unless(not _would_complete(case, actor, facts), _("This is the last signature."))


@guard("last_signature", _("This signature is the last one needed"), standing=False, personal=True)
def last_signature(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """With this signature everybody needed has signed."""
    return _unless(_would_complete(case, actor, facts), _("More signatures are needed after this one."))


def _would_complete(case: LoanCase, actor: Actor, facts: Facts) -> bool:
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    return standing is not None and level is not None and standing.without(facts.get("signature")).is_last(level)


@guard("decline_within_authority", _("Your level may decline"), personal=True)
def decline_within_authority(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The matrix lets the actor's level decline for good."""
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    if standing is None or level is None:
        return [NO_MEMO if standing is None else NO_LEVEL]
    return _unless(
        standing.may_decline(level), _("Your level does not decline this alone: refer it to the next level.")
    )


@guard("next_level", _("There is a next level"), personal=True)
def next_level(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The actor's level cannot decline for good, and somebody above it can."""
    standing, level = standing_for(case, but_decision=facts.get("decision")), level_held(actor.held, case.branch_id)
    if standing is None or level is None:
        return [NO_MEMO if standing is None else NO_LEVEL]
    refers = not standing.may_decline(level) and above(level) is not None
    again = any(each.person_id in actor.persons for each in standing.referrals)
    return [
        *_unless(refers, _("Your level decides this itself: sign or decline.")),
        *_unless(not again, _("You referred this case already.")),
    ]


@guard("signer_or_above", _("You signed it, or approve at a higher level"), standing=False, personal=True)
def signer_or_above(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Who takes an approval back has given it, or stands above those who have; at the top another of the top does."""
    standing, level = standing_for(case), level_held(actor.held, case.branch_id)
    if standing is None or level is None:
        return [NO_MEMO if standing is None else NO_LEVEL]
    signed = any(each.person_id in actor.persons for each in standing.signatures)
    highest = max(map(rank, standing.given), default=0)
    higher = rank(level) > highest or above(level) is None
    return _unless(signed or higher, _("Only who signed this, or an approver of a higher level, revokes it."))


@guard("offer_open", _("The offer stands"))
def offer_open(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """Nobody has answered the offer, and its last day is not over."""
    if facts.get("offer"):
        return []  # the service checked it under the same lock and has written the answer just now
    offer = offer_standing(case)
    if offer is None or not offer.is_open:
        return [_("There is no open offer.")]
    return _unless(is_open(offer.ends_on, clock.today()), _("The offer ended on %(day)s.") % {"day": offer.ends_on})


@guard("offer_ended", _("The offer has ended"))
def offer_ended(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The last day of the offer is over."""
    if facts.get("offer"):
        return []  # the service checked it under the same lock and has closed it just now
    offer = offer_standing(case)
    ended = offer is not None and offer.is_open and not is_open(offer.ends_on, clock.today())
    return _unless(ended, _("The offer still stands."))


@guard("terms_asked", _("Other terms are asked for"), standing=False)
def terms_asked(case: LoanCase, actor: Actor, facts: Facts) -> list[Any]:
    """The counter-offer names at least one term that differs."""
    return _unless(bool(facts.get("asked")), _("Say which amount, term or rate is asked for instead."))
