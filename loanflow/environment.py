"""Reads the surroundings for the settings: mode, folders, secret key, database. Knows no business rule."""

import os
import re
import secrets
import stat
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA foreign_keys=ON;"
    # without it INSERT OR REPLACE walks round the triggers of append-only tables
    "PRAGMA recursive_triggers=ON;"
)


KEY_SERVICES = ("file", "transit", "kms")
SUITES = ("aes-256-gcm", "sm4-gcm", "aes-256-gcm-siv")


class Mode(StrEnum):
    """What this installation is for."""

    DEVELOPMENT = "development"
    DEMO = "demo"
    PRODUCTION = "production"
    TEST = "test"


def read_mode(env: environ.Env) -> Mode:
    """Return the mode that LOANFLOW_MODE names; development where it is not set."""
    name = env.str("LOANFLOW_MODE", default=Mode.DEVELOPMENT.value)
    if name not in set(Mode):
        raise ImproperlyConfigured(f"LOANFLOW_MODE is {name!r}: use one of {', '.join(Mode)}.")
    return Mode(name)


def read_suite(env: environ.Env) -> str:
    """Return the cipher suite that LOANFLOW_SUITE names for new values."""
    name = str(env.str("LOANFLOW_SUITE", default=SUITES[0]))
    if name not in SUITES:
        raise ImproperlyConfigured(f"LOANFLOW_SUITE is {name!r}: use one of {', '.join(SUITES)}.")
    return name


def key_service(env: environ.Env) -> str:
    """Return the key service that LOANFLOW_KEY_SERVICE names: the local file where it is not set."""
    name = str(env.str("LOANFLOW_KEY_SERVICE", default=KEY_SERVICES[0]))
    if name not in KEY_SERVICES:
        raise ImproperlyConfigured(f"LOANFLOW_KEY_SERVICE is {name!r}: use one of {', '.join(KEY_SERVICES)}.")
    return name


def transit(env: environ.Env) -> dict[str, str]:
    """Return where Vault's transit engine is and how LoanFlow enters."""
    defaults = {"url": "", "key": "loanflow", "token_file": "", "mount": "transit", "namespace": "", "authority": ""}
    return {name: str(env.str(f"LOANFLOW_TRANSIT_{name.upper()}", default=value)) for name, value in defaults.items()}


def kms(env: environ.Env) -> dict[str, str]:
    """Return which key of AWS KMS wraps, and where KMS is; the rest AWS's own variables say."""
    return {name: str(env.str(f"LOANFLOW_KMS_{name.upper()}", default="")) for name in ("key", "region", "endpoint")}


def is_address(host: str) -> bool:
    """Say whether a host is an address of digits, and no name."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Say whether a host name or address can be reached from this machine only."""
    bare = host.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False


def allowed_hosts(env: environ.Env, mode: Mode) -> list[str]:
    """Return the hosts to answer for. Production must name them; a demo answers on loopback and nowhere else."""
    local = ["localhost", "127.0.0.1", "[::1]"]
    hosts = env.list("LOANFLOW_HOSTS", default=[] if mode is Mode.PRODUCTION else local)
    if mode is Mode.DEMO and not all(is_loopback(host) for host in hosts):
        raise ImproperlyConfigured("Demo mode answers on loopback only: take the other names out of LOANFLOW_HOSTS.")
    if mode is Mode.PRODUCTION and (not hosts or "*" in hosts):
        raise ImproperlyConfigured("LOANFLOW_HOSTS must name the hosts this installation answers for.")
    return [str(host) for host in hosts]


def passkey_host(env: environ.Env, mode: Mode, hosts: list[str]) -> str:
    """Return the name that passkeys are bound to (their relying party): the one host of a production, ``localhost`` elsewhere.

    A passkey is bound to a name; an address of digits is none. ``""``: nobody said which, so there are no passkeys.
    """
    named = [host for host in hosts if not is_address(host) and not host.startswith(".")]
    default = (named[0] if len(named) == 1 else "") if mode is Mode.PRODUCTION else "localhost"
    host = str(env.str("LOANFLOW_PASSKEY_HOST", default=default))
    if host and (is_address(host) or not re.fullmatch(r"[a-z0-9.-]+", host)):
        raise ImproperlyConfigured(
            f"LOANFLOW_PASSKEY_HOST is {host!r}: name a host; an address of digits cannot be one."
        )
    return host


