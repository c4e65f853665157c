import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { compose } from "../../src/compose/compose.ts";
import type { Running } from "../../src/compose/serve.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { startApi } from "../servers/api-server.ts";
import { json, proper } from "../servers/faults.ts";
import { startFaultyServer } from "../servers/faulty-server.ts";
import type { Misbehaving } from "../servers/misbehaving.ts";
import { startMisbehavingServer } from "../servers/misbehaving-server.ts";
import { someoneWaits, startPostgres, type TestDatabase } from "../servers/postgres.ts";
import { eventually } from "../support/eventually.ts";
import { DEVICE } from "../support/misbehaving.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { ask } from "../support/sessions.ts";
import { reshaped, sealWith } from "../support/stored.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** Real clocks: what several instances agree on is the database's time. */
const postgres = await startPostgres();

/** Between looks: instances and database share this machine. */
const breath = () => setTimeout(20);

/** In so long a reader has looked several times whether another instance's refresh has ended. Milliseconds. */
const LOOKS = 700;

interface Instance {
  readonly running: Running;
  readonly logged: string[];
  call(method: string, path: string, body?: unknown): ReturnType<typeof request>;
  stop(): Promise<void>;
}

async function startInstance(
  t: TestContext,
  database: string,
  key: string,
  data = dataFolder(t),
  more: Readonly<Record<string, string>> = {},
): Promise<Instance> {
  const flags = {
    listen: "127.0.0.1:0",
    data,
    database,
    allowNetworks: "loopback",
    publicUrl: "http://127.0.0.1:8200",
  };
  const logged: string[] = [];
  const config = loadConfig(flags, { COATCHECK_KEY: key, COATCHECK_ROOT_TOKEN: ROOT_TOKEN, ...more });
  const running = await compose(
    config,
    createLog("info", (line) => void logged.push(line)),
  );
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= running.close();
    return stopped;
  };
  t.after(stop);
  return { running, logged, stop, call: (...parts) => request(running.address, ...parts) };
}

interface Several {
  readonly as: Misbehaving;
  readonly here: Instance;
  readonly there: Instance;
  readonly admin: TestDatabase["admin"];
  readonly key: string;
}

async function startTwo(t: TestContext): Promise<Several> {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  as.tokens.interval = 1;
  const { url, admin } = await postgres.database(t, "real clock");
  const key = randomBytes(32).toString("base64url");
  const [here, there] = await Promise.all([startInstance(t, url, key), startInstance(t, url, key)]);
  const provider_options = {
    token_url: `${as.issuer}/token`,
    device_code_url: `${as.issuer}/device`,
    revocation_url: `${as.issuer}/revoke`,
  };
  const server = { provider: "custom", client_id: "client", provider_options };
  assert.equal((await here.call("PUT", "oauth2/servers/as", server)).status, 204);
  return { as, here, there, admin, key };
}

test("a token that is revoked through one instance is refused there at once, and through the others within a second", async (t) => {
  const { here, there } = await startTwo(t);
  const made = await here.call("POST", "auth/token/create", { policies: ["default"], ttl: 60 });
  const { auth } = made.body as { readonly auth?: { readonly client_token: string } };
  const token = auth?.client_token ?? "";
  const status = async ({ running }: Instance) => {
    const response = await fetch(`${running.address}/v1/auth/token/lookup-self`, {
      headers: { "x-vault-token": token },
    });
    return response.status;
  };
  for (let times = 0; times < 3; times++) assert.deepEqual([await status(here), await status(there)], [200, 200]);
  assert.equal((await here.call("PUT", "auth/token/revoke", { token })).status, 204);
  assert.equal(await status(here), 403);
  // Asked all the time: what is remembered there is not kept alive by that.
  await eventually("the other instance refuses it", async () => (await status(there)) === 403, 3_000);
});

const startFlow = ({ call }: Instance, name: string) =>
  call("PUT", `oauth2/creds/${name}`, { server: "as", grant_type: DEVICE });

