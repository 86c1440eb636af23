"""Settings of LoanFlow. Everything that differs between installations comes from the environment (docs/settings.md)."""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from loanflow import VERSION, environment, logs
from loanflow.environment import Mode

BASE_DIR = Path(__file__).resolve().parent.parent
NODE_MODULES = BASE_DIR / "node_modules"

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

LOANFLOW_MODE = environment.read_mode(env)
PRODUCTION = LOANFLOW_MODE is Mode.PRODUCTION
TESTING = LOANFLOW_MODE is Mode.TEST

# Where an installation keeps what is not in its database.
LOANFLOW_VAR = environment.private_folder(Path(env.str("LOANFLOW_VAR", default=str(BASE_DIR / "var"))))
LOANFLOW_KEY_FILE = Path(env.str("LOANFLOW_KEY_FILE", default=str(LOANFLOW_VAR / "keys" / "root.json")))
LOANFLOW_KEY_SERVICE = environment.key_service(env)
LOANFLOW_TRANSIT = environment.transit(env)
LOANFLOW_KMS = environment.kms(env)
LOANFLOW_SUITE = environment.read_suite(env)
LOANFLOW_JOURNAL = Path(env.str("LOANFLOW_JOURNAL", default=str(LOANFLOW_VAR / "journal")))
LOANFLOW_LOG_ARCHIVE = Path(env.str("LOANFLOW_LOG_ARCHIVE", default=str(LOANFLOW_VAR / "log-archive")))
LOANFLOW_BUILD = env.str("LOANFLOW_BUILD", default=VERSION)  # stands in every event
LOANFLOW_SEAL_INTERVAL = env.float("LOANFLOW_SEAL_INTERVAL", default=5.0)  # seconds between two sealings of the log
LOANFLOW_CLEAR_HOURS = env.int(
    "LOANFLOW_CLEAR_HOURS", default=72
)  # how long an export in clear waits for another person
LOANFLOW_EXPORT_DAYS = env.int("LOANFLOW_EXPORT_DAYS", default=7)  # how long an export of the log lies ready
LOANFLOW_PIN = env.str("LOANFLOW_PIN", default="")  # append-only file that heads of the log are pinned in
LOANFLOW_WITNESSES = env.list("LOANFLOW_WITNESSES", default=[])  # KEY@URL of each witness that cosigns the log's heads
LOANFLOW_TSA_URL = env.str("LOANFLOW_TSA_URL", default="")  # time-stamp authority (RFC 3161) of the log's heads
LOANFLOW_TSA_ROOTS = env.str("LOANFLOW_TSA_ROOTS", default="")  # PEM file with the certificates it is believed by
LOANFLOW_SIEM = env.str("LOANFLOW_SIEM", default="")  # receiver that sealed events are streamed to
LOANFLOW_JOURNAL_SYNC = env.bool("LOANFLOW_JOURNAL_SYNC", default=not TESTING)

SECRET_KEY = environment.secret_key(env, LOANFLOW_MODE, LOANFLOW_VAR)
DEBUG = LOANFLOW_MODE is Mode.DEVELOPMENT and env.bool("LOANFLOW_DEBUG", default=True)
ALLOWED_HOSTS = environment.allowed_hosts(env, LOANFLOW_MODE)
CSRF_TRUSTED_ORIGINS = env.list("LOANFLOW_ORIGINS", default=[])

ROOT_URLCONF = "loanflow.urls"
WSGI_APPLICATION = "loanflow.wsgi.application"
ASGI_APPLICATION = "loanflow.asgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "guardian",
    "auditlog",
    "django_otp",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "django_structlog",
    # the house, ground floor first
    "apps.core",
    "apps.vault",
    "apps.audit",
    "apps.accounts",
    "apps.access",
    "apps.borrowers",
    "apps.workflow",
    "apps.applications",
    "apps.credit_review",
    "apps.collateral",
    "apps.approval",
    "apps.disbursement",
    "apps.post_loan",
    "apps.console",
    "apps.monitoring",
    "apps.reports",
    "apps.portal",
    "apps.api",
]

MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "loanflow.loopback.LoopbackOnlyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "loanflow.logs.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "apps.core.middleware.MemoryMiddleware",
    "apps.console.zone.ZoneMiddleware",
    "apps.access.middleware.ActorMiddleware",
    "apps.access.middleware.RequiresMiddleware",
    "apps.console.errors.ErrorPagesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.console.context.chrome",
                "apps.portal.context.announcements",
                "apps.portal.context.tour",
            ],
        },
    }
]

