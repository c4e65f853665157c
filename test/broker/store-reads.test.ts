import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { makeFirstKeys } from "../../src/broker/keys/data-keys.ts";
import { MountTable } from "../../src/broker/process/mount-table.ts";
import { credentialRow, openCredential, openLogin } from "../../src/broker/record/records.ts";
import { createContext } from "../../src/compose/context.ts";
import { openWithKeys } from "../../src/compose/open-keys.ts";
import { serve } from "../../src/compose/serve.ts";
import { DEFAULT_SETTINGS } from "../../src/credential/index.ts";
import { systemClock } from "../../src/process/clock.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { NO_TRACE } from "../../src/process/trace.ts";
import type { Seal } from "../../src/seal/port.ts";
import { ForwardingStore } from "../../src/store/forwarding.ts";
import type { Key, ListQuery, Look, Revisions, Row, Store } from "../../src/store/port.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startServer } from "../servers/watched.ts";
import { eventually } from "../support/eventually.ts";
import { DEVICE } from "../support/misbehaving.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { ask } from "../support/sessions.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** Each is a round trip on PostgreSQL, a look at the file on SQLite, and the opening of a seal. */
class CountingStore extends ForwardingStore {
  readonly asked: string[] = [];
  looks = 0;

  override read(key: Key): Promise<Row | undefined> {
    this.asked.push(`read ${key.kind}`);
    return super.read(key);
  }

  override readById(id: string): Promise<Row | undefined> {
    this.asked.push("read by id");
    return super.readById(id);
  }

  override revisions(ids: readonly string[]): Promise<Revisions> {
    this.asked.push("revisions");
    return super.revisions(ids);
  }

  override list(query: ListQuery): Promise<readonly Row[]> {
    this.asked.push(`list ${query.kind}`);
    return super.list(query);
  }

  override async look(): Promise<Look> {
    const look = await super.look();
    this.looks += 1;
    return look;
  }
}