/** When each flow was polled, by its device code. */
function polls(as: Misbehaving): readonly number[][] {
  const byCode = Map.groupBy(as.to("/token"), ({ form }) => form.get("device_code"));
  return [...byCode.values()].map((requests) => requests.map(({ at }) => at));
}

test("what is written through one instance is read and deleted through another", async (t) => {
  const { as, here, there } = await startTwo(t);
  const refresh_token = as.tokens.grant();
  assert.equal((await here.call("PUT", "oauth2/creds/me", { server: "as", refresh_token })).status, 204);
  const [mine, theirs] = await Promise.all([here, there].map(({ call }) => call("GET", "oauth2/creds/me")));
  assert.equal(theirs?.status, 200);
  assert.equal(theirs?.body?.data?.access_token, mine?.body?.data?.access_token);
  assert.equal((await there.call("DELETE", "oauth2/creds/me")).status, 204);
  assert.equal((await here.call("GET", "oauth2/creds/me")).status, 404);
  const write = (name: string, more: object) => here.call("PUT", name, { server: "as", ...more });
  for (let times = 0; times < 3; times++) {
    const [one, other] = [`oauth2/creds/one-${times}`, `oauth2/creds/other-${times}`];
    for (const name of [one, other]) {
      await write(name, { refresh_token: as.tokens.grant() });
      for (let reads = 0; reads < 2; reads++) assert.equal((await there.call("GET", name)).status, 200);
    }
    await Promise.all([here.call("DELETE", one), write(other, { grant_type: DEVICE })]);
    const after = await Promise.all([one, other].map((name) => there.call("GET", name)));
    assert.deepEqual(
      after.map(({ status }) => status),
      [404, 503],
      "not from its memory either",
    );
  }
  const status = await here.call("GET", "sys/seal-status");
  assert.equal((status.body as { readonly storage_type?: string } | undefined)?.storage_type, "postgresql");
});

test("instances need the same key; one that has none says so and makes none", async (t) => {
  const { url } = await postgres.database(t, "real clock");
  const data = dataFolder(t);
  await startInstance(t, url, "", data);
  const other = dataFolder(t);
  await assert.rejects(startInstance(t, url, "", other), {
    name: "KeyUnusable",
    message: `the key file ${join(other, "key")} is missing, and the stored data cannot be read without it: put the key file back, or give the key in COATCHECK_KEY; nothing was changed`,
  });
  assert.equal(existsSync(join(other, "key")), false);
  await assert.rejects(startInstance(t, url, "A".repeat(43)), /^KeyUnusable: this key does not open the data/);
  await startInstance(t, url, `file:${join(data, "key")}`);
});

