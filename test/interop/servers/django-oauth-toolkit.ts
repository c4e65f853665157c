import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { pythonWith, startProcess } from "../process.ts";
import { type Candidate, PERSON, SECRET } from "../server.ts";

const VERSION = "3.4.1";

/** Its applications have one grant type each. With oauthlib 4 its device endpoint answers 500. */
export const djangoOauthToolkit: Candidate = {
  name: "django-oauth-toolkit",
  start: async ({ folder, callback }) => {
    const python = await pythonWith(folder, [`django-oauth-toolkit==${VERSION}`, "django==5.2.19", "oauthlib==3.3.1"]);
    const origin = `http://127.0.0.1:${await freePort()}`;
    const settings = JSON.stringify({ origin, callback, folder, person: PERSON, secret: SECRET });
    const { close } = await startProcess(python, [join(import.meta.dirname, "django_server.py"), settings], {
      url: `${origin}/o/.well-known/openid-configuration`,
      cwd: folder,
    });
    const issuer = `${origin}/o`;
    const plain = { provider: "oauth2", options: { issuer_url: issuer }, scopes: "read" } as const;
    const grant = (name: string) => ({
      public: { client_id: `${name}-public` },
      confidential: { client_id: `${name}-confidential`, client_secret: SECRET },
    });
    return {
      version: VERSION,
      provider: "oidc",
      options: { issuer_url: issuer },
      scopes: "openid read",
      otherwise: {
        device: {
          ...plain,
          // In neither of its metadata documents.
          options: { issuer_url: issuer, device_authorization_endpoint: `${issuer}/device-authorization/` },
          note: "with provider=oauth2, because its device grant brings no id_token",
        },
        registration: { ...plain, note: "with provider=oauth2, because it signs no id_token for registered clients" },
      },
      clients: { device: grant("device"), code: grant("code") },
      self: { client_id: "self-confidential", client_secret: SECRET },
      selfScopes: "read",
      lacks: { sts: "no token exchange", private_key_jwt: "no client authentication by a key" },
      userinfo: `${issuer}/userinfo/`,
      close,
    };
  },
};
