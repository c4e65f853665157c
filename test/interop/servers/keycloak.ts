import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../servers/free-port.ts";
import { startProcess } from "../process.ts";
import { type Candidate, NotHere, PERSON, type Place, SECRET } from "../server.ts";

const REALM = "interop";

/** Of its access tokens; seconds. */
const TOKEN_SECONDS = 300;

/** The unpacked server, which needs Java; too large to be fetched unasked. */
export const keycloak: Candidate = {
  name: "keycloak",
  start: async (place) => {
    const home = process.env.KEYCLOAK_HOME;
    if (home === undefined) throw new NotHere("set KEYCLOAK_HOME to the folder of an unpacked Keycloak 26");
    const [port, management] = [await freePort(), await freePort()];
    const origin = `http://localhost:${port}`;
    const file = join(place.folder, "realm.json");
    writeFileSync(file, JSON.stringify(realm(place)));
    const settings = [
      `--http-port=${port}`,
      `--http-management-port=${management}`,
      "--http-host=127.0.0.1",
      `--hostname=${origin}`,
      "--cache=local",
      "--db=dev-mem",
    ];
    const imported = `-Dkeycloak.migration.action=import -Dkeycloak.migration.provider=singleFile -Dkeycloak.migration.file=${file}`;
    const { close } = await startProcess(join(home, "bin/kc.sh"), ["start-dev", ...settings], {
      url: `${origin}/realms/${REALM}/.well-known/openid-configuration`,
      cwd: place.folder,
      env: { JAVA_OPTS_APPEND: imported },
    });
    const confidential = { client_id: "confidential", client_secret: SECRET };
    const clients = { public: { client_id: "public" }, confidential };
    return {
      version: /\d+\.\d+\.\d+/.exec(home)?.[0] ?? "26",
      provider: "oidc",
      options: { issuer_url: `${origin}/realms/${REALM}` },
      scopes: "openid offline_access",
      clients: { device: clients, code: clients },
      self: confidential,
      keyed: { client_id: "keyed", client_key: place.privateKey, client_key_id: "interop" },
      exchange: "audience=keyed",
      lacks: { registration: "not tried: its default policies want an initial access token" },
      userinfo: `${origin}/realms/${REALM}/protocol/openid-connect/userinfo`,
      close,
    };
  },
};

/** With clients of each kind, and somebody to sign in. */
function realm({ callback, publicKey }: Place) {
  const login = {
    redirectUris: [callback],
    attributes: { "oauth2.device.authorization.grant.enabled": "true" },
  };
  const secret = { secret: SECRET, serviceAccountsEnabled: true };
  const exchange = { "standard.token.exchange.enabled": "true" };
  // A token is exchanged only for a client that its own may speak to.
  const audience = {
    name: "keyed",
    protocol: "openid-connect",
    protocolMapper: "oidc-audience-mapper",
    config: { "included.client.audience": "keyed", "access.token.claim": "true" },
  };
  const keyed = { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [publicKey] }) };
  return {
    realm: REALM,
    enabled: true,
    sslRequired: "none",
    accessTokenLifespan: TOKEN_SECONDS,
    revokeRefreshToken: true,
    users: [
      {
        username: PERSON.name,
        enabled: true,
        emailVerified: true,
        firstName: PERSON.name,
        lastName: PERSON.name,
        email: `${PERSON.name}@example.org`,
        credentials: [{ type: "password", value: PERSON.password }],
        realmRoles: ["offline_access"],
      },
    ],
    clients: [
      { ...login, clientId: "public", publicClient: true },
      {
        ...login,
        ...secret,
        clientId: "confidential",
        attributes: { ...login.attributes, ...exchange },
        protocolMappers: [audience],
      },
      { ...secret, clientId: "keyed", clientAuthenticatorType: "client-jwt", attributes: keyed },
    ],
  };
}
