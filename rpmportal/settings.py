"""Settings, wholly from the environment. `docs/production.md` lists the variables."""

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from rpmportal.environment import (
    BASE_DIR,
    attachments,
    broker,
    database,
    email,
    env,
    flag,
    limits,
    number,
    one_of,
    process_kind,
    words,
)

DEBUG = flag("DEBUG", "0")
DEMO = flag("DEMO", "0")
HTTPS = flag("HTTPS", "1")
SECRET_KEY = env("SECRET_KEY")
# Former keys, while what they signed or sealed is still in use.
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS", "")
ALLOWED_HOSTS = words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS", "")
if HTTPS and (DEBUG or len(SECRET_KEY) < 50):
    raise ImproperlyConfigured("With HTTPS=1, DEBUG must be 0 and SECRET_KEY at least 50 characters long.")
# The address that links in e-mails start with; e-mails are written where there is no request.
SITE_URL = env(
    "SITE_URL", f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0] if ALLOWED_HOSTS else 'localhost'}"
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "simple_history",
    "foundation",
    "accounts",
    "audit",
    "dispatch",
    "authentication",
    "staff",
    "payers",
    "patients",
    "intake",
    "monitoring",
    "escalations",
    "interchange",
    "timelogs",
    "billing",
    "boards",
    "reports",
    "rpmportal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "rpmportal.metrics.RequestTimeMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.RequestIdMiddleware",
    "rpmportal.health.LiveMiddleware",
    # Before the session, which it takes away from requests of programs.
    "foundation.programs.ProgramsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.IdleSignOutMiddleware",
    "accounts.middleware.ActingMiddleware",
    "staff.emergencies.EmergencyMiddleware",
    "rpmportal.navigation.PracticeZoneMiddleware",
    # Before all that reads the body; the token's check does so only once every middleware has been entered.
    "foundation.bodies.BodyLimitMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.SamePersonMiddleware",
    "accounts.middleware.NoStoreMiddleware",
    "foundation.refusals.RefusalMiddleware",
    "rpmportal.busy.BusyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "rpmportal.urls"
WSGI_APPLICATION = "rpmportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rpmportal.navigation.shell",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# The owner migrates; the app role runs and cannot change history, switch off triggers or truncate.
PROCESS = process_kind()
DATABASES = {
    "default": database(
        env("DATABASE_OWNER_URL" if env("DB_ROLE", "app") == "owner" else "DATABASE_URL"), limits(PROCESS)
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL")
# Who asks for /metrics shows it; empty, the address does not exist.
METRICS_TOKEN = env("METRICS_TOKEN", "")
globals().update(email(env("EMAIL_URL", "console:")))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "RPM Portal <rpm-portal@localhost>")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "authentication.passwords.PatternValidator"},
]
LOGIN_URL = "authentication:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "authentication:sign_in"

# Attempts are counted in the database, so that a flushed cache forgives nobody. By account and address together:
# a stranger elsewhere cannot lock a nurse out of her shift.
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# The form's name for it; by default axes looks for the model's ("email"), finds nothing and counts everybody as one.
AXES_USERNAME_FORM_FIELD = "username"
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "authentication.views.sign_in.locked_out"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Sentences after an act name patients: they wait in the session here, never in a cookie, which is signed but readable.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
IDLE_SIGN_OUT_SECONDS = 15 * 60
# How long the password is remembered as given, before exports, policies and the like ask for it again.
PROOF_SECONDS = 10 * 60
# Whether practices decide who needs a second factor; 0 only where nothing is at stake, as in the demo.
SECOND_FACTOR_BY_POLICY = flag("SECOND_FACTOR_BY_POLICY", "0" if DEMO else "1")
PASSWORD_RESET_TIMEOUT = 3600
CSRF_FAILURE_VIEW = "rpmportal.error_pages.csrf_failure"

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
BEHIND_PROXY = flag("BEHIND_PROXY", "0")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
# They bind names that are not ours, some for years: only where they were asked for.
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS", "0")
SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD", "0")
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# What a request may carry, in bytes. A signed-out person's note is still let through, to be kept until she is back.
BODY_LIMIT_ANONYMOUS = 256 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
BODY_LIMIT_FILES = 6 * 1024 * 1024
# A file of patients, once it is here. The database holds the bytes too (intake/migrations).
PATIENT_IMPORT_MAX_BYTES, PATIENT_IMPORT_MAX_ROWS = 5 * 1024 * 1024, 5_000
# P: production. A system that is tried out says T (MSH-11), and neither takes the other's messages.
HL7_PROCESSING_ID = one_of("HL7_PROCESSING_ID", "P", "T")
HL7_MAX_BYTES = 1024 * 1024
HUB_MAX_BYTES = 256 * 1024
# The listener is off without a token. It listens to this machine alone unless told otherwise: MLLP knows no encryption.
MLLP_TOKEN = env("MLLP_TOKEN", "")
MLLP_HOST, MLLP_PORT = env("MLLP_HOST", "127.0.0.1"), number("MLLP_PORT", 2575)
MLLP_CONNECTIONS, MLLP_CONNECTIONS_OF_ONE = (
    number("MLLP_CONNECTIONS", 100),
    number("MLLP_CONNECTIONS_OF_ONE", 20),
)
DATA_UPLOAD_MAX_NUMBER_FIELDS, DATA_UPLOAD_MAX_NUMBER_FILES = 500, 1

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static", *([BASE_DIR / "assets"] if (BASE_DIR / "assets").is_dir() else [])]
STATIC_MODE = env("STATIC_MODE", "manifest")
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = STATIC_MODE == "finders"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "attachments": attachments(BASE_DIR),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_MODE == "finders"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_DATE_INDEX = False

# Celery is only the doorbell: work is a row, a message carries ids, and may come twice or never.
CELERY_BROKER_URL = broker(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 400, 360
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "interactive"
# Work that takes seconds has a queue of its own, so that an alert does not wait for it.
CELERY_TASK_ROUTES = {
    "billing.tasks.close_due_months": "close",
    "boards.tasks.check_rows": "close",
    "dispatch.tasks.deliver_long": "close",
    "dispatch.tasks.check_invariants": "close",
}
CELERY_TIMEZONE = "UTC"

DEFAULT_EXCEPTION_REPORTER = "rpmportal.error_reporting.NoDetailReporter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "rpmportal.error_reporting.OneLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "fido2": {"level": "WARNING"},
        # Beat rings every few seconds; the work itself is in the rows.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
