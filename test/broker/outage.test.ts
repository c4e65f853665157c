import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { compose } from "../../src/compose/compose.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import type { Misbehaving } from "../servers/misbehaving.ts";
import { startPostgres } from "../servers/postgres.ts";
import { startServer } from "../servers/watched.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { DEVICE } from "../support/misbehaving.ts";
import { ROOT_TOKEN, request } from "../support/request.ts";
import { ask } from "../support/sessions.ts";
import { dataFolder } from "../support/temporary-folder.ts";

const postgres = await startPostgres();

interface Stage {
  readonly as: Misbehaving;
  readonly clock: FakeClock;
  call(method: string, path: string, body?: unknown): ReturnType<typeof request>;
  /** A session whose login is done. */
  session(): Promise<(method: string, path: string) => ReturnType<typeof ask>>;
  /** Stops the database; answers how it is started again, until it is used again. */
  outage(): Promise<() => Promise<void>>;
}

/** A broker on a real database, with `creds/me`, `creds/unread` and `self/me`. */
async function stage(t: TestContext): Promise<Stage> {
  const clock = new FakeClock();
  const as = await startServer(t, () => clock.now());
  const { url: database } = await postgres.database(t, "real clock");
  const key = randomBytes(32).toString("base64url");
  const flags = { listen: "127.0.0.1:0", data: dataFolder(t), database, allowNetworks: "loopback" };
  const config = loadConfig(flags, { COATCHECK_KEY: key, COATCHECK_ROOT_TOKEN: ROOT_TOKEN });
  const running = await compose(
    config,
    createLog("silent", () => {}),
    clock,
  );
  t.after(() => running.close());
  const call: Stage["call"] = (...parts) => request(running.address, ...parts);
  const provider_options = { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` };
  const server = { provider: "custom", client_id: "client", client_secret: "s3cret-of-it", provider_options };
  assert.equal((await call("PUT", "oauth2/servers/as", server)).status, 204);
  for (const name of ["me", "unread"]) {
    const write = { server: "as", refresh_token: as.tokens.grant() };
    assert.equal((await call("PUT", `oauth2/creds/${name}`, write)).status, 204);
  }
  assert.equal((await call("PUT", "oauth2/self/me", { server: "as" })).status, 204);
  const outage = async () => {
    const start = await postgres.stop();
    t.after(() => start());
    return async () => {
      await start();
      await eventually("it serves again", async () => (await call("GET", "oauth2/creds/me")).status === 200);
    };
  };
  as.tokens.interval = 1;
  const session = async () => {
    const started = await ask({ running }, "POST", "/sessions", { bearer: ROOT_TOKEN, body: { server: "as" } });
    const bearer = String(started.body.session_id);
    as.tokens.approved = true;
    // What is due the database's own clock says, which nobody moves; the broker's timers are moved by hand.
    await eventually("its login", async () => {
      await setTimeout(20);
      clock.advance(100);
      return (await ask({ running }, "GET", "/session", { bearer })).body.status === "active";
    });
    // What is still being changed is not remembered.
    await eventually("all is settled", () => running.underWay() === 0);
    return (method: string, path: string) => ask({ running }, method, path, { bearer });
  };
  return { as, clock, call, outage, session };
}

test("while the store is down tokens that were just read can be read, with a warning; all else is 503 and worth repeating", async (t) => {
  const { as, call, outage } = await stage(t);
  const names = ["creds/me", "self/me"];
  const before = await Promise.all(names.map((name) => call("GET", `oauth2/${name}`)));
  const asked = as.requests.length;
  const end = await outage();
  for (const [index, name] of names.entries()) {
    const { status, body } = await call("GET", `oauth2/${name}`);
    assert.equal(status, 200, name);
    assert.deepEqual(body?.data, before[index]?.body?.data);
    assert.match(
      String(body?.warnings),
      /^the store is not available: this is the token as read \d+ s ago$/,
      "the reader is told",
    );
  }
  const refused: readonly [method: string, path: string, body?: unknown][] = [
    ["GET", "oauth2/creds/me?minimum_seconds=4000"],
    ["GET", "oauth2/creds/unread"],
    ["GET", "oauth2/sts/me"],
    ["GET", "oauth2/creds?list=true"],
    ["GET", "oauth2/servers/as"],
    ["PUT", "oauth2/creds/new", { server: "as", grant_type: DEVICE }],
    ["PUT", "oauth2/creds/new", { server: "as", refresh_token: "very-secret" }],
    ["PUT", "oauth2/self/new", { server: "as" }],
    ["PUT", "oauth2/auth-code-url", { server: "as", redirect_url: "https://a.example/" }],
    ["DELETE", "oauth2/self/me"],
  ];
  for (const [method, path, body] of refused) {
    const answer = await call(method, path, body);
    assert.equal(answer.status, 503, path);
    assert.equal(answer.headers.get("retry-after"), "2", path);
    assert.deepEqual(
      answer.body?.errors,
      ["the store is not available at the moment: try again in a few seconds"],
      path,
    );
  }
  assert.equal((await call("GET", "oauth2/self/me")).status, 503, "asked to be deleted, it is not handed out");
  assert.equal(as.requests.length, asked, "no provider is asked");
  await end();
  const after = await call("GET", "oauth2/creds/me");
  assert.deepEqual([after.status, after.body?.warnings], [200, null]);
  assert.equal((await call("GET", "oauth2/self/me")).status, 200, "the delete was not acknowledged");
});

test("what the store has not confirmed for a minute is not handed out, nor what ends meanwhile", async (t) => {
  const { as, clock, call, outage } = await stage(t);
  as.tokens.accessLife = 45;
  assert.equal((await call("PUT", "oauth2/self/short", { server: "as" })).status, 204);
  for (const name of ["creds/me", "self/short"]) assert.equal((await call("GET", `oauth2/${name}`)).status, 200);
  const end = await outage();
  clock.stand(36_000);
  assert.equal((await call("GET", "oauth2/self/short")).status, 503, "less than 10 s are left");
  clock.stand(20_000);
  assert.equal((await call("GET", "oauth2/creds/me")).status, 200);
  clock.stand(5_000);
  assert.equal((await call("GET", "oauth2/creds/me")).status, 503);
  await end();
});

test("programs get their tokens too while the store is down, but not of a session that they ended", async (t) => {
  const { outage, session } = await stage(t);
  const [kept, unread, ended] = [await session(), await session(), await session()];
  const before = await kept("GET", "/session/token");
  await ended("GET", "/session/token");
  const end = await outage();
  const during = await kept("GET", "/session/token");
  assert.equal(during.status, 200);
  assert.equal(during.body.access_token, before.body.access_token);
  assert.match(String(during.body.warnings), /^the store is not available/);
  assert.equal((await unread("GET", "/session")).body.error, "temporarily_unavailable");
  assert.equal((await ended("DELETE", "/session")).status, 503);
  assert.equal((await ended("GET", "/session/token")).status, 503);
  await end();
});
