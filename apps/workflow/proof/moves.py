"""Everything that can happen next: rows of the process table, acts that guards are tied to, and rights handed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.access.duties import Duty
from apps.access.roles import Role
from apps.core.permissions import Permission
from apps.workflow.process import BACK, CHOSEN, NEW, SAME, Event, Row, Who
from apps.workflow.proof.bank import EMPOWERED, HANDED, INVENTED, PREPARED, RECOVERED, Delegation, Hand, House, Place
from apps.workflow.proof.lines import SOMEBODY_INVENTED, Line
from apps.workflow.states import EARLIER_THAN, State

LETTERS = "ABCDEFGHIJ"
PAYING = (Event.PREPARE_PAYMENT, Event.RELEASE_PAYMENT)
"""Steps by a person that lead on without the case's leaving its state."""
Move = tuple[tuple[Line, ...], Place | None]
"""What is done, line by line, and the place it leads to; ``None``: the money has gone out."""


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something (``at`` among the offenders, ``None``: somebody invented), for whom, and what the hands are then."""

    at: int | None
    hands: tuple[Hand, ...]
    before: tuple[Line, ...] = ()
    instead_of: str = ""

    @property
    def who(self) -> str:
        """Letter of who does it."""
        return SOMEBODY_INVENTED if self.at is None else LETTERS[self.at]


def case_moves(house: House, place: Place) -> Iterator[Move]:
    """What happens to the case itself."""
    yield from _tied_acts(house, place)
    for row in house.bank.table:
        if place.state in row.sources and _fits(house, row) and _holds(house, row, place):
            for target in targets(row, place):
                yield from _taken(house, row, place, target)


def targets(row: Row, place: Place) -> tuple[str, ...]:
    """Where a row may lead from here."""
    named = {SAME: (place.state,), BACK: (place.came_from,), CHOSEN: tuple(EARLIER_THAN.get(place.state, ()))}
    return named.get(row.target, (row.target,))


def _fits(house: House, row: Row) -> bool:
    secured = house.bank.secured
    return ("secured" not in row.guards or secured) and ("unsecured" not in row.guards or not secured)


def _holds(house: House, row: Row, place: Place) -> bool:
    return all(name in place.facts for name in row.guards if name in house.bank.tied)


def _tied_acts(house: House, place: Place) -> Iterator[Move]:
    for name, act in house.bank.tied.items():
        if name == PREPARED or name in place.facts or place.state == NEW:
            continue
        if act is None:
            yield (), place._replace(facts=place.facts | {name})
            continue
        permission, duty = act
        for doer in doers(house, place, permission, duty):
            line = Line("guard", doer.who, name, duty=duty, instead_of=doer.instead_of)
            yield (*doer.before, line), place._replace(facts=place.facts | {name}, hands=doer.hands)


def _taken(house: House, row: Row, place: Place, target: str) -> Iterator[Move]:
    if target == place.state and row.event not in PAYING:
        return  # what leaves the case where it is and establishes nothing only adds duties: it never helps
    came_from = place.state if target == State.WAITING else ""
    after = place._replace(state=target, came_from=came_from)
    line = Line("step", row.who.value, row.event, place.state, target)
    if row.who is not Who.PERSON:
        yield (line,), after
        return
    for doer in doers(house, place, row.permission, row.duty):
        done = (*doer.before, line._replace(who=doer.who, duty=row.duty or "", instead_of=doer.instead_of))
        if row.event == Event.RELEASE_PAYMENT:
            if doer.at is None or doer.at != place.maker:
                yield done, None
        elif row.event == Event.PREPARE_PAYMENT:
            yield done, after._replace(facts=place.facts | {PREPARED}, hands=doer.hands, maker=doer.at)
        else:
            yield done, after._replace(hands=doer.hands)


def doers(house: House, place: Place, permission: Permission, duty: Duty | None) -> tuple[Doer, ...]:
    """Who may use a permission and take on its duty: somebody invented (who costs nothing), or each kind of offender.

    The state of the case has no part in it, so it is worked out once for all states.
    """
    asked = (place.hands, place.maker, place.facts, permission, duty)
    found = house.doers.get(asked)
    if found is None:
        found = house.doers[asked] = tuple(_doers(house, place, permission, duty))
    return found


def _doers(house: House, place: Place, permission: Permission, duty: Duty | None) -> Iterator[Doer]:
    if invented_may(house, place, permission):
        yield Doer(None, place.hands)
        return
    for at in kinds(place):
        hand = house.takes(place.hands[at], permission)
        if hand is not None and house.is_free(place.hands[at], duty):
            yield Doer(at, put(place.hands, at, _with(hand, duty)))
    if house.bank.delegation is Delegation.AMONG:
        yield from _for_each_other(house, place, permission, duty)
    if house.bank.delegation is Delegation.OUTSIDE and not is_strict(house) and house.holds(handed(place), permission):
        yield from _for_a_colleague(house, place, permission, duty)


def invented_may(house: House, place: Place, permission: Permission) -> bool:
    """Tell whether somebody invented may use a permission: by a role given, or by one handed over."""
    if INVENTED not in place.facts:
        return EMPOWERED in place.facts
    given = set(house.bank.roles) - {Role.BORROWER} if EMPOWERED in place.facts else {*house.plain, *handed(place)}
    return house.holds(given | ({Role.ADMINISTRATOR} if RECOVERED in place.facts else set()), permission)


def handed(place: Place) -> list[Role]:
    """Roles that an unsuspecting colleague has handed over."""
    return [Role(fact.removeprefix(HANDED)) for fact in place.facts if fact.startswith(HANDED)]


def kinds(place: Place, but: tuple[int, ...] = ()) -> list[int]:
    """One of each kind of offender: those who did the same are interchangeable, but for who prepared the payment."""
    found: dict[tuple[Hand, bool], int] = {}
    for at, hand in enumerate(place.hands):
        if at not in but:
            found.setdefault((hand, at == place.maker), at)
    return list(found.values())


def put(hands: tuple[Hand, ...], at: int, hand: Hand) -> tuple[Hand, ...]:
    """The hands with one of them changed."""
    return (*hands[:at], hand, *hands[at + 1 :])


def _with(hand: Hand, duty: Duty | None) -> Hand:
    return hand if duty is None else hand | {duty}


def is_strict(house: House) -> bool:
    """Tell whether a deputy is bound like anybody: then, as all hold every role, an offender gains nothing by being one."""
    rule = house.bank.handing
    return rule.checks_deputy and rule.lays_on_deputy


def _handable(house: House, permission: Permission) -> list[Role]:
    rule = house.bank.handing
    roles = [role for role in house.bank.roles if permission in house.bank.roles[role] and role != Role.BORROWER]
    return [role for role in roles if not house.bank.roles[role] & rule.never]


def hand_over(
    house: House, place: Place, role: Role, who: str, but: tuple[int, ...]
) -> Iterator[tuple[tuple[Line, ...], tuple[Hand, ...]]]:
    """The lines by which a role is handed over: power needs somebody else's agreement."""
    line, second = Line("hand", who, role), house.bank.handing.second
    if second is None or role not in house.bank.powerful:
        yield (line,), place.hands
    elif invented_may(house, place, second):
        yield (line, Line("agree", SOMEBODY_INVENTED, second)), place.hands
    else:
        for at in kinds(place, but):
            hand = house.takes(place.hands[at], second)
            if hand is not None:
                yield (line, Line("agree", LETTERS[at], second)), put(place.hands, at, hand)


