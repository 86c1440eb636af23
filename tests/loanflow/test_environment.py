"""The settings read their surroundings, and refuse what would be unsafe."""

import stat
from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.vault.crypto import Suite
from apps.vault.suites import suite_of
from loanflow import environment
from loanflow.environment import Mode


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> environ.Env:
    for name in ("LOANFLOW_MODE", "LOANFLOW_HOSTS", "LOANFLOW_SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return environ.Env()


def test_mode_is_development_unless_it_is_named(env: environ.Env, monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.read_mode(env) is Mode.DEVELOPMENT
    monkeypatch.setenv("LOANFLOW_MODE", "production")
    assert environment.read_mode(env) is Mode.PRODUCTION


@pytest.mark.parametrize(
    ("mode", "said", "hours"),
    [(Mode.DEMO, None, 0), (Mode.PRODUCTION, None, 24), (Mode.PRODUCTION, "1", 1), (Mode.PRODUCTION, "0", None), (Mode.TEST, "-1", None)],
)  # fmt: skip
def test_how_long_a_new_passkey_waits(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, mode: Mode, said: str | None, hours: int | None
) -> None:
    if said is not None:
        monkeypatch.setenv("LOANFLOW_PASSKEY_HOURS", said)
    if hours is not None:
        assert environment.passkey_hours(env, mode) == hours
        return
    with pytest.raises(ImproperlyConfigured, match="LOANFLOW_PASSKEY_HOURS"):
        environment.passkey_hours(env, mode)


@pytest.mark.parametrize(
    ("mode", "said", "hours"),
    [
        (Mode.PRODUCTION, None, 24), (Mode.PRODUCTION, "48", 48), (Mode.PRODUCTION, "23", None), (Mode.DEMO, None, 24),
        (Mode.DEMO, "0", 0), (Mode.DEMO, "-1", None),
    ],
)  # fmt: skip
def test_a_production_waits_a_day_after_a_lost_factor(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, mode: Mode, said: str | None, hours: int | None
) -> None:
    monkeypatch.delenv("LOANFLOW_RESET_HOURS", raising=False)
    if said is not None:
        monkeypatch.setenv("LOANFLOW_RESET_HOURS", said)
    if hours is not None:
        assert environment.reset_hours(env, mode) == hours
        return
    with pytest.raises(ImproperlyConfigured, match="LOANFLOW_RESET_HOURS"):
        environment.reset_hours(env, mode)


@pytest.mark.parametrize(
    ("said", "networks"),
    [
        (None, []), ("", []), (" ", []), ("10.2.0.0/16, 2001:db8:7::/48", ["10.2.0.0/16", "2001:db8:7::/48"]), ("10.2.3.4", ["10.2.3.4/32"]),
        (",", None), (" , ,", None), ("10.2.0.0/16,", None), ("10.2.0.0/16;10.3.0.0/16", None), ("10.2.3.4/16", None), ("head office", None),
        ("[]", None), ("none", None),
    ],
)  # fmt: skip
def test_networks_of_administration_that_are_not_spelled_as_such_open_nothing(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, said: str | None, networks: list[str] | None
) -> None:
    monkeypatch.delenv("LOANFLOW_ADMIN_NETWORKS", raising=False)
    if said is not None:
        monkeypatch.setenv("LOANFLOW_ADMIN_NETWORKS", said)
    if networks is not None:
        assert [str(each) for each in environment.admin_networks(env)] == networks
        return
    with pytest.raises(ImproperlyConfigured, match="LOANFLOW_ADMIN_NETWORKS"):
        environment.admin_networks(env)


@pytest.mark.parametrize(
    ("mode", "url", "way", "wrong"),
    [
        (Mode.PRODUCTION, "", "mail", ""), (Mode.PRODUCTION, "https://sms.example.test/send", "sms", ""),
        (Mode.TEST, "http://127.0.0.1:9/send", "sms", ""), (Mode.PRODUCTION, "http://sms.example.test", "mail", "LOANFLOW_SMS_URL"),
        (Mode.TEST, "https://", "mail", "LOANFLOW_SMS_URL"), (Mode.TEST, "", "sms", "LOANFLOW_CODES_BY"),
        (Mode.TEST, "", "pigeon", "LOANFLOW_CODES_BY"),
    ],
)  # fmt: skip
def test_codes_go_to_phones_only_by_a_gateway_that_a_production_speaks_tls_with(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, mode: Mode, url: str, way: str, wrong: str
) -> None:
    monkeypatch.setenv("LOANFLOW_SMS_URL", url)
    monkeypatch.setenv("LOANFLOW_CODES_BY", way)
    if wrong:
        with pytest.raises(ImproperlyConfigured, match=wrong):
            environment.codes_by(env, environment.sms(env, mode)[0])
        return
    assert environment.codes_by(env, environment.sms(env, mode)[0]) == way


def test_unknown_mode_is_refused_with_the_known_ones(env: environ.Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOANFLOW_MODE", "staging")
    with pytest.raises(ImproperlyConfigured, match="development, demo, production, test"):
        environment.read_mode(env)


def test_the_suites_that_may_be_named_are_those_of_the_vault(env: environ.Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOANFLOW_SUITE", raising=False)
    assert suite_of(environment.read_suite(env)) is Suite.AES_256_GCM
    assert {suite_of(name) for name in environment.SUITES} == set(Suite)
    monkeypatch.setenv("LOANFLOW_SUITE", "des")
    with pytest.raises(ImproperlyConfigured, match="aes-256-gcm, sm4-gcm, aes-256-gcm-siv"):
        environment.read_suite(env)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("localhost.example.org", False),
        ("*", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(host: str, local: bool) -> None:
    assert environment.is_loopback(host) is local


@pytest.mark.parametrize("host", ["0.0.0.0", "loans.example.org", "*", "127.0.0.1,10.0.0.1"])
def test_demo_answers_on_no_other_host(env: environ.Env, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("LOANFLOW_HOSTS", host)
    with pytest.raises(ImproperlyConfigured, match="loopback only"):
        environment.allowed_hosts(env, Mode.DEMO)


@pytest.mark.parametrize("hosts", ["", "*", "loans.example.org,*"])
def test_production_must_name_its_hosts(env: environ.Env, monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    monkeypatch.setenv("LOANFLOW_HOSTS", hosts)
    with pytest.raises(ImproperlyConfigured, match="must name"):
        environment.allowed_hosts(env, Mode.PRODUCTION)


def test_named_hosts_are_taken_as_they_are(env: environ.Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOANFLOW_HOSTS", "loans.example.org,www.example.org")
    assert environment.allowed_hosts(env, Mode.PRODUCTION) == ["loans.example.org", "www.example.org"]


def test_secret_key_is_made_once_for_its_owner_alone(env: environ.Env, tmp_path: Path) -> None:
    key = environment.secret_key(env, Mode.DEVELOPMENT, tmp_path / "var")
    path = tmp_path / "var" / "keys" / "django-secret"
    assert len(key) >= 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert environment.secret_key(env, Mode.DEVELOPMENT, tmp_path / "var") == key
    assert [entry.name for entry in path.parent.iterdir()] == ["django-secret"]


def test_production_makes_no_secret_key(env: environ.Env, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="LOANFLOW_SECRET_KEY"):
        environment.secret_key(env, Mode.PRODUCTION, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_secret_key_of_the_environment_wins(env: environ.Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOANFLOW_SECRET_KEY", "from outside")
    assert environment.secret_key(env, Mode.PRODUCTION, tmp_path) == "from outside"


def test_default_database_is_a_careful_sqlite(env: environ.Env, tmp_path: Path) -> None:
    config = environment.database(env, tmp_path)
    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["NAME"] == str(tmp_path / "loanflow.sqlite3")
    assert config["ATOMIC_REQUESTS"] is False
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        assert pragma in config["OPTIONS"]["init_command"]


def test_postgres_comes_from_its_url(env: environ.Env, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://loan:pass@db.example.org:6432/book")
    monkeypatch.setenv("DISABLE_SERVER_SIDE_CURSORS", "true")
    config = environment.database(env, tmp_path)
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert (config["HOST"], config["PORT"], config["NAME"]) == ("db.example.org", 6432, "book")
    assert config["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert config["ATOMIC_REQUESTS"] is False


@pytest.mark.parametrize(
    ("url", "backend"),
    [("", "django.core.cache.backends.locmem.LocMemCache"), ("redis://cache:6379/1", "django_redis.cache.RedisCache")],
)
def test_cache_is_redis_where_one_is_named(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, url: str, backend: str
) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    config: dict[str, Any] = environment.cache(env)
    assert config["BACKEND"] == backend


@pytest.mark.parametrize(
    ("mode", "hosts", "named", "host"),
    [
        (Mode.DEMO, ["localhost", "127.0.0.1"], None, "localhost"),
        (Mode.TEST, [], None, "localhost"),
        (Mode.PRODUCTION, ["loans.bank.test"], None, "loans.bank.test"),
        (Mode.PRODUCTION, ["loans.bank.test", "10.0.0.7"], None, "loans.bank.test"),
        (Mode.PRODUCTION, ["a.bank.test", "b.bank.test"], None, ""),
        (Mode.PRODUCTION, ["a.bank.test", "b.bank.test"], "bank.test", "bank.test"),
        (Mode.PRODUCTION, [".bank.test"], None, ""),
    ],
)
def test_passkeys_are_bound_to_a_name(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, mode: Mode, hosts: list[str], named: str | None, host: str
) -> None:
    monkeypatch.delenv("LOANFLOW_PASSKEY_HOST", raising=False)
    if named is not None:
        monkeypatch.setenv("LOANFLOW_PASSKEY_HOST", named)
    assert environment.passkey_host(env, mode, hosts) == host


@pytest.mark.parametrize("name", ["127.0.0.1", "[::1]", "https://bank.test", "bank.test:8443", "Bank.test"])
def test_passkeys_are_not_bound_to_an_address_of_digits_or_a_whole_address(
    env: environ.Env, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("LOANFLOW_PASSKEY_HOST", name)
    with pytest.raises(ImproperlyConfigured, match="name a host"):
        environment.passkey_host(env, Mode.PRODUCTION, [])


@pytest.mark.parametrize(
    ("mode", "host", "given", "expected"),
    [
        (Mode.PRODUCTION, "bank.test", None, ["https://bank.test"]),
        (Mode.PRODUCTION, "", None, []),
        (Mode.DEMO, "localhost", None, []),
        (Mode.PRODUCTION, "bank.test", "https://loans.bank.test/,https://bank.test", ["https://loans.bank.test", "https://bank.test"]),
        (Mode.PRODUCTION, "bank.test", "http://bank.test", None),
        (Mode.PRODUCTION, "bank.test", "https://evilbank.test", None),
        (Mode.PRODUCTION, "bank.test", "https://evil.test", None),
    ],
)  # fmt: skip
def test_passkeys_are_asked_for_by_pages_of_that_name_over_tls_only(
    env: environ.Env,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
    host: str,
    given: str | None,
    expected: list[str] | None,
) -> None:
    monkeypatch.delenv("LOANFLOW_PASSKEY_ORIGINS", raising=False)
    if given is not None:
        monkeypatch.setenv("LOANFLOW_PASSKEY_ORIGINS", given)
    if expected is None:
        with pytest.raises(ImproperlyConfigured, match="or a name below it"):
            environment.passkey_origins(env, mode, host)
    else:
        assert environment.passkey_origins(env, mode, host) == expected