test("keys of several instances are rotated by hand, one instance after the other, while the others serve", async (t) => {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  const { url, admin } = await postgres.database(t, "real clock");
  const [old, fresh] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64url"));
  const folders = [dataFolder(t), dataFolder(t)];
  let all = await Promise.all(folders.map((data) => startInstance(t, url, `${old}`, data)));
  const call = (index: number, ...parts: Parameters<Instance["call"]>) => (all[index] as Instance).call(...parts);
  const provider_options = { token_url: `${as.issuer}/token` };
  await call(0, "PUT", "oauth2/servers/as", { provider: "custom", client_id: "client", provider_options });
  const readEverywhere = async (written: number) => {
    const name = `oauth2/creds/of-${written}-${as.requests.length}`;
    const refresh_token = as.tokens.grant();
    assert.equal((await call(written, "PUT", name, { server: "as", refresh_token })).status, 204);
    for (const index of folders.keys()) assert.equal((await call(index, "GET", name)).status, 200);
  };
  const restart = async (index: number, keys: string) => {
    await all[index]?.stop();
    const next = await startInstance(t, url, keys, folders[index]);
    all = all.with(index, next);
    for (const written of folders.keys()) await readEverywhere(written);
  };
  const told = await call(0, "PUT", "sys/keys/rotate");
  assert.match(
    told.body?.errors?.[0] ?? "",
    /\(1\) add a new key after .*\(2\) move the new key to the front on every instance/,
  );
  for (const index of folders.keys()) await restart(index, `${old},${fresh}`);
  for (const index of folders.keys()) await restart(index, `${fresh},${old}`);
  const under = async (key = "") => {
    const id = createHash("sha256").update(Buffer.from(key, "base64url")).digest().subarray(0, 8);
    const where = "substr(sealed, 3, 8) = $1 AND name NOT LIKE 'key/%'";
    return (await admin.query(`SELECT count(*)::int AS n FROM coatcheck_row WHERE ${where}`, [id])).rows[0].n;
  };
  await eventually("everything is sealed anew", async () => {
    await breath();
    return (await under(old)) === 0;
  });
  const ids = ((await call(0, "GET", "sys/keys")).body?.data?.keys ?? []) as { id: string }[];
  const taken = await call(1, "DELETE", `sys/keys/${ids[1]?.id}`);
  assert.match(taken.body?.errors?.[0] ?? "", /nothing is sealed under.*of every instance and restart them/);
  for (const index of folders.keys()) await restart(index, `${fresh}`);
  assert.deepEqual([await under(old), (await under(fresh)) > 0], [0, true]);
  await assert.rejects(startInstance(t, url, `${old}`), /^KeyUnusable: this key does not open the data/);
});

