import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { pythonWith, startProcess } from "../process.ts";
import { type Candidate, PERSON, SECRET } from "../server.ts";

const VERSION = "0.3.6";

/** Its revocation endpoint wants a client with a secret; its clients on 127.0.0.1 need no consent; assertions are for its token endpoint. */
export const canaille: Candidate = {
  name: "canaille",
  start: async ({ folder, callback, publicKey, privateKey }) => {
    const python = await pythonWith(folder, [`canaille[front,oidc]==${VERSION}`, "authlib==1.9.10", "joserfc==1.8.0"]);
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const settings = JSON.stringify({ port, callback, publicKey, person: PERSON, secret: SECRET });
    const { close } = await startProcess(python, [join(import.meta.dirname, "canaille_server.py"), settings], {
      url: `${origin}/.well-known/openid-configuration`,
      cwd: folder,
    });
    const confidential = { client_id: "confidential", client_secret: SECRET };
    return {
      version: VERSION,
      provider: "oidc",
      options: { issuer_url: origin },
      scopes: "openid profile",
      clients: { device: {}, code: { public: { client_id: "public" }, confidential } },
      self: confidential,
      selfScopes: "profile",
      keyed: {
        client_id: "keyed",
        client_key: privateKey,
        client_key_id: "interop",
        client_assertion_aud: "token_endpoint",
      },
      keyedGrant: "code",
      lacks: { device: "no device endpoint", sts: "no token exchange" },
      userinfo: `${origin}/oauth/userinfo`,
      close,
    };
  },
};