def _for_each_other(house: House, place: Place, permission: Permission, duty: Duty | None) -> Iterator[Doer]:
    """One offender, or somebody invented, acts for another offender."""
    rule = house.bank.handing
    for principal in kinds(place):
        holding = house.takes(place.hands[principal], permission)
        if holding is None or (rule.checks_principal and not house.is_free(place.hands[principal], duty)):
            continue
        bound = put(place.hands, principal, _with(holding, duty) if rule.lays_on_principal else holding)
        deputies: list[int | None] = [*kinds(place, (principal,)), *([None] if INVENTED in place.facts else [])]
        for role in _handable(house, permission)[:1]:
            for deputy in deputies:
                then = place._replace(hands=bound)
                yield from _deputised(house, then, role, duty, deputy, LETTERS[principal], (principal,))


def _for_a_colleague(house: House, place: Place, permission: Permission, duty: Duty | None) -> Iterator[Doer]:
    """An offender acts for the colleague who handed a role over."""
    role = next(each for each in handed(place) if permission in house.bank.roles[each])
    for deputy in kinds(place):
        hand = _as_deputy(house, place.hands[deputy], role, duty)
        if hand is not None:
            yield Doer(deputy, put(place.hands, deputy, hand), instead_of="?")


def _deputised(
    house: House,
    place: Place,
    role: Role,
    duty: Duty | None,
    deputy: int | None,
    whom: str,
    principals: tuple[int, ...],
) -> Iterator[Doer]:
    apart = principals if deputy is None else (*principals, deputy)
    for lines, hands in hand_over(house, place, role, whom, apart):
        if deputy is None:
            yield Doer(None, hands, lines, whom)
            continue
        hand = _as_deputy(house, hands[deputy], role, duty)
        if hand is not None:
            yield Doer(deputy, put(hands, deputy, hand), lines, whom)


def _as_deputy(house: House, hand: Hand, role: Role, duty: Duty | None) -> Hand | None:
    """What a deputy's hand becomes, or ``None`` where the deputy is kept from it."""
    rule = house.bank.handing
    if rule.checks_deputy and not house.is_free(hand, duty):
        return None
    held = hand | {role} if role in house.touchy else hand
    if not house.meet(held):
        return None
    return _with(held, duty) if rule.lays_on_deputy else held
