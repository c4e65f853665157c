"""canaille with clients of each kind, everything in memory."""

import datetime
import json
import sys

from canaille import create_app
from werkzeug.serving import run_simple

given = json.loads(sys.argv[1])
port, person = given["port"], given["person"]
app = create_app(
    {
        "SECRET_KEY": given["secret"],
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE_OIDC": {"DYNAMIC_CLIENT_REGISTRATION_OPEN": True},
    }
)

with app.app_context():
    from canaille.app import models
    from canaille.backends import Backend

    with Backend.instance.session():
        name = person["name"]
        user = models.User(
            user_name=name,
            family_name=name.title(),
            formatted_name=name.title(),
            emails=[f"{name}@example.org"],
            password=person["password"],
        )
        Backend.instance.save(user)
        methods = {"public": "none", "confidential": "client_secret_basic", "keyed": "private_key_jwt"}
        for client_id, method in methods.items():
            client = models.Client(
                client_id=client_id,
                client_name=client_id,
                client_uri="http://127.0.0.1",
                client_secret=given["secret"] if client_id == "confidential" else "",
                token_endpoint_auth_method=method,
                grant_types=["authorization_code", "refresh_token", "client_credentials"],
                response_types=["code"],
                redirect_uris=[given["callback"]],
                scope=["openid", "profile", "email"],
                client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
                jwks=json.dumps({"keys": [given["publicKey"]]}) if client_id == "keyed" else None,
            )
            Backend.instance.save(client)
            client.audience = [client]
            Backend.instance.save(client)

run_simple("127.0.0.1", port, app, threaded=True)