def passkey_hours(env: environ.Env, mode: Mode) -> int:
    """Return for how many hours a passkey that a one-time or recovery code has added signs nothing; none in a demo."""
    hours = int(env.int("LOANFLOW_PASSKEY_HOURS", default=0 if mode is Mode.DEMO else 24))
    if hours < (1 if mode is Mode.PRODUCTION else 0):
        raise ImproperlyConfigured("LOANFLOW_PASSKEY_HOURS is too few: a production waits at least one hour.")
    return hours


def reset_hours(env: environ.Env, mode: Mode) -> int:
    """Return for how many hours nothing is signed or released after lost factors were taken away; a production waits a day."""
    hours = int(env.int("LOANFLOW_RESET_HOURS", default=24))
    if hours < (24 if mode is Mode.PRODUCTION else 0):
        raise ImproperlyConfigured("LOANFLOW_RESET_HOURS is too few: a production waits at least 24 hours.")
    return hours


Network = IPv4Network | IPv6Network
MOVED = {"network": "step_up", "device": "sign_in"}


def moved(env: environ.Env) -> dict[str, str]:
    """Return what follows when an open session is used from another network, or with another kind of device."""
    found = {name: str(env.str(f"LOANFLOW_ON_NEW_{name.upper()}", default=usual)) for name, usual in MOVED.items()}
    for name, said in found.items():
        if said not in {"note", "step_up", "sign_in"}:
            raise ImproperlyConfigured(f"LOANFLOW_ON_NEW_{name.upper()} is {said!r}: use note, step_up or sign_in.")
    return found


def admin_networks(env: environ.Env) -> tuple[Network, ...]:
    """Return the networks from which people, roles, places and policies are administered; empty: from anywhere."""
    told = str(env.str("LOANFLOW_ADMIN_NETWORKS", default="")).strip()
    try:  # what holds commas and no network is a mistake, not leave to administer from anywhere
        return tuple(ip_network(each.strip()) for each in told.split(",")) if told else ()
    except ValueError as error:
        raise ImproperlyConfigured(f"LOANFLOW_ADMIN_NETWORKS: {error}.") from None


OIDC = ("ISSUER", "CLIENT", "SECRET_FILE", "AUTHORIZE", "TOKEN", "KEYS")


def oidc(env: environ.Env, mode: Mode) -> dict[str, Any]:
    """Return the settings of signing on with a provider; without ``LOANFLOW_OIDC_ISSUER`` it is off. All or none must be named.

    Names are those of mozilla-django-oidc. State, nonce and PKCE are not to choose, nor is RS256.
    """
    told = {name: str(env.str(f"LOANFLOW_OIDC_{name}", default="")) for name in OIDC}
    if any(told.values()) and not all(told.values()):
        missing = ", ".join(f"LOANFLOW_OIDC_{name}" for name, value in told.items() if not value)
        raise ImproperlyConfigured(f"Signing on with a provider needs {missing} too.")
    plain = [name for name in ("ISSUER", "AUTHORIZE", "TOKEN", "KEYS") if not told[name].startswith("https://")]
    if told["ISSUER"] and mode is Mode.PRODUCTION and plain:
        raise ImproperlyConfigured(f"LOANFLOW_OIDC_{plain[0]} must begin with https://.")
    secret = Path(told["SECRET_FILE"]).read_text(encoding="utf-8").strip() if told["SECRET_FILE"] else ""
    return {
        "LOANFLOW_OIDC_ISSUER": told["ISSUER"], "OIDC_RP_CLIENT_ID": told["CLIENT"], "OIDC_RP_CLIENT_SECRET": secret,
        "OIDC_OP_AUTHORIZATION_ENDPOINT": told["AUTHORIZE"], "OIDC_OP_TOKEN_ENDPOINT": told["TOKEN"],
        "OIDC_OP_JWKS_ENDPOINT": told["KEYS"], "OIDC_OP_USER_ENDPOINT": "", "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_RP_SCOPES": "openid email", "OIDC_USE_NONCE": True, "OIDC_USE_PKCE": True, "OIDC_CREATE_USER": False,
        "OIDC_TIMEOUT": 10, "OIDC_AUTHENTICATION_CALLBACK_URL": "accounts:oidc_back",
    }  # fmt: skip