/** A broker as `compose` makes it, but for the store that counts below everything that is remembered. */
async function start(t: TestContext, kept: Store) {
  const as = await startServer(t);
  const data = dataFolder(t);
  const environment = { COATCHECK_KEY: randomBytes(32).toString("base64url"), COATCHECK_ROOT_TOKEN: ROOT_TOKEN };
  const config = loadConfig({ listen: "127.0.0.1:0", data, allowNetworks: "loopback" }, environment);
  const deployment = await openWithKeys(config, kept, systemClock);
  const store = new CountingStore(kept);
  const log = createLog("silent", () => {});
  const opened = { count: 0, made: 0 };
  const {
    context,
    start: startQueue,
    handOver,
    activity,
    dataKeys,
  } = createContext(config, log, systemClock, {
    kept: store,
    deployment,
    trace: NO_TRACE,
    mounts: new MountTable(["oauth2"]),
  });
  await makeFirstKeys(context, dataKeys, { mounts: ["oauth2"], shared: false });
  countOpenings(context.seal, opened);
  const rootToken = { value: ROOT_TOKEN };
  const running = await serve(config, context, startQueue, {
    rootToken,
    deployment,
    development: {},
    handOver,
    dataKeys,
    activity,
  });
  t.after(() => running.close());
  const call = (method: string, path: string, body?: unknown) => request(running.address, method, path, body);
  const provider_options = { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` };
  const server = { provider: "custom", client_id: "client", provider_options };
  assert.equal((await call("PUT", "oauth2/servers/as", server)).status, 204);
  /** What the store was asked for while something was done. */
  const during = async (use: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = store.asked.length;
    await use();
    return store.asked.slice(before);
  };
  /** What operators have written is known to be unchanged from the second look on, and for a second after each. */
  const looked = async () => {
    if (store.alone) return;
    const until = store.looks + 2;
    await eventually("a look", () => store.looks >= until);
  };
  await looked();
  const requestsOf = (grant: string) => as.requests.filter(({ form }) => form.get("grant_type") === grant).length;
  return { as, running, context, call, during, looked, requestsOf, opened };
}

function countOpenings(seal: Seal, opened: { count: number; made: number }): void {
  const { open, seal: make } = seal;
  Object.assign(seal, {
    seal: (...given: Parameters<Seal["seal"]>) => {
      opened.made += 1;
      return make(...given);
    },
    open: (...given: Parameters<Seal["open"]>) => {
      opened.count += 1;
      return open(...given);
    },
  });
}

type Stage = Awaited<ReturnType<typeof start>>;

async function more(stage: Stage, grant: string, count: number): Promise<void> {
  const until = stage.requestsOf(grant) + count;
  await eventually(`${count} requests of ${grant}`, () => stage.requestsOf(grant) >= until);
  await eventually("they are settled", () => stage.running.underWay() === 0);
}

const TRIES = 6;

/**
 * What holds is the least of a few times: on a busy machine a look may come late, or a second pass between two uses, and then the
 * store is rightly asked again.
 */
async function within(stage: Stage, most: number, what: string, use: () => Promise<unknown>): Promise<void> {
  let asked = await stage.during(use);
  for (let tries = 1; asked.length > most && tries < TRIES; tries++) {
    if (tries % 2 === 0) await stage.looked();
    asked = await stage.during(use);
  }
  assert.ok(asked.length <= most, `${what} reads ${asked.length} times, not ${most}: ${asked.join(", ")}`);
}

/** An import seals what is under way, its answer and the credential; of what operators have written nothing is opened again. */
async function opensNothing({ opened }: Stage, use: () => Promise<unknown>): Promise<void> {
  const counted: string[] = [];
  const least = "opened 0, sealed 3";
  // It is opened anew each ten seconds, and on PostgreSQL when it was read again.
  while (counted.at(-1) !== least && counted.length < TRIES) {
    const before = { ...opened };
    await use();
    counted.push(`opened ${opened.count - before.count}, sealed ${opened.made - before.made}`);
  }
  assert.equal(counted.at(-1), least, counted.join("; "));
}

async function countReads(stage: Stage): Promise<void> {
  const { as, call, running } = stage;
  as.tokens.interval = 1;
  let written = 0;
  const put = (body: unknown) => call("PUT", `oauth2/creds/made-${++written}`, body);
  const imported = () => ({ server: "as", refresh_token: as.tokens.grant() });
  await within(stage, 4, "PUT creds by a refresh token", () => put(imported()));
  await opensNothing(stage, () => put(imported()));
  await within(stage, 3, "PUT creds by the device grant", () => put({ server: "as", grant_type: DEVICE }));
  await within(stage, 0, "a poll", () => more(stage, DEVICE, 2));

  await call("PUT", "oauth2/creds/imported", imported());
  const read = async () => assert.equal((await call("GET", "oauth2/creds/imported")).status, 200);
  await read();
  await within(stage, 0, "GET creds/NAME, unchanged", read);
  const made = { policies: ["root"], ttl: 60 };
  const { auth } = (await call("POST", "auth/token/create", made)).body as { auth?: { client_token: string } };
  const headers = { "x-vault-token": auth?.client_token ?? "" };
  const byChild = async () => {
    assert.equal((await fetch(`${running.address}/v1/oauth2/creds/imported`, { headers })).status, 200);
  };
  await byChild();
  await within(stage, 0, "the same with a child token", byChild);

  let secret = "";
  await within(stage, 6, "POST /sessions", async () => {
    const started = await ask({ running }, "POST", "/sessions", { bearer: ROOT_TOKEN, body: { server: "as" } });
    assert.equal(started.status, 201);
    secret = String(started.body.session_id);
  });
  as.tokens.approved = true;
  const token = () => ask({ running }, "GET", "/session/token", { bearer: secret });
  await eventually("the login", async () => (await token()).status === 200);
  await eventually("all is settled", () => running.underWay() === 0);
  await token();
  await within(stage, 0, "GET /session/token, unchanged", async () => assert.equal((await token()).status, 200));

  as.tokens.accessLife = 2;
  await put(imported());
  await within(stage, 0, "a background refresh", () => more(stage, "refresh_token", 2));
}

test("a token that was read is handed out again without the opening of a seal, until something changes", async (t) => {
  const path = join(dataFolder(t), "coatcheck.db");
  const { as, call, running, context, opened } = await start(t, await openSqliteStore({ path, clock: systemClock }));
  as.tokens.approved = true;
  await call("PUT", "oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  const { body } = await ask({ running }, "POST", "/sessions", { bearer: ROOT_TOKEN, body: { server: "as" } });
  const token = () => ask({ running }, "GET", "/session/token", { bearer: String(body.session_id) });
  await eventually("the login", async () => (await token()).status === 200);
  await eventually("all is settled", () => running.underWay() === 0);
  // What a call of a session through the gateway or the proxy begins with.
  const session = () => ask({ running }, "GET", "/session", { bearer: String(body.session_id) });
  const reads = [() => call("GET", "oauth2/creds/me"), token, session];
  for (const read of reads) {
    await read();
    const before = opened.count;
    for (let times = 0; times < 3; times++) assert.equal((await read()).status, 200);
    assert.equal(opened.count, before);
  }
  const place = { mount: "oauth2", name: `session/${(await session()).body.id}` };
  const row = await context.store.read({ ...place, kind: "creds" });
  const [login, seen] = row ? [openCredential(context, row), openLogin(context, row)] : [];
  assert.ok(row && login?.status === "issued" && login.refreshToken && seen?.status === "issued");
  assert.equal(seen.accessToken, login.accessToken);
  assert.ok(!JSON.stringify(seen).includes(login.refreshToken), "what stays in memory brings no other token");
  const lost = () =>
    credentialRow(context, { ...place, id: row.id }, { credential: seen, history: [] }, DEFAULT_SETTINGS);
  assert.throws(lost, /only looked at/);
  await call("PUT", "oauth2/config", { tune_provider_timeout_seconds: 20 });
  const before = opened.count;
  for (const read of reads) assert.equal((await read()).status, 200);
  assert.ok(opened.count > before, "the rows are new ones");
});

test("a use case reads the store as often as the house says, and no more: SQLite", async (t) => {
  const path = join(dataFolder(t), "coatcheck.db");
  await countReads(await start(t, await openSqliteStore({ path, clock: systemClock })));
});

test("a use case reads the store as often as the house says, and no more: PostgreSQL", async (t) => {
  const postgres = await startPostgres();
  const { target } = await postgres.database(t, "real clock");
  await countReads(await start(t, await openPostgresStore({ target, clock: systemClock })));
});
