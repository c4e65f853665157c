import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backUp, restore } from "../../../src/compose/backup.ts";
import { loadConfig } from "../../../src/process/config.ts";
import { empty, proper } from "../../servers/faults.ts";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { importGrant, type Pair, startPair } from "../../support/misbehaving.ts";
import { reshape } from "../../support/stored.ts";
import { dataFolder, temporaryFolder } from "../../support/temporary-folder.ts";

/** As a former version wrote a record: no `pins`, `learned`, `sessions`, `lives`, `authMethodOpen`, and no needs of a registration. */
function olderServer(pair: Pair, more: Record<string, unknown>) {
  const client = { clientSecrets: [], clientKey: "", clientKeyId: "", clientAssertionAlg: "", authMethod: "none" };
  const { issuer } = pair.as;
  return { authUrlParams: {}, ...client, tokenOrigin: issuer, initialAccessToken: "", ...more };
}

/** A login as it was before grants named their client, tokens their life, and refreshes how they had been asked for. */
function olderLogin(pair: Pair, server: string, refreshToken: string) {
  const issuedAt = pair.clock.now() - 60_000;
  const tokens = {
    accessToken: "a-of-before",
    tokenType: "Bearer",
    refreshToken,
    issuedAt,
    expiresAt: issuedAt + 600_000,
  };
  const credential = {
    status: "issued",
    grant: { server, scopes: [], providerOptions: {} },
    ...tokens,
    scopes: [],
    extraData: {},
    notices: [],
    jitter: 0.5,
  };
  return { credential, history: [{ at: issuedAt, kind: "import", instance: "host/1", outcome: "issued" }] };
}

const MANAGED = { registration_access_token: "token-of-the-registration", registration_client_uri: "" };

/** A store as a former version left it: a public client of `custom`, one that was registered, and a login of each. */
async function former(pair: Pair): Promise<void> {
  const { issuer } = pair.as;
  MANAGED.registration_client_uri = `${issuer}/register/me`;
  pair.as.reply("/register", proper({ client_id: "registered", ...MANAGED }));
  pair.as.reply("/register/me", empty(204));
  pair.as.tokens.accessLife = 600;
  const provider_options = { issuer_url: issuer, registration: "dynamic" };
  assert.equal((await pair.write("oauth2/servers/own", { provider: "oidc", provider_options })).status, 204);
  for (const [name, server] of [
    ["plain", "as"],
    ["mine", "own"],
  ] as const)
    await importGrant(pair, name, { server });
}

function age(pair: Pair): void {
  const { issuer } = pair.as;
  const own = {
    provider: "oidc",
    providerVersion: 1,
    providerOptions: { issuer_url: issuer, registration: "dynamic" },
    clientId: "registered",
    registration: {
      registrationAccessToken: MANAGED.registration_access_token,
      registrationClientUri: MANAGED.registration_client_uri,
    },
  };
  reshape(pair.data, { kind: "server", name: "own" }, () => olderServer(pair, own));
  const options = { token_url: `${issuer}/token`, revocation_url: `${issuer}/revoke`, auth_code_url: `${issuer}/a` };
  const as = { provider: "custom", providerVersion: 2, providerOptions: options, clientId: "client" };
  reshape(pair.data, { kind: "server", name: "as" }, () => olderServer(pair, as));
  for (const [name, server] of [
    ["plain", "as"],
    ["mine", "own"],
  ] as const)
    reshape(pair.data, { kind: "creds", name }, ({ credential }: { credential: { refreshToken: string } }) =>
      olderLogin(pair, server, credential.refreshToken),
    );
}

/** The logins go on, the registration stays, and it goes when nobody uses it. */
async function goesOn(pair: Pair, broker: Coatcheck): Promise<void> {
  await broker.pass(700_000);
  for (const name of ["plain", "mine"]) {
    const { status, body } = await broker.read(`oauth2/creds/${name}`);
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
    assert.notEqual(body?.data?.access_token, "a-of-before", name);
  }
  assert.equal(pair.as.tokens.replays, 0);
  const registered = pair.as.to("/register").length;
  const provider_options = { issuer_url: pair.as.issuer, registration: "dynamic" };
  assert.equal((await broker.write("oauth2/servers/own", { provider: "oidc", provider_options })).status, 204);
  assert.equal(pair.as.to("/register").length, registered, "the same client");
  await broker.delete("oauth2/creds/mine");
  assert.equal(pair.as.to("/revoke").at(-1)?.form.get("client_id"), "registered");
  await broker.delete("oauth2/servers/own");
  await broker.pass(10_000);
  const { headers } = pair.as.to("/register/me").at(-1) ?? {};
  assert.equal(headers?.authorization, `Bearer ${MANAGED.registration_access_token}`);
}

test("FC-20 U01 a store that a former version has written opens, and its logins go on", async (t) => {
  const pair = await startPair(t);
  await former(pair);
  await goesOn(pair, await pair.restart(() => age(pair)));
});

test("FC-20 U01 a backup of a former version is restored, and its logins go on", async (t) => {
  const pair = await startPair(t);
  await former(pair);
  const [data, file] = [dataFolder(t), join(temporaryFolder(t), "backup")];
  const restored = await pair.restart(
    async () => {
      age(pair);
      await backUp(loadConfig({ data: pair.data }, {}), file);
      copyFileSync(join(pair.data, "key"), join(data, "key"));
      await restore(loadConfig({ data, takeOver: true }, {}), file);
    },
    { data },
  );
  await goesOn(pair, restored);
});
