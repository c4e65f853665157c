import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { startDemoServer } from "../../../src/dev/demo-server.ts";
import type { Rung } from "../../../src/dev/matrix/discovery.ts";
import type { Homeserver, HomeserverOptions } from "../../servers/matrix/homeserver.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { eventually } from "../../support/eventually.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { approve, authorize, callApi, deny, homeserverFor } from "../../support/matrix/homeserver.ts";
import { DEVICE } from "../../support/misbehaving.ts";
import type { ApiAnswer } from "../../support/request.ts";

/** From a name to a token, at a certified provider behind a real homeserver's discovery: only the clock is false. */
interface Stage {
  readonly homeserver: Homeserver;
  readonly coatcheck: Coatcheck;
  login(options?: Record<string, unknown>): Promise<Readonly<Record<string, string>>>;
  read(): Promise<ApiAnswer>;
  /** The answer that a read gives in the end, once it is neither pending nor `not` any more. */
  outcome(not?: unknown): Promise<ApiAnswer>;
}

const CREDENTIAL = "oauth2/creds/bot";

async function stage(t: TestContext, options: HomeserverOptions = {}): Promise<Stage> {
  const clock = new FakeClock();
  const homeserver = await homeserverFor(t, { now: () => clock.now(), ...options });
  const coatcheck = await startCoatcheck(t, { clock, publicUrl: "https://coatcheck.example.com" });
  const server = { provider: "matrix", provider_options: { homeserver: homeserver.baseUrl } };
  const written = await coatcheck.write("oauth2/servers/mx", server);
  assert.equal(written.status, 204, JSON.stringify(written.body));
  const read = () => coatcheck.read(CREDENTIAL);
  return {
    homeserver,
    coatcheck,
    read,
    login: async (more = {}) => {
      const started = await coatcheck.write(CREDENTIAL, { server: "mx", grant_type: DEVICE, provider_options: more });
      assert.equal(started.status, 200, JSON.stringify(started.body));
      return started.body?.data as Readonly<Record<string, string>>;
    },
    outcome: async (not) => {
      await coatcheck.pass(6_000);
      return eventually("an outcome", async () => {
        const answer = await read();
        return answer.status === 503 || answer.body?.data?.access_token === not ? undefined : answer;
      });
    },
  };
}

const whoami = ({ baseUrl }: Homeserver, token: unknown) => callApi(baseUrl, "account/whoami", token);

/** A login that alice has approved; its first token. */
async function loggedIn(on: Stage): Promise<string> {
  const shown = await on.login();
  await approve(shown.verification_uri_complete ?? "");
  const { status, body } = await on.outcome("");
  assert.equal(status, 200, JSON.stringify(body));
  return String(body?.data?.access_token);
}

test("MX-W1 MX-F1 MX-L1 a bot logs in by device code, its token is refreshed by itself, and deleted it is dead", async (t) => {
  const on = await stage(t, { ttl: { AccessToken: 300 } });
  const first = await loggedIn(on);
  const extra = (await on.read()).body?.data?.extra_data as Readonly<Record<string, unknown>>;
  assert.equal(extra.user_id, `@alice:${on.homeserver.serverName}`);
  assert.equal(extra.homeserver, on.homeserver.baseUrl);
  assert.deepEqual((await whoami(on.homeserver, first)).body, {
    user_id: extra.user_id,
    device_id: extra.device_id,
    is_guest: false,
  });
  assert.equal((await callApi(on.homeserver.baseUrl, "sync", first)).status, 200);
  await on.coatcheck.pass(280_000);
  const later = await on.outcome(first);
  assert.equal((await callApi(on.homeserver.baseUrl, "sync", later.body?.data?.access_token)).status, 200);
  assert.deepEqual((await on.read()).body?.data?.extra_data, extra);
  assert.equal((await on.coatcheck.delete(CREDENTIAL)).status, 204);
  await on.coatcheck.pass(2_000);
  assert.equal((await whoami(on.homeserver, later.body?.data?.access_token)).status, 401);
});

test("MX-A1 account pages are told with the action and the login's device", async (t) => {
  const on = await stage(t);
  await loggedIn(on);
  const extra = (await on.read()).body?.data?.extra_data as {
    device_id: string;
    account_links: Readonly<Record<string, string>>;
  };
  const link = new URL(extra.account_links["org.matrix.device_delete"] ?? assert.fail(JSON.stringify(extra)));
  assert.equal(link.searchParams.get("action"), "org.matrix.device_delete");
  assert.equal(link.searchParams.get("device_id"), extra.device_id);
  // What the URI had before is still there.
  assert.equal(link.searchParams.get("of"), on.homeserver.serverName);
  assert.ok(!("org.matrix.account_deactivate" in extra.account_links), "only what is advertised");
});

