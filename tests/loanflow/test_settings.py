"""The settings as a whole, in the modes that matter."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password, get_hasher, make_password

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(*words: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in a process of its own, with none of this run's surroundings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOANFLOW_", "DJANGO_"))}
    kept.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        check=False,
        cwd=ROOT,
        env={**kept, **surroundings},
        capture_output=True,
        text=True,
    )


def test_deployment_check_finds_nothing_in_production(tmp_path: Path) -> None:
    result = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        LOANFLOW_MODE="production",
        LOANFLOW_VAR=str(tmp_path),
        LOANFLOW_HOSTS="loans.example.org",
        LOANFLOW_SECRET_KEY="a-key-that-is-long-enough-0123456789-abcdefghijklmnopqrstuvwxyz",
    )
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_production_without_hosts_does_not_start(tmp_path: Path) -> None:
    result = manage("check", LOANFLOW_MODE="production", LOANFLOW_VAR=str(tmp_path), LOANFLOW_SECRET_KEY="x" * 60)
    assert result.returncode != 0
    assert "LOANFLOW_HOSTS" in result.stderr


def test_demo_on_a_public_host_does_not_start(tmp_path: Path) -> None:
    result = manage("check", LOANFLOW_MODE="demo", LOANFLOW_VAR=str(tmp_path), LOANFLOW_HOSTS="0.0.0.0")
    assert result.returncode != 0
    assert "loopback only" in result.stderr


def test_models_and_migrations_agree() -> None:
    result = manage("makemigrations", "--check", "--dry-run", "--skip-checks")
    assert result.returncode == 0, result.stdout + result.stderr


def test_there_is_no_admin_and_no_request_wide_transaction() -> None:
    assert "django.contrib.admin" not in settings.INSTALLED_APPS
    assert settings.DATABASES["default"]["ATOMIC_REQUESTS"] is False


@pytest.mark.parametrize("directive", ["script-src", "style-src", "default-src", "img-src", "form-action"])
def test_content_policy_allows_nothing_inline(directive: str) -> None:
    sources = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"][directive]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:"} & set(sources)


def test_passwords_are_hashed_with_argon2_even_in_tests() -> None:
    assert get_hasher("default").algorithm == "argon2"
    assert check_password("correct horse", make_password("correct horse"))
    assert not any("MD5" in hasher for hasher in settings.PASSWORD_HASHERS)


def test_the_actor_is_built_before_views_are_judged() -> None:
    order = settings.MIDDLEWARE
    assert order[0] == "apps.core.middleware.RequestIdMiddleware"
    assert order.index("apps.access.middleware.ActorMiddleware") < order.index(
        "apps.access.middleware.RequiresMiddleware"
    )
    assert order.index("django_otp.middleware.OTPMiddleware") < order.index("apps.access.middleware.ActorMiddleware")


def test_the_institutions_own_rules_come_from_the_environment(tmp_path: Path) -> None:
    shown = "from django.conf import settings as s; print(s.LOANFLOW_DUTY_MONTHS, s.LOANFLOW_VERIFIER_MAY_REVIEW, s.LOANFLOW_EXPIRE_DAYS)"
    plain = manage("shell", "--no-imports", "-c", shown, LOANFLOW_VAR=str(tmp_path))
    assert plain.stdout.strip() == "12 False {}", plain.stderr
    given = manage(
        "shell",
        "--no-imports",
        "-c",
        shown,
        LOANFLOW_VAR=str(tmp_path),
        LOANFLOW_DUTY_MONTHS="24",
        LOANFLOW_VERIFIER_MAY_REVIEW="true",
        LOANFLOW_EXPIRE_DAYS="draft=60;waiting=20",
    )
    assert given.stdout.strip() == "24 True {'draft': 60, 'waiting': 20}", given.stderr
