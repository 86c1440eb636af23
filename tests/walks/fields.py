"""The rules of writing, field by field, as the product's own code has them: what each address takes, from whom, and when.

What an address takes are the fields of the form that its page shows in the furnished world, and what its view reads of the
request besides. Who may is its mark; when is what the services that it calls demand: the states given to the doors of cases
(``states=``), or those in which the process table knows their events.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, is_dataclass
from dataclasses import fields as dataclass_fields
from types import FunctionType
from typing import Any

from django.forms import Form

from apps.access.roles import Role
from apps.console.reach import kept
from apps.workflow import process
from apps.workflow.process import NEW, Event
from apps.workflow.states import State
from tests.walks.addresses import Page, open_to, pages
from tests.walks.reaching import OF_A_CASE, demands, steps_up
from tests.walks.shown import Found

HEAD = """# Who writes which field, and when

Written by `make matrix` from the product's code and its forms in a furnished house: what each address takes when something is
sent to it, what it demands, the roles that have that, and the states in which a case takes it. A field that does not stand in an
address's line is not read there: `tests/walks/test_fields.py` sends every column of the database to every form, and sees that nothing
comes of it. Forms are the only way in: there is no model form, and no service takes a request.

`version` and `seen` say which state of the case the sender saw: where it has changed since, nothing is written. What a form asks only
of some, such as the fields of one kind of borrower, stands here as the walk met it. States are those in which the process table knows the step, or that the
service names which takes the form; in every other the sending is refused.

Beside the role stand the scope (`docs/matrix.md`), the duties of the person and the guards of the step (`docs/process.md`), which
are asked whatever the field. A dash under *States*: the address is about no case, or about what no state of a case decides, such as
the words of its own messages. Who reads which field is the mask and the class of the field, on the page *Inventory of data*.
"""
DOORS = ("case_locked", "collateral_enter", "review_enter", "case_enter")
STEPS = 6
"""How many calls deep the services of an address are read."""
ORDER = tuple(State)


@dataclass
class Line:
    """What an address takes and demands."""

    page: Page
    fields: set[str] = field(default_factory=set)

    @property
    def roles(self) -> list[str]:
        """Roles that have what its mark demands."""
        return [role.value for role in Role if open_to(self.page, role)]

    @property
    def is_about_a_case(self) -> bool:
        """Tell whether its address names something of a case."""
        return bool(self.page.names) and self.page.name.partition(":")[0] in OF_A_CASE

    def markdown(self) -> str:
        """The line of the table."""
        asked = ", ".join(demands(self.page)) + (" (fresh factor)" if steps_up(self.page) else "")
        states = states_of(self.page.view) if self.is_about_a_case else frozenset[str]()
        cells = (
            f"`{self.page.path}`", ", ".join(f"`{name}`" for name in sorted(self.fields)), asked, _roles(self.roles),
            ", ".join(each for each in ORDER if each in states) or "–",
        )  # fmt: skip
        return f"| {' | '.join(cells)} |"


def lines(shown: Iterable[Found]) -> list[Line]:
    """Every address that takes a field, in the order of the table of addresses; with the forms that pages show."""
    found = {page.key: Line(page, read_by(page.view)) for page in pages() if takes_anything(page)}
    for page, _address, _seat, form in shown:
        if page.key in found:
            found[page.key].fields |= taken(form)
    return [line for line in found.values() if line.fields]


def takes_anything(page: Page) -> bool:
    """Tell whether something can be sent to an address at all, as the table of who reaches what has it."""
    known = kept().get(page.key)
    return known is None or any(text[-1] != "n" for cells in known.cells.values() for text in cells.values())


def as_markdown(found: Iterable[Line]) -> str:
    """The page for docs: a table for each app."""
    by_app: dict[str, list[Line]] = {}
    for line in found:
        by_app.setdefault(line.page.name.partition(":")[0], []).append(line)
    parts = [HEAD]
    for app, mine in by_app.items():
        rows = "\n".join(line.markdown() for line in mine)
        parts.append(f"## {app}\n\n| Address | Fields | Demands | Roles | States |\n|---|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def taken(form: Form) -> set[str]:
    """Names of a form's fields; numbers of rows, such as ``amount-3``, are left out."""
    return {name.rstrip("0123456789").rstrip("-_") or name for name in form.fields}


def read_by(view: Callable[..., Any]) -> set[str]:
    """What a view's own functions read of what was sent, by name."""
    found: set[str] = set()
    for function in reached(view, own=True):
        for node in ast.walk(tree_of(function)):
            found |= set(_read(node))
    return found