test("FC-20 a grant from before grants named their client keeps it, whichever instance writes the record anew", async (t) => {
  const { as, here, there, admin, key } = await startTwo(t);
  await here.call("PUT", "oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  const { rows } = await admin.query("SELECT id, sealed FROM coatcheck_row WHERE kind = 'creds'");
  const deployment = (await admin.query("SELECT id FROM coatcheck_row WHERE name = 'deployment'")).rows[0]?.id;
  const place = { kind: "creds", name: "me", id: String(rows[0]?.id) };
  const dataKeys = await admin.query("SELECT id, name, sealed FROM coatcheck_row WHERE name LIKE 'data-key/%'");
  const seal = sealWith(loadKeys(key, "", { mayCreate: false }).keys, String(deployment), dataKeys.rows);
  const older = reshaped(rows[0]?.sealed, place, seal, ({ credential, ...rest }: Stored) => {
    const { client: _, ...grant } = credential.grant;
    return { ...rest, credential: { ...credential, grant } };
  });
  await admin.query("UPDATE coatcheck_row SET sealed = $1 WHERE id = $2", [older, place.id]);
  const provider_options = { token_url: `${as.issuer}/token` };
  const other = { provider: "custom", client_id: "another", provider_options };
  assert.equal((await there.call("PUT", "oauth2/servers/as", other)).status, 204);
  const after = (await admin.query("SELECT sealed FROM coatcheck_row WHERE kind = 'creds'")).rows[0]?.sealed;
  reshaped(after, place, seal, ({ credential }: Stored) => {
    assert.deepEqual(credential.grant.client, { clientId: "client", issuer: "" });
  });
});

interface Stored {
  readonly credential: { readonly grant: Record<string, unknown> };
}

test("FC-20 two instances that write one server at once, or one right after the other, register one client", async (t) => {
  const { as, here, there } = await startTwo(t);
  const provider_options = { issuer_url: as.issuer, registration: "dynamic" };
  const write = async (instance: Instance, name: string): Promise<number> => {
    const server = { provider: "oidc", provider_options };
    const { status, headers } = await instance.call("PUT", `oauth2/servers/${name}`, server);
    if (status !== 503) return status;
    assert.equal(headers.get("retry-after"), "2");
    await breath();
    return write(instance, name);
  };
  for (const [index, name] of ["one", "two", "three"].entries()) {
    assert.deepEqual(await Promise.all([write(here, name), write(there, name)]), [204, 204]);
    assert.equal(as.to("/register").length, index + 1, name);
    assert.deepEqual([await write(there, name), await write(here, name)], [204, 204]);
    assert.equal(as.to("/register").length, index + 1, "what the other one has just written is known");
  }
});

test("a token that two instances want refreshed at once is refreshed once", async (t) => {
  const { as, here, there } = await startTwo(t);
  // A read refreshes a token when a tenth of its life has passed, and not before (FC-74).
  as.tokens.accessLife = 20;
  const refresh_token = as.tokens.grant();
  await here.call("PUT", "oauth2/creds/me", { server: "as", refresh_token });
  const imported = as.to("/token").length;
  const remaining = async () => (await here.call("GET", "oauth2/creds/me")).body?.lease_duration ?? 0;
  await eventually("a tenth of its life has passed", async () => {
    await breath();
    return (await remaining()) < 18;
  });
  const wanted = "oauth2/creds/me?minimum_seconds=18";
  const reads = await Promise.all([here, there, here, there].map(({ call }) => call("GET", wanted)));
  assert.deepEqual(
    reads.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  assert.equal(new Set(reads.map(({ body }) => body?.data?.access_token)).size, 1);
  assert.equal(as.to("/token").length, imported + 1);
  assert.equal(as.tokens.replays, 0);
});

/** Held answers of a path, which are given when `letGo` is called. */
function holdAnswers(as: Misbehaving, path: string): { letGo(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  as.reply(path, (exchange) => promise.then(() => proper()(exchange)));
  return { letGo: resolve };
}

/** Waits for a request to a path that comes after now. */
function nextRequest(as: Misbehaving): (path: string, what: string) => Promise<void> {
  const before = as.requests.length;
  return async (path, what) => {
    await eventually(what, async () => {
      await breath();
      return as.requests.slice(before).some((request) => request.path === path);
    });
  };
}

/** With a server `op`, of which userinfo is asked while an answer is in escrow; nothing is refreshed by the clock. */
async function startTwoWithOpenid(t: TestContext): Promise<Several> {
  const several = await startTwo(t);
  const { as, here } = several;
  as.tokens.extra = { id_token: as.idTokens.make(Math.floor(Date.now() / 1000)) };
  const provider_options = { issuer_url: as.issuer, extra_data_fields: "user_info" };
  await here.call("PUT", "oauth2/servers/op", { provider: "oidc", client_id: "client", provider_options });
  await here.call("PUT", "oauth2/config", { tune_refresh_check_interval_seconds: 0 });
  return several;
}

test("a reader waits for a slow refresh of another instance, also while its answer is looked into, and gets the new token", async (t) => {
  const { as, here, there } = await startTwoWithOpenid(t);
  for (const [name, life, minimum] of [
    ["expired", 2, 0],
    ["too-short", 20, 18],
  ] as const) {
    as.tokens.accessLife = life;
    const refresh_token = as.tokens.grant();
    await here.call("PUT", `oauth2/creds/${name}`, { server: "op", refresh_token });
    await setTimeout(Math.max(1_100, life * 100 + 100));
    as.tokens.accessLife = 3_600;
    const [token, userInfo] = [holdAnswers(as, "/token"), holdAnswers(as, "/userinfo")];
    const asked = nextRequest(as);
    const read = ({ call }: Instance) => call("GET", `oauth2/creds/${name}?minimum_seconds=${minimum}`);
    const first = read(here);
    await asked("/token", "the refresh is sent");
    const second = read(there);
    await setTimeout(LOOKS);
    token.letGo();
    await asked("/userinfo", "its answer is in escrow");
    await setTimeout(LOOKS);
    userInfo.letGo();
    const [mine, theirs] = await Promise.all([first, second]);
    assert.deepEqual([mine.status, theirs.status], [200, 200], JSON.stringify([mine.body, theirs.body]));
    assert.equal(theirs.body?.data?.access_token, mine.body?.data?.access_token);
  }
  assert.equal(as.tokens.replays, 0);
});

/** Brings tokens to a credential of `op`, and answers when they are to come. */
const ARRIVALS: Readonly<Record<string, (several: Several, name: string) => Promise<() => Promise<unknown>>>> = {
  poll: async ({ as, here }, name) => {
    as.tokens.approved = true;
    return () => here.call("PUT", `oauth2/creds/${name}`, { server: "op", grant_type: DEVICE });
  },
  refresh: async ({ as, here }, name) => {
    as.tokens.accessLife = 2;
    await here.call("PUT", `oauth2/creds/${name}`, { server: "op", refresh_token: as.tokens.grant() });
    await setTimeout(1_100);
    return () => here.call("GET", `oauth2/creds/${name}`);
  },
};

for (const [kind, arrival] of Object.entries(ARRIVALS)) {
  test(`I7 a delete that another instance's ${kind} overtakes looks again, and revokes the tokens that came`, async (t) => {
    const several = await startTwoWithOpenid(t);
    const { as, there, admin } = several;
    const arrive = await arrival(several, "me");
    let came: unknown;
    as.reply("/token", (exchange) => {
      const { status, body } = exchange.proper();
      came = body.refresh_token;
      return json(status, body)(exchange);
    });
    const userInfo = holdAnswers(as, "/userinfo");
    const asked = nextRequest(as);
    const arriving = arrive();
    await asked("/userinfo", "the answer is in escrow");
    await admin.query("BEGIN");
    await admin.query("SELECT FROM coatcheck_row WHERE kind = 'creds' AND name = 'me' FOR UPDATE");
    userInfo.letGo();
    await someoneWaits({ admin }, 1);
    const deleting = there.call("DELETE", "oauth2/creds/me");
    await someoneWaits({ admin }, 2);
    await admin.query("COMMIT");
    assert.equal((await deleting).status, 204);
    await arriving;
    assert.ok(typeof came === "string");
    const revoked = as.to("/revoke").map(({ form }) => form.get("token"));
    assert.ok(revoked.includes(came), `revoked: ${revoked.join()}`);
  });
}

test("A22 DEV-23 a flow is polled by one instance per interval, and by the other when that one stops", async (t) => {
  const { as, here, there } = await startTwo(t);
  for (const name of ["a", "b", "c"]) assert.equal((await startFlow(here, name)).status, 200);
  const polled = async (times: number) => {
    await breath();
    return polls(as).length === 3 && polls(as).every(({ length }) => length >= times);
  };
  await eventually("each flow is polled", () => polled(1));
  await here.stop();
  const sofar = Math.max(...polls(as).map(({ length }) => length));
  await eventually("the other goes on", () => polled(sofar + 1));
  for (const times of polls(as)) {
    for (const [index, at] of times.slice(1).entries()) {
      const gap = at - (times[index] ?? 0);
      assert.ok(gap >= 990 && gap < 5_000, `an interval of 1 s was polled after ${gap} ms`);
    }
  }
  as.tokens.approved = true;
  const done = async () => (await there.call("GET", "oauth2/creds/a")).status === 200;
  await eventually("the flow ends at the other", done);
});

test("a program that waits at one instance hears of its login that another one finished, and of its end", async (t) => {
  const { as, here, there } = await startTwo(t);
  const data = (await here.call("GET", "oauth2/servers/as")).body?.data;
  await here.call("PUT", "oauth2/servers/as", { ...data, allow_sessions: true, session_flow: "page", ...PAGE(as) });
  const both = await Promise.all(
    [here, there].map(async (instance) => {
      const started = await ask(instance, "POST", "/sessions", { body: { server: "as" } });
      assert.equal(started.status, 201, JSON.stringify(started.body));
      return { instance, body: started.body };
    }),
  );
  for (const { instance, body } of both) {
    const other = instance === here ? there : here;
    const bearer = String(body.session_id);
    // Longer than the test may last: only a word of the other instance can end it.
    const waiting = ask(instance, "GET", "/session?wait=60", { bearer });
    const visitor = { address: "127.0.0.1", network: "127.0.0.1", browser: "b" };
    const { sessions } = other.running.broker;
    const asked = await sessions.typedLogin("oauth2", visitor, String(body.user_code));
    assert.ok(asked);
    await breath();
    const decided = await sessions.decideLogin("oauth2", visitor, {
      code: asked.code,
      token: asked.token,
      allow: false,
    });
    assert.equal(decided.kind, "denied");
    assert.equal((await waiting).body.status, "denied");
  }
  const cancelled = await ask(here, "POST", "/sessions", { body: { server: "as" } });
  const bearer = String(cancelled.body.session_id);
  const waiting = ask(there, "GET", "/session?wait=60", { bearer });
  await breath();
  assert.equal((await ask(here, "DELETE", "/session", { bearer })).status, 204);
  assert.equal((await waiting).status, 401);
});

test("ST-21 a stream that one instance passes on ends when another one ends its session", async (t) => {
  const { as, here, there } = await startTwo(t);
  const api = await startApi(t);
  api.handle = (_request, response) => response.writeHead(200).write("first");
  const data = (await here.call("GET", "oauth2/servers/as")).body?.data;
  await here.call("PUT", "oauth2/servers/as", { ...data, allow_sessions: true, proxy_apis: { api: api.url } });
  as.tokens.approved = true;
  const { session_id } = (await ask(here, "POST", "/sessions", { body: { server: "as" } })).body;
  const bearer = String(session_id);
  assert.equal((await ask(here, "GET", "/session?wait=60", { bearer })).body.status, "active");
  const answer = await fetch(`${there.running.address}/session/proxy/api/x`, {
    headers: { authorization: `Bearer ${bearer}` },
  });
  const reader = answer.body?.getReader();
  await reader?.read();
  assert.equal((await ask(here, "DELETE", "/session", { bearer })).status, 204);
  await assert.rejects(async () => reader?.read());
});

const PAGE = ({ issuer }: Misbehaving) => ({
  provider_options: { auth_code_url: `${issuer}/authorize`, token_url: `${issuer}/token` },
});

test("ST-4 ST-25 limits of strangers are counted by each instance: two allow twice as much", async (t) => {
  const { here, there } = await startTwo(t);
  const data = (await here.call("GET", "oauth2/servers/as")).body?.data;
  await here.call("PUT", "oauth2/servers/as", { ...data, allow_sessions: true });
  const settings = { tune_session_starts_per_minute: 2, tune_session_pending_per_address: 1 };
  await here.call("PUT", "oauth2/config", { ...settings, tune_user_code_entries_per_minute: 1 });
  const start = ({ running }: Instance) => ask({ running }, "POST", "/sessions", { body: { server: "as" } });
  const guess = async ({ running }: Instance, path: string, init: RequestInit) =>
    (await fetch(`${running.address}${path}`, { redirect: "manual", ...init })).status;
  const typed = { method: "POST", body: new URLSearchParams({ user_code: "BCDF-GHJK" }) };
  for (const instance of [here, there]) {
    assert.equal((await start(instance)).status, 201);
    assert.equal((await start(instance)).body.error, "too_many_pending");
    assert.equal((await start(instance)).body.error, "rate_limited");
    assert.notEqual(await guess(instance, "/device", typed), 429);
    assert.equal(await guess(instance, "/device", typed), 429);
    const wrong = () => guess(instance, "/v1/oauth2/creds/me", { headers: { "x-vault-token": "hvs.guess" } });
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) statuses.push(await wrong());
    assert.deepEqual([...new Set(statuses.slice(0, 20)), statuses[20]], [403, 429]);
  }
});

test("an endpoint hears once of each login that dies, of several instances that could tell it", async (t) => {
  const receiver = await startFaultyServer(Date.now, () => ({ status: 200, body: {} }));
  t.after(() => receiver.close());
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  const { url } = await postgres.database(t, "real clock");
  const key = randomBytes(32).toString("base64url");
  const webhooks = {
    COATCHECK_WEBHOOKS: `ops=${receiver.origin}/ops`,
    COATCHECK_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString("base64")}`,
  };
  const [here] = await Promise.all([1, 2].map(() => startInstance(t, url, key, dataFolder(t), webhooks)));
  const provider_options = { token_url: `${as.issuer}/token`, revocation_url: `${as.issuer}/revoke` };
  await here?.call("PUT", "oauth2/servers/as", { provider: "custom", client_id: "client", provider_options });
  const names = Array.from({ length: 12 }, (_, index) => `of-${index}`);
  for (const name of names) {
    await here?.call("PUT", `oauth2/creds/${name}`, { server: "as", refresh_token: as.tokens.grant() });
  }
  await Promise.all(names.map((name) => here?.call("DELETE", `oauth2/creds/${name}`)));
  await eventually("all are told", () => receiver.to("/ops").length >= names.length);
  await setTimeout(LOOKS);
  const told = receiver.to("/ops").map(({ body }) => JSON.parse(body).data.credential);
  assert.deepEqual(told.sort(), names.sort());
});

test("a mount that one instance makes, moves or ends is so at the other one within a second, and its reads end there", async (t) => {
  const { as, here, there } = await startTwo(t);
  assert.equal((await here.call("POST", "sys/mounts/team/b", { type: "oauthapp" })).status, 204);
  // Whoever asks for the list has it as it is now.
  assert.equal((await there.call("GET", "sys/mounts/team/b")).status, 200);
  await eventually(
    "its routes are there",
    async () => (await there.call("GET", "team/b/config")).body?.errors?.length === 0,
  );
  const provider_options = { token_url: `${as.issuer}/token`, revocation_url: `${as.issuer}/revoke` };
  const server = { provider: "custom", client_id: "client", provider_options };
  assert.equal((await there.call("PUT", "team/b/servers/as", server)).status, 204);
  const refresh_token = as.tokens.grant();
  assert.equal((await there.call("PUT", "team/b/creds/me", { server: "as", refresh_token })).status, 204);
  const statusAt = async (path: string) => (await there.call("GET", `${path}/creds/me`)).status;
  for (let times = 0; times < 5; times++) assert.equal(await statusAt("team/b"), 200);
  assert.equal((await here.call("POST", "sys/remount", { from: "team/b", to: "c" })).status, 200);
  await eventually("it is at its new path", async () => (await statusAt("c")) === 200, 3_000);
  assert.equal(await statusAt("team/b"), 404);
  for (let times = 0; times < 5; times++) assert.equal(await statusAt("c"), 200);
  assert.equal((await here.call("DELETE", "sys/mounts/c")).status, 204);
  await eventually("it is gone there", async () => (await statusAt("c")) === 404, 3_000);
  await eventually("its login is revoked", () => as.tokens.revoked === 1);
});

test("of two mounts that are in each other's way, made at once by two instances, one at most stays", async (t) => {
  const { here, there } = await startTwo(t);
  for (let times = 0; times < 8; times++) {
    const paths = [`t${times}`, `t${times}/b`];
    const made = await Promise.all(
      [here, there].map(({ call }, at) => call("POST", `sys/mounts/${paths[at]}`, { type: "oauthapp" })),
    );
    const { body } = await here.call("GET", "sys/mounts");
    const stay = Object.keys(body?.data ?? {}).filter((path) => path.startsWith(`t${times}/`));
    assert.ok(stay.length <= 1, stay.join());
    assert.equal(made.filter(({ status }) => status === 204).length, stay.length);
  }
});
