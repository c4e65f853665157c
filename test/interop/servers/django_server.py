"""django-oauth-toolkit with clients of each kind, on a database in a temporary folder."""

import json
import os
import sys
from urllib.parse import urlsplit

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

given = json.loads(sys.argv[1])
origin, person = given["origin"], given["person"]
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

settings.configure(
    DEBUG=False,
    SECRET_KEY=given["secret"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    LOGIN_URL="/login/",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(given["folder"], "django.db")}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "registration/login.html": '<form method="post">{% csrf_token %}{{ form.as_p }}'
                            "<button>Sign in</button></form>"
                        },
                    ),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
    ],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_RSA_PRIVATE_KEY": key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        "OAUTH_DEVICE_VERIFICATION_URI": f"{origin}/o/device/",
        "ALLOWED_SCHEMES": ["http", "https"],
        "SCOPES": {"openid": "OpenID Connect", "read": "Read", "write": "Write"},
        "DCR_ENABLED": True,
        "DCR_REGISTRATION_PERMISSION_CLASSES": ("oauth2_provider.dcr.AllowAllDCRPermission",),
    },
)
del settings.TEMPLATES[0]["APP_DIRS"]  # not together with loaders
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.views import LoginView  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402

urlpatterns = [path("login/", LoginView.as_view()), path("o/", include("oauth2_provider.urls"))]

call_command("migrate", verbosity=0)
get_user_model().objects.create_user(person["name"], password=person["password"])
Application = get_application_model()
GRANTS = {
    "device": Application.GRANT_DEVICE_CODE,
    "code": Application.GRANT_AUTHORIZATION_CODE,
    "self": Application.GRANT_CLIENT_CREDENTIALS,
}
for grant, grant_type in GRANTS.items():
    for kind in ("public", "confidential"):
        Application.objects.create(
            client_id=f"{grant}-{kind}",
            client_secret=given["secret"],
            client_type=kind,
            authorization_grant_type=grant_type,
            redirect_uris=given["callback"],
            algorithm=Application.RS256_ALGORITHM,
        )
call_command("runserver", urlsplit(origin).netloc, "--noreload", skip_checks=True)
