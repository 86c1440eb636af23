"""The table of who reaches what as a file for docs/, in English: the same data as the page."""

from __future__ import annotations

from django.utils.translation import override

from apps.access.roles import Role
from apps.console.reach import ANSWERS, CLASSES, Address, kept

HEAD = """# Who reaches what

Walked by `make matrix` through the whole product, with real objects: every address, by every role, to an object of every class,
looking (GET) and sending an empty form (POST). A test walks a part of it again at each run; another holds this page in step.

A cell has two letters, the first for looking, the second for sending:

{answers}

Roles that an address is closed to are refused (`f`) whatever the object, and are left out below. Roles whose cells are the same
share a line. A dash: nobody can stand so to an object with this role.
"""


def as_markdown() -> str:
    """Write a section for each app, with a table of the addresses about objects and one of the others."""
    with override("en"):
        answers = "\n".join(f"- `{letter}` {words}" for letter, words in ANSWERS.items())
        parts = [HEAD.format(answers=answers)]
        apps = dict.fromkeys(each.name.partition(":")[0] if ":" in each.name else "other" for each in kept().values())
        for app in apps:
            mine = [
                each
                for each in kept().values()
                if (each.name.partition(":")[0] if ":" in each.name else "other") == app
            ]
            parts.append(f"## {app}\n")
            parts += [_table([each for each in mine if each.classes == ("page",)], ("page",))]
            parts += [
                _table(
                    [each for each in mine if each.classes != ("page",)],
                    tuple(name for name in CLASSES if name != "page"),
                )
            ]
    return "\n".join(part for part in parts if part)


def _table(addresses: list[Address], classes: tuple[str, ...]) -> str:
    if not addresses:
        return ""
    head = f"| Address | Demands | Roles | {' | '.join(str(CLASSES[name]) for name in classes)} |"
    rule = "|".join(["---"] * (3 + len(classes)))
    return "\n".join([head, f"|{rule}|", *(line for each in addresses for line in _lines(each, classes)), ""])


def _lines(address: Address, classes: tuple[str, ...]) -> list[str]:
    together: dict[tuple[str, ...], list[str]] = {}
    for role in Role:
        cells = tuple(address.cells[role.value][name] for name in classes)
        if set(cells) != {"ff"}:
            together.setdefault(cells, []).append(role.value)
    demands = ", ".join(address.demands) + (" (fresh factor)" if address.step_up else "")
    return [
        f"| `{address.path}` | {demands} | {_roles(roles)} | {' | '.join(cells)} |" for cells, roles in together.items()
    ] or [f"| `{address.path}` | {demands} | nobody | {' | '.join(['ff'] * len(classes))} |"]


def _roles(roles: list[str]) -> str:
    if len(roles) == len(Role):
        return "all"
    staff = [role.value for role in Role if role != Role.BORROWER]
    return "all staff" if roles == staff else ", ".join(roles)
