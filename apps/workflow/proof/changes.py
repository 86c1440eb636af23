"""What administration adds: people invented, made powerful or taken over, and a right handed over in good faith."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apps.access.administration import Change, Rule, To
from apps.access.roles import Role
from apps.core.permissions import Permission
from apps.workflow.process import NEW
from apps.workflow.proof.bank import EMPOWERED, HANDED, INVENTED, RECOVERED, Delegation, Hand, House, Place
from apps.workflow.proof.lines import SOMEBODY_INVENTED, Line
from apps.workflow.proof.moves import LETTERS, Move, hand_over, handed, invented_may, is_strict, kinds, put

Agreed = tuple[tuple[Line, ...], tuple[Hand, ...]]


def house_moves(house: House, place: Place) -> Iterator[Move]:
    """What happens around the case, at its beginning: nothing is gained by doing it later."""
    if place.state != NEW:
        return
    if house.bank.rules is not None:
        yield from _invented(house, place)
        yield from _recovered(house, place)
        yield from _empowered(house, place)
        yield from _taken_over(house, place)
    if house.bank.delegation is Delegation.OUTSIDE and not handed(place):
        yield from _handed_over(house, place)


def _invented(house: House, place: Place) -> Iterator[Move]:
    if INVENTED not in place.facts:
        for lines, hands in _all(house, place, (Change.INVITE, Change.ROLE)):
            yield lines, place._replace(facts=place.facts | {INVENTED}, hands=hands)


def _recovered(house: House, place: Place) -> Iterator[Move]:
    """People invented are made administrators by command, as many as it takes: who may suspend makes room for each.

    What somebody whom the house knows gains by it, every offender holds anyhow; so the door matters where it is open to others.
    """
    rule = _rule(house, Change.RECOVER)
    if INVENTED not in place.facts or RECOVERED in place.facts or rule.trusted:
        return
    behind = min(rule.behind, 1) if not rule.apart else rule.behind
    if len(place.hands) < behind:
        return
    stand = tuple(Line("stand", LETTERS[at]) for at in range(behind))
    for lines, hands in _all(house, place, (Change.SUSPEND,)):
        made = (*lines, Line("change", "", Change.RECOVER), *stand)
        yield made, place._replace(facts=place.facts | {RECOVERED}, hands=hands)


def _empowered(house: House, place: Place) -> Iterator[Move]:
    if INVENTED not in place.facts or EMPOWERED in place.facts:
        return
    rule = _rule(house, Change.POWERFUL_ROLE)
    enrol = (Line("enrol", SOMEBODY_INVENTED),) if rule.enrolled else ()
    for lines, hands in _all(house, place, (Change.POWERFUL_ROLE,)):
        yield (*lines, *enrol), place._replace(facts=place.facts | {EMPOWERED}, hands=hands)


def _taken_over(house: House, place: Place) -> Iterator[Move]:
    """Ways to a colleague's account, with whatever roles it holds: what is kept from the asker opens none of them."""
    if EMPOWERED in place.facts:
        return
    ways: list[tuple[Change, ...]] = [
        *([(Change.REINVITE,)] if _rule(house, Change.REINVITE).to is To.ASKER else []),
        *([(Change.FACTOR_RESET,)] if _rule(house, Change.FACTOR_RESET).to is To.ASKER else []),
        (Change.MAILBOX, Change.FACTOR_RESET),
    ]
    for way in ways:
        for lines, hands in _all(house, place, way):
            yield lines, place._replace(facts=place.facts | {EMPOWERED, INVENTED}, hands=hands)


def _handed_over(house: House, place: Place) -> Iterator[Move]:
    """An unsuspecting colleague hands over one role; whoever has to agree to it is one of the offenders."""
    if is_strict(house) and INVENTED not in place.facts:
        return
    for role in _useful(house):
        for lines, hands in hand_over(house, place, role, "", ()):
            yield lines, place._replace(facts=place.facts | {f"{HANDED}{role}"}, hands=hands)


def _useful(house: House) -> list[Role]:
    """Roles that may be handed over and are not had for nothing, one of each kind."""
    open_to = [
        role for role, held in house.bank.roles.items() if role != Role.BORROWER and not held & house.bank.handing.never
    ]
    kept = [role for role in open_to if not is_strict(house) or role not in house.plain]
    return list({house.bank.roles[role]: role for role in reversed(kept)}.values())


def _rule(house: House, change: Change) -> Rule:
    return (house.bank.rules or {})[change]


def _all(house: House, place: Place, changes: Sequence[Change]) -> Iterator[Agreed]:
    """Ways for the offenders to have all of some changes made, one after the other."""
    if not changes:
        yield (), place.hands
        return
    for lines, hands in _agreed(house, place, changes[0]):
        for more, then in _all(house, place._replace(hands=hands), changes[1:]):
            yield (*lines, *more), then


def _agreed(house: House, place: Place, change: Change) -> Iterator[Agreed]:
    """Ways for the offenders to ask for one change and to agree to it; each by another person where the rule says so."""
    rule = _rule(house, change)
    if rule.asks is None:
        return
    asked = Line("change", "", change)
    lines = [asked, *(Line("agree", "", each) for each in rule.agree)]
    yield from _signed(house, place, list(zip((rule.asks, *rule.agree), lines, strict=True)), rule.apart, ())


def _signed(
    house: House, place: Place, wanted: list[tuple[Permission, Line]], apart: bool, so_far: tuple[int, ...]
) -> Iterator[Agreed]:
    if not wanted:
        yield (), place.hands
        return
    (permission, line), *rest = wanted
    for who, hands, taken in _signers(house, place, permission, so_far if apart else ()):
        for lines, then in _signed(house, place._replace(hands=hands), rest, apart, (*so_far, *taken)):
            yield (line._replace(who=who), *lines), then


def _signers(
    house: House, place: Place, permission: Permission, but: tuple[int, ...]
) -> Iterator[tuple[str, tuple[Hand, ...], tuple[int, ...]]]:
    if invented_may(house, place, permission):
        yield SOMEBODY_INVENTED, place.hands, ()
        return
    for at in kinds(place, but):
        hand = house.takes(place.hands[at], permission)
        if hand is not None:
            yield LETTERS[at], put(place.hands, at, hand), (at,)
