"""A first start that is no demo, by command: made once, two administrators at least, links that work once."""

from __future__ import annotations

import datetime as dt
import re
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.access.management.links import default_site
from apps.access.roles import Role
from apps.access.selectors import grants_open, held_roles
from apps.access.services.granting import a_year
from apps.accounts import selectors
from apps.accounts.models import Account, Branch, Institution
from apps.accounts.services import lockout
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.vault.keyring import keyring
from tests.accounts import factories
from tests.accounts.log import newest

MAILS = ("a@example.test", "b@example.test")


def run(name: str, *arguments: str) -> str:
    """Run a command and return what it printed."""
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def init(*mails: str, pack: str = "cn", name: str = "Songhua Bank") -> str:
    """Run the first start."""
    admins = [part for mail in mails for part in ("--admin", mail)]
    return run("init", "--institution", name, "--pack", pack, *admins, "--site", "http://testserver/")


@pytest.mark.django_db
def test_init_makes_the_institution_and_prints_two_links_that_work(client: Client) -> None:
    printed = init(*MAILS)
    institution = selectors.institution()
    assert institution is not None
    assert (institution.name, institution.pack, institution.currency) == ("Songhua Bank", "cn", "CNY")
    links = [line.split()[1] for line in printed.splitlines() if "http://testserver/account/invitation/" in line]
    assert len(links) == 2
    assert [client.get(link).status_code for link in links] == [200, 200]
    admins = list(Account.objects.order_by("handle"))
    assert [bool(re.fullmatch(r"admin-[0-9a-f]{6}", account.handle)) for account in admins] == [True, True]
    assert [line.split()[0] for line in printed.splitlines() if line.startswith("admin-")] == [
        account.handle for account in Account.objects.order_by("pk")
    ]
    for account in admins:
        assert [(held.role, held.branch_ids) for held in held_roles(account.person_id)] == [(Role.ADMINISTRATOR, None)]
        (grant,) = grants_open(account.person_id)
        assert grant.until == grant.ends, "a first role ends like any, and is announced"
        assert abs(grant.ends - a_year()) < dt.timedelta(minutes=5)
    event = newest(Tag.INSTITUTION_CREATED)
    assert event["name"] == "system:init"
    assert newest(Tag.ROLE_GRANTED)["name"] == "system:init"


@pytest.mark.django_db
def test_a_second_run_is_refused_and_changes_nothing() -> None:
    init(*MAILS)
    with pytest.raises(CommandError, match="made already; nothing was changed"):
        init("c@example.test", "d@example.test", name="Other")
    assert Institution.objects.get().name == "Songhua Bank"
    assert Account.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mails", "words"),
    [
        (("a@example.test",), "at least two administrators"),
        (("a@example.test", "A@EXAMPLE.TEST"), "at least two administrators"),
        (("a@example.test", "b@example.test", "a@example.test"), "of their own"),
        (("a@example.test", "no address"), "valid email"),
    ],
)
def test_two_real_administrators_are_needed(mails: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        init(*mails)
    assert not Institution.objects.exists()
    assert not Account.objects.exists()


@pytest.mark.django_db
def test_an_institution_needs_a_name_and_a_known_pack() -> None:
    with pytest.raises(CommandError, match="Name the institution"):
        init(*MAILS, name=" ")
    with pytest.raises(CommandError, match="invalid choice"):
        init(*MAILS, pack="mars")


def test_the_key_file_is_made_for_its_owner_alone(committed_db: str, settings: Any, tmp_path: Path) -> None:
    settings.LOANFLOW_KEY_FILE = tmp_path / "keys" / "root.json"
    keyring.clear()
    try:
        assert "Key file made" in init(*MAILS)
        assert stat.S_IMODE(settings.LOANFLOW_KEY_FILE.stat().st_mode) == 0o600
        assert stat.S_IMODE(settings.LOANFLOW_KEY_FILE.parent.stat().st_mode) == 0o700
    finally:
        keyring.clear()


@pytest.mark.django_db
def test_branches_are_added_by_command() -> None:
    factories.institution()
    assert "HQ/" in run("branch_add", "HQ", "Head office")
    run("branch_add", "JN", "Jinan", "--parent", "HQ")
    assert Branch.objects.get(code="JN").path == "HQ/JN/"
    assert newest(Tag.BRANCH_CREATED)["name"] == "system:branches"
    with pytest.raises(CommandError, match="already"):
        run("branch_add", "JN", "Jinan again")
    with pytest.raises(CommandError, match="no branch XX"):
        run("branch_add", "ZB", "Zibo", "--parent", "XX")


@pytest.mark.django_db
def test_a_lapsed_first_link_is_renewed_until_its_owner_has_enrolled(client: Client) -> None:
    init(*MAILS)
    link = run("invite_again", Account.objects.earliest("pk").handle, "--site", "http://testserver").strip()
    assert client.get(link).status_code == 200
    enrolled = factories.staff()
    with pytest.raises(CommandError, match="is enrolled"):
        run("invite_again", enrolled.handle)
    with pytest.raises(CommandError, match="no active account"):
        run("invite_again", "nobody")


@pytest.mark.django_db
def test_a_locked_out_administrator_is_unlocked_by_command_on_record() -> None:
    admin = factories.staff(Role.ADMINISTRATOR)
    for _each in range(5):
        lockout.attempt(Actor.anonymous(address="192.0.2.1"), admin, "password")
    assert lockout.is_locked(admin)
    assert "may try again" in run("unlock", admin.handle)
    assert not lockout.is_locked(admin)
    event = newest(Tag.LOCK_LIFTED)
    assert (event["name"], event["actor"], event["channel"]) == ("system:unlock", "system", "command")
    with pytest.raises(CommandError, match="no account nobody"):
        run("unlock", "nobody")


def test_links_begin_with_the_address_that_the_settings_know(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://loans.example.test"]
    assert default_site() == "https://loans.example.test"
    settings.CSRF_TRUSTED_ORIGINS = []
    assert default_site() == "http://127.0.0.1:8000"