def _read(node: ast.AST) -> Iterator[str]:
    """Names in ``request.POST.get("x")``, ``getlist("x")`` and ``"x" in request.POST``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "getlist"}:
        if ast.unparse(node.func.value).endswith("request.POST") and isinstance(node.args[0], ast.Constant):
            yield str(node.args[0].value)
    elif isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant) and _is_sent(node.comparators):
        yield str(node.left.value)


def _is_sent(nodes: Iterable[ast.expr]) -> bool:
    return any(ast.unparse(each).endswith("request.POST") for each in nodes)


@functools.cache
def states_of(view: Callable[..., Any]) -> frozenset[str]:
    """States of a case in which what a view calls may happen: those of the events that it brings about, else those its doors name."""
    named: set[str] = set()
    moved: set[str] = set()
    for function in reached(view):
        for node in stepping(tree_of(function)):
            if isinstance(node, ast.Call):
                named |= set(_named(node, function))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Event":
                moved |= _sources(getattr(Event, node.attr, None))
        moved |= {state for each in held_by(function) for state in _sources(each)}
    return frozenset(moved or named)


def stepping(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a tree but those that only say for which event a duty was laid on somebody."""
    if not (isinstance(tree, ast.Call) and ast.unparse(tree.func) in {"duty_write", "duties_write"}):
        yield tree
        for child in ast.iter_child_nodes(tree):
            yield from stepping(child)


def _named(call: ast.Call, function: FunctionType) -> Iterable[str]:
    """States in a call of a door."""
    name = ast.unparse(call.func).rpartition(".")[2]
    if name not in DOORS:
        return ()
    for given in call.keywords:
        if given.arg == "states":
            return _worth(given.value, function)
    default = inspect.signature(function.__globals__[name]).parameters["states"].default
    return () if default is inspect.Parameter.empty or default is None else default


def _worth(node: ast.expr, function: FunctionType) -> Iterable[str]:
    """What an expression is worth where a function stands: a constant of its module; ``()`` for anything else."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    if not names <= function.__globals__.keys():
        return ()
    return eval(compile(ast.Expression(node), "states", "eval"), function.__globals__) or ()


def held_by(function: FunctionType) -> Iterator[Any]:
    """What a function made by another holds: the values around it, and what stands in them where they are data."""
    for cell in function.__closure__ or ():
        held = cell.cell_contents
        yield held
        if is_dataclass(held) and not isinstance(held, type):
            yield from (getattr(held, each.name) for each in dataclass_fields(held))


def _sources(event: Any) -> set[str]:
    return {str(each) for row in process.TABLE if row.event == event for each in row.sources if each != NEW}


def reached(view: Callable[..., Any], *, own: bool = False) -> list[FunctionType]:
    """Functions that a view calls, itself first: of its own module, and (unless ``own``) of services, some calls deep."""
    found, edge = [bare(view)], [bare(view)]
    for _step in range(STEPS):
        edge = [each for function in edge for each in _called(function, view, own) if each not in found]
        edge = list(dict.fromkeys(edge))
        found += edge
    return found


def _called(function: FunctionType, view: Callable[..., Any], own: bool) -> Iterator[FunctionType]:
    for held in held_by(function):
        yield from _ours(held, view, own)
    for node in ast.walk(tree_of(function)):
        if isinstance(node, ast.Name):
            yield from _ours(function.__globals__.get(node.id), view, own)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield from _ours(getattr(function.__globals__.get(node.value.id), node.attr, None), view, own)


def _ours(thing: Any, view: Callable[..., Any], own: bool) -> Iterator[FunctionType]:
    if not callable(thing) or isinstance(thing, type):
        return
    plain = bare(thing)
    if not isinstance(plain, FunctionType):
        return
    module = plain.__module__
    here = module == bare(view).__module__
    serving = ".services" in module or module.startswith(("apps.portal.", "apps.console."))
    if here or (not own and serving and module not in APART and not module.startswith(("apps.audit", "apps.core"))):
        yield plain


APART = {"apps.workflow.services.advancing", "apps.workflow.services.cases", "apps.workflow.services.talk"}
"""What every step passes through; it names events that are not this step's own."""


def bare(function: Callable[..., Any]) -> Any:
    """A function without what is wrapped around it."""
    return inspect.unwrap(function)


@functools.cache
def tree_of(function: FunctionType) -> ast.AST:
    """Source of a function as a tree; an empty one where it has none."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return ast.parse("")


def _roles(roles: list[str]) -> str:
    if len(roles) == len(Role):
        return "all"
    staff = [role.value for role in Role if role != Role.BORROWER]
    return "all staff" if roles == staff else ", ".join(roles) or "nobody"