DATABASES = {"default": environment.database(env, LOANFLOW_VAR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": environment.cache(env),
    # parts of the frame of pages, in each process's own memory: asking another machine would take longer than drawing them
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "fragments"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# How the institution works, where it may choose.
LOANFLOW_REVIEW_DAYS = env.int("LOANFLOW_REVIEW_DAYS", default=31)
LOANFLOW_RIGHTS_REVIEW_DAYS = env.int(
    "LOANFLOW_RIGHTS_REVIEW_DAYS", default=0 if LOANFLOW_MODE is environment.Mode.DEMO else 91
)
LOANFLOW_DUTY_MONTHS = env.int("LOANFLOW_DUTY_MONTHS", default=12)
LOANFLOW_VERIFIER_MAY_REVIEW = env.bool("LOANFLOW_VERIFIER_MAY_REVIEW", default=False)
LOANFLOW_EXPIRE_DAYS = env.dict("LOANFLOW_EXPIRE_DAYS", cast={"value": int}, default={})

# Who signs in, and how.
AUTH_USER_MODEL = "accounts.Account"
PASSWORD_HASHERS = [
    "loanflow.hashers.QuickArgon2PasswordHasher" if TESTING else "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.house_words.HouseWordsValidator"},
    {"NAME": "apps.accounts.breached.BreachedPasswordValidator"},
]
LOANFLOW_BREACHED_PASSWORDS = env.str("LOANFLOW_BREACHED_PASSWORDS", default="")  # sorted file of SHA-1 digests
vars().update(environment.oidc(env, LOANFLOW_MODE))
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
if vars()["LOANFLOW_OIDC_ISSUER"]:
    AUTHENTICATION_BACKENDS.append("apps.accounts.oidc.ProviderBackend")
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
OTP_TOTP_ISSUER = "LoanFlow"
LOANFLOW_PASSKEY_HOST = environment.passkey_host(env, LOANFLOW_MODE, ALLOWED_HOSTS)  # the name they are bound to
LOANFLOW_PASSKEY_HOURS = environment.passkey_hours(env, LOANFLOW_MODE)  # before a new one signs
LOANFLOW_RESET_HOURS = environment.reset_hours(env, LOANFLOW_MODE)  # before who lost a factor signs again
LOANFLOW_MOVED = environment.moved(env)  # what follows when a session is used from elsewhere
LOANFLOW_ADMIN_NETWORKS = environment.admin_networks(env)  # where administration is done from; empty: anywhere
LOANFLOW_PASSKEY_ORIGINS = environment.passkey_origins(env, LOANFLOW_MODE, LOANFLOW_PASSKEY_HOST)

ANONYMOUS_USER_NAME = None  # guardian would make an account that nobody owns
GUARDIAN_MONKEY_PATCH_USER = False

# auditlog works out field differences; the audit app's swapped model hands them to the open act and stores none.
AUDITLOG_LOGENTRY_MODEL = "audit.FieldDifference"
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_USE_BASE_MANAGER = True

# guardian.W001: its backend stays out on purpose, only apps.access answers what an actor may do.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# The wire. Cookies and headers of a production installation assume TLS in front of it.
SESSION_ENGINE = (
    "django.contrib.sessions.backends.cached_db" if env.str("REDIS_URL", default="") else "apps.accounts.session_store"
)
SESSION_COOKIE_NAME = "__Host-loanflow" if PRODUCTION else "loanflow"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds; the absolute limit, the idle one is held by accounts
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "loanflow-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "apps.console.errors.form_expired"
CSRF_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("LOANFLOW_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
LOANFLOW_PROXIES = env.int("LOANFLOW_PROXIES", default=0)  # how many of our own stand between a browser and us
LOANFLOW_LIMIT_TAIL_MONTHS = env.int("LOANFLOW_LIMIT_TAIL_MONTHS", default=3)  # of a draw, after its limit has ended
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LOANFLOW_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
LOANFLOW_CLAMD = env.str("LOANFLOW_CLAMD", default="")

# Words, times, numbers.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["apps.core.formats"]
TIME_ZONE = env.str("LOANFLOW_TIME_ZONE", default="UTC")
USE_TZ = True

# Files and mail.
MEDIA_ROOT = LOANFLOW_VAR / "files"
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("LOANFLOW_STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "loanflow.frontend.FrontEndFinder",
]
PLAIN_STATIC = LOANFLOW_MODE in {Mode.DEVELOPMENT, Mode.TEST}
WHITENOISE_USE_FINDERS = PLAIN_STATIC
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # encrypted files, in MEDIA_ROOT
    "vault": {
        "BACKEND": "apps.vault.storage.DurableStorage",
        "OPTIONS": {"sync": env.bool("LOANFLOW_FILES_SYNC", default=not TESTING)},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if PLAIN_STATIC
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://localhost:25" if PRODUCTION else "filemail://")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = str(LOANFLOW_VAR / "mail")
DEFAULT_FROM_EMAIL = env.str("LOANFLOW_MAIL_FROM", default="loanflow@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
LOANFLOW_SMS_URL, LOANFLOW_SMS_TOKEN_FILE = environment.sms(env, LOANFLOW_MODE)
LOANFLOW_CODES_BY = environment.codes_by(env, LOANFLOW_SMS_URL)

LOGGING = logs.configure(
    env.str("LOANFLOW_LOG_LEVEL", default="WARNING" if LOANFLOW_MODE in {Mode.TEST, Mode.DEMO} else "INFO")
)
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