test("MX-W2 a login of somebody else is refused, and its tokens are revoked", async (t) => {
  const on = await stage(t);
  const revoked: string[] = [];
  on.homeserver.provider.on("grant.revoked", (_context, grantId) => revoked.push(grantId));
  const shown = await on.login({ user_id: `@bob:${on.homeserver.serverName}` });
  await approve(shown.verification_uri_complete ?? "", "alice");
  const { status, body } = await on.outcome("");
  assert.deepEqual([status, body?.data?.reason], [400, "account_mismatch"], JSON.stringify(body));
  await on.coatcheck.pass(2_000);
  await eventually("the grant is gone at the provider", () => revoked.length === 1);
});

test("MX-W2 the expected account is accepted", async (t) => {
  const on = await stage(t);
  const shown = await on.login({ user_id: `@bob:${on.homeserver.serverName}`, device_id: "MYOWNDEVICE1" });
  await approve(shown.verification_uri_complete ?? "", "bob");
  const { body } = await on.outcome("");
  const who = await whoami(on.homeserver, body?.data?.access_token);
  assert.deepEqual([who.body.user_id, who.body.device_id], [`@bob:${on.homeserver.serverName}`, "MYOWNDEVICE1"]);
});

test("section 8: a person denies", async (t) => {
  const on = await stage(t);
  await deny((await on.login()).verification_uri_complete ?? "");
  const { status, body } = await on.outcome("");
  assert.deepEqual([status, body?.data?.reason], [400, "access_denied"]);
});

for (const rung of ["stable", "unstable", "auth-issuer", "well-known"] as const satisfies readonly Rung[]) {
  for (const issuerPath of ["", "/", "/auth", "/auth/"]) {
    test(`MX-D5 MX-D11 MX-S2 a login by the rung ${rung} alone, with an issuer that ends in "${issuerPath}"`, async (t) => {
      const on = await stage(t, { rungs: [rung], issuerPath });
      const scopes: string[] = [];
      on.homeserver.provider.on("access_token.saved", ({ scope = "" }) => scopes.push(scope));
      const token = await loggedIn(on);
      assert.equal((await whoami(on.homeserver, token)).status, 200);
      assert.equal(scopes.length, 1);
      assert.equal(scopes[0]?.includes("org.matrix.msc2967"), rung !== "stable");
    });
  }
}

test("MX-C1 MX-C2 MX-C4 a login by authorization link, through the broker's own callback", async (t) => {
  const clock = new FakeClock();
  const homeserver = await homeserverFor(t, { now: () => clock.now() });
  const coatcheck = await startCoatcheck(t, { clock, publicUrl: "http://127.0.0.1:8200" });
  const client_metadata = { client_uri: "https://coatcheck.example.com/" };
  const server = { provider: "matrix", provider_options: { homeserver: homeserver.baseUrl, client_metadata } };
  assert.equal((await coatcheck.write("oauth2/servers/mx", server)).status, 204);
  const link = await coatcheck.write("oauth2/auth-code-url", { server: "mx", name: "bot" });
  assert.equal(link.status, 200, JSON.stringify(link.body));
  const callback = "http://127.0.0.1:8200/v1/oauth2/callback";
  const { pathname, search } = new URL(await authorize(String(link.body?.data?.url), callback, "carol"));
  const page = await fetch(`${coatcheck.running.address}${pathname}${search}`);
  assert.equal(page.status, 200, await page.text());
  const read = await coatcheck.read(CREDENTIAL);
  assert.equal(read.status, 200, JSON.stringify(read.body));
  const who = await whoami(homeserver, read.body?.data?.access_token);
  assert.equal(who.body.user_id, `@carol:${homeserver.serverName}`);
});

test("MX-D4 MX-D10 what is no homeserver with OAuth is told so, and nothing is stored", async (t) => {
  const coatcheck = await startCoatcheck(t, { publicUrl: "https://coatcheck.example.com" });
  const provider = await startDemoServer();
  t.after(() => provider.close());
  const old = await homeserverFor(t, { rungs: [], loginFlows: ["m.login.password", "m.login.sso"] });
  const bare = await homeserverFor(t, { rungs: [] });
  for (const [url, text] of [
    [provider.issuer, /is not a Matrix homeserver: versions/],
    [old.baseUrl, /does not support OAuth, only the older login API: m\.login\.password, m\.login\.sso$/],
    [bare.baseUrl, /offers neither OAuth nor the older login API$/],
  ] as const) {
    const server = { provider: "matrix", provider_options: { homeserver: url } };
    const written = await coatcheck.write("oauth2/servers/mx", server);
    assert.equal(written.status, 400);
    assert.match(written.body?.errors?.[0] ?? "", text);
    assert.equal((await coatcheck.read("oauth2/servers/mx")).status, 404);
  }
});