def sms(env: environ.Env, mode: Mode) -> tuple[str, str]:
    """Return the gateway for short messages, ``""`` for none, and the file with its token. A production's speaks TLS."""
    url = str(env.str("LOANFLOW_SMS_URL", default=""))
    schemes = {"https"} if mode is Mode.PRODUCTION else {"https", "http"}
    if url and not (urlsplit(url).scheme in schemes and urlsplit(url).hostname):
        raise ImproperlyConfigured(f"LOANFLOW_SMS_URL is {url!r}: name a gateway that begins with https://.")
    return url, str(env.str("LOANFLOW_SMS_TOKEN_FILE", default=""))


def codes_by(env: environ.Env, gateway: str) -> str:
    """Return how borrowers get their one-time codes: by ``mail``, or by ``sms`` where there is a gateway."""
    way = str(env.str("LOANFLOW_CODES_BY", default="mail"))
    if way not in {"mail", "sms"} or (way == "sms" and not gateway):
        raise ImproperlyConfigured(f"LOANFLOW_CODES_BY is {way!r}: use mail, or sms with a LOANFLOW_SMS_URL.")
    return way


def passkey_origins(env: environ.Env, mode: Mode, host: str) -> list[str]:
    """Return the origins whose pages may ask for passkeys; none outside production means ``http://localhost``, any port."""
    default = [f"https://{host}"] if mode is Mode.PRODUCTION and host else []
    origins = [str(origin).rstrip("/") for origin in env.list("LOANFLOW_PASSKEY_ORIGINS", default=default)]
    for origin in origins:
        name = urlsplit(origin).hostname or ""
        if not origin.startswith("https://") or not (name == host or name.endswith(f".{host}")):
            raise ImproperlyConfigured(
                f"LOANFLOW_PASSKEY_ORIGINS holds {origin!r}: use https:// and {host} or a name below it."
            )
    return origins


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, and return it."""
    path.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    return path


def secret_key(env: environ.Env, mode: Mode, folder: Path) -> str:
    """Return Django's secret key: from the environment or its file; made once, mode 600, outside production."""
    given = env.str("LOANFLOW_SECRET_KEY", default="")
    if given:
        return str(given)
    path = Path(env.str("LOANFLOW_SECRET_KEY_FILE", default=str(folder / "keys" / "django-secret")))
    if not path.exists():
        if mode is Mode.PRODUCTION:
            raise ImproperlyConfigured("Set LOANFLOW_SECRET_KEY, or LOANFLOW_SECRET_KEY_FILE to an existing file.")
        _write_secret(path)
    return path.read_text().strip()


def _write_secret(path: Path) -> None:
    """Write a new secret for its owner alone; the first of several processes to get there wins."""
    private_folder(path.parent)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(env: environ.Env, folder: Path) -> dict[str, Any]:
    """Return Django's description of the database that DATABASE_URL names; SQLite in `folder` by default."""
    config: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{folder / 'loanflow.sqlite3'}")
    config["ATOMIC_REQUESTS"] = False
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        options |= {"init_command": SQLITE_PRAGMAS, "transaction_mode": "IMMEDIATE", "timeout": 20}
    else:
        config["CONN_MAX_AGE"] = env.int("LOANFLOW_CONN_MAX_AGE", default=60)
        config["CONN_HEALTH_CHECKS"] = True
        config["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False)
    return config


def cache(env: environ.Env) -> dict[str, Any]:
    """Return the cache: Redis where REDIS_URL names one, this process's memory otherwise."""
    url = env.str("REDIS_URL", default="")
    if url:
        return {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": url, "KEY_PREFIX": "loanflow"}
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
