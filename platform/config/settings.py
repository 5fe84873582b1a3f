"""Django settings; what a deployment sets comes from the environment (docs/runbook.md)."""

import os
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config.secrets import load_secrets

ROOT = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", ROOT / "var" / "run"))
PRIVATE_FILES_DIR = DATA_DIR / "files"

_secrets = load_secrets(DATA_DIR)
SECRET_KEY = _secrets.django_key
KEYRING = _secrets.keyring

DEBUG = False
TESTING = "pytest" in sys.modules
DEMO = os.environ.get("DEMO") == "1" or TESTING
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "graphene_django",
    "audit",
    "jobs",
    "regions",
    "organisations",
    "accounts",
    "documents",
    "exchange",
    "policy",
    "households",
    "linkage",
    "aid",
    "casework",
    "projects",
    "donors",
    "matching",
    "meetings",
    "api",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "api" / "pages" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Row policies make estimates look costly; compiling each short query took 0.3 to 1 s.
        "OPTIONS": {"connect_timeout": 5, "options": "-c jit=off"},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://127.0.0.1/1798"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING or DEMO:
    # A demo makes a dozen log-ins and a test hundreds; neither guards anything.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("HTTPS") == "1"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
FRONTEND_DIST = ROOT / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.is_dir() else []
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.rest.errors.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "1798 一起救吧",
    "DESCRIPTION": "政府救助与慈善帮扶衔接平台：数据导入、文件与支付回调接口",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}
GRAPHENE = {"SCHEMA": "api.graphql.schema.schema"}

CELERY_BROKER_URL = os.environ.get("BROKER_URL", "filesystem://")
CELERY_BROKER_DIR = DATA_DIR / "broker"

#: Where the payment provider and this product reach each other (loopback in demo and tests).
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000")
PAYSIM_URL = os.environ.get("PAYSIM_URL", "http://127.0.0.1:8001")
#: The provider of new payments: stripe, or paysim, which takes no money and runs in a demo only.
PAYMENT_PROVIDER = os.environ.get("PAYMENT_PROVIDER", "paysim" if DEMO else "stripe")
PAYMENT_API_KEY = os.environ.get("PAYMENT_API_KEY", "")
PAYMENT_WEBHOOK_SECRET = os.environ.get("PAYMENT_WEBHOOK_SECRET", "whsec_paysim" if DEMO else "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
