"""The order of the floors holds everywhere: deferred imports and string foreign keys count too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

APPS = Path(__file__).resolve().parent.parent / "apps"
FLOORS = (
    ("core",),
    ("vault",),
    ("audit",),
    ("accounts",),
    ("access",),
    ("borrowers",),
    ("workflow",),
    ("applications",),
    ("credit_review",),
    ("collateral",),
    ("approval",),
    ("disbursement",),
    ("post_loan",),
    ("console", "monitoring", "reports", "portal", "api"),
)
FLOOR_OF = {app: floor for floor, apps in enumerate(FLOORS) for app in apps}
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}


def apps_named_by(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield every app that a module names, with the line: imports at any depth and relations by string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, app) for alias in node.names for app in app_of_module(alias.name))
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.module == "apps":
                names = [f"apps.{alias.name}" for alias in node.names]
            yield from ((node.lineno, app) for name in names for app in app_of_module(name))
        elif isinstance(node, ast.Call):
            yield from ((node.lineno, app) for app in app_of_relation(node))


def app_of_module(name: str) -> list[str]:
    """Return the app that a dotted module name belongs to."""
    words = name.split(".")
    return [words[1]] if words[0] == "apps" and len(words) > 1 else []


def app_of_relation(call: ast.Call) -> list[str]:
    """Return the app that a relation by string, an `import_module` or a `get_model` points at."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [
        value.value
        for value in [*call.args[:1], *(word.value for word in call.keywords if word.arg == "to")]
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
    if name in {"import_module", "import_string"}:
        return [app for text in texts for app in app_of_module(text)]
    if name in RELATIONS or name == "get_model":
        return [app for text in texts if (app := text.split(".")[0]) in FLOOR_OF]
    return []


def may_import(importer: str, imported: str) -> bool:
    """Say whether one app may know another: itself, or a lower floor."""
    return importer == imported or FLOOR_OF[imported] < FLOOR_OF[importer]


def modules_of(app: str) -> list[Path]:
    """Return the modules of an app, its migrations left out: they repeat what the models say."""
    return [path for path in sorted((APPS / app).rglob("*.py")) if "migrations" not in path.parts]


@pytest.mark.parametrize("app", FLOOR_OF)
def test_app_knows_only_the_floors_below_it(app: str) -> None:
    wrong = [
        f"{path.relative_to(APPS)}:{line} knows {named}"
        for path in modules_of(app)
        for line, named in apps_named_by(ast.parse(path.read_text()))
        if not may_import(app, named)
    ]
    assert wrong == []


@pytest.mark.parametrize("app", FLOOR_OF)
def test_no_app_knows_the_project_package(app: str) -> None:
    texts = {path.name: path.read_text() for path in modules_of(app)}
    assert [name for name, text in texts.items() if re.search(r"\b(from|import) loanflow\b", text)] == []


def test_every_app_has_its_floor() -> None:
    assert {path.parent.name for path in APPS.glob("*/apps.py")} == set(FLOOR_OF)


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("import apps.vault.fields", ["vault"]),
        ("from apps.workflow import services", ["workflow"]),
        ("from apps import portal", ["portal"]),
        ("def late():\n    from apps.api import urls", ["api"]),
        ("case = models.ForeignKey('workflow.LoanCase', on_delete=CASCADE)", ["workflow"]),
        ("case = ForeignKey(to='workflow.LoanCase', on_delete=CASCADE)", ["workflow"]),
        ("apps.get_model('approval', 'Memo')", ["approval"]),
        ("import_module('apps.reports.tables')", ["reports"]),
        ("from django.db import models", []),
        ("parent = models.ForeignKey('self', on_delete=CASCADE)", []),
    ],
)
def test_every_way_of_naming_an_app_is_seen(source: str, named: list[str]) -> None:
    assert [app for _line, app in apps_named_by(ast.parse(source))] == named
