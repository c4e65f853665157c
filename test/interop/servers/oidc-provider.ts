import { createRequire } from "node:module";
import { startOpenIdProvider } from "../../../src/dev/openid-provider.ts";
import { type Candidate, PERSON, SECRET } from "../server.ts";

/** Certified, and always there: a development dependency. */
export const oidcProvider: Candidate = {
  name: "oidc-provider",
  start: async ({ callback, publicKey, privateKey }) => {
    const all = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"];
    const login = { redirect_uris: [callback], grant_types: all, application_type: "native" } as const;
    const own = { redirect_uris: [], response_types: [], grant_types: ["client_credentials"] };
    const secret = { client_secret: SECRET };
    const { issuer, close } = await startOpenIdProvider({
      person: PERSON.name,
      clients: [
        { ...login, client_id: "public", token_endpoint_auth_method: "none" },
        { ...login, ...secret, client_id: "confidential" },
        { ...own, ...secret, client_id: "self" },
        {
          ...own,
          client_id: "keyed",
          token_endpoint_auth_method: "private_key_jwt",
          jwks: { keys: [publicKey as never] },
        },
      ],
    });
    const clients = { public: { client_id: "public" }, confidential: { client_id: "confidential", ...secret } };
    return {
      version: createRequire(import.meta.url)("oidc-provider/package.json").version,
      provider: "oidc",
      options: { issuer_url: issuer },
      scopes: "openid offline_access",
      clients: { device: clients, code: clients },
      self: { client_id: "self", ...secret },
      keyed: { client_id: "keyed", client_key: privateKey, client_key_id: "interop" },
      lacks: { sts: "no token exchange" },
      userinfo: `${issuer}/me`,
      close,
    };
  },
};
