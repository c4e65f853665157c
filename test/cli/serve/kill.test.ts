import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { openRescueJournal } from "../../../src/journal/rescue-journal.ts";
import { commitThenHang, hang, proper } from "../../servers/faults.ts";
import type { Misbehaving } from "../../servers/misbehaving.ts";
import { startServer } from "../../servers/watched.ts";
import { coatcheck, said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A real process that is killed at one point of a refresh, and started again on the same data. */
interface Stage {
  readonly as: Misbehaving;
  readonly data: string;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body?: Answer }>;
  kill(): Promise<unknown>;
  killAndStart(): Promise<void>;
  until(what: string, look: () => boolean | Promise<boolean>): Promise<void>;
}

interface Answer {
  readonly data?: Record<string, unknown>;
}

async function stage(t: TestContext): Promise<Stage> {
  const as = await startServer(t);
  as.tokens.accessLife = 6;
  const data = temporaryFolder(t);
  const args = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-networks", "loopback"];
  const start = async () => {
    const started = coatcheck(t, args);
    const [, address = ""] = await said(started, /coatcheck is listening at (http:\S+)/);
    return { started, address };
  };
  let running = await start();
  const token = readFileSync(join(data, "root-token"), "utf8").trim();
  const call: Stage["call"] = async (method, path, body) => {
    const response = await fetch(`${running.address}/v1/oauth2/${path}`, {
      method,
      headers: { "x-vault-token": token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
  };
  const options = { issuer_url: as.issuer };
  const server = { provider: "oidc", client_id: "client", provider_options: options };
  assert.equal((await call("PUT", "servers/op", server)).status, 204);
  const refresh_token = as.tokens.grant();
  assert.equal((await call("PUT", "creds/me", { server: "op", refresh_token })).status, 204);
  const kill = () => {
    running.started.child.kill("SIGKILL");
    return running.started.ended;
  };
  return {
    as,
    data,
    call,
    kill,
    killAndStart: async () => {
      await kill();
      running = await start();
    },
    until: async (what, look) => {
      const end = performance.now() + 20_000;
      while (!(await look())) {
        if (performance.now() > end) throw new Error(`waited in vain for: ${what}`);
        await new Promise((next) => setTimeout(next, 20));
      }
    },
  };
}

const isServed = async ({ call }: Stage) => (await call("GET", "creds/me")).status === 200;

test("D02 killed between the provider's answer and the commit: the answer in escrow is applied, nothing is sent twice", async (t) => {
  const on = await stage(t);
  const { as } = on;
  as.tokens.extra = { id_token: as.idTokens.make(Math.floor(Date.now() / 1000)) };
  as.reply("/jwks", hang);
  await on.until("the new pair has come, and its id_token is being verified", () => as.to("/jwks").length === 1);
  assert.equal(as.to("/token").length, 2);
  as.behave();
  as.tokens.accessLife = 3600;
  await on.killAndStart();
  await on.until("it is served again", () => isServed(on));
  assert.equal(as.tokens.replays, 0);
  assert.equal(as.tokens.revoked, 0);
  const sent = as.to("/token").map(({ form }) => form.get("refresh_token"));
  assert.equal(new Set(sent).size, sent.length, "no refresh token was presented twice");
});

test("D02 killed before the provider did anything: the replay is the first use", async (t) => {
  const on = await stage(t);
  const { as } = on;
  as.reply("/token", hang);
  await on.until("the refresh is under way", () => as.to("/token").length === 2);
  as.behave();
  await on.killAndStart();
  await on.until("it is served again", () => isServed(on));
  assert.equal(as.tokens.replays, 0);
});

test("D02 killed after a strict provider rotated, its answer lost: lost_in_rotation, said honestly", async (t) => {
  const on = await stage(t);
  const { as } = on;
  as.reply("/token", commitThenHang);
  await on.until("the refresh is under way", () => as.to("/token").length === 2);
  as.behave();
  await on.killAndStart();
  await on.until("the loss is known", async () => (await on.call("GET", "creds/me")).status === 400);
  const { body } = await on.call("GET", "creds/me");
  assert.equal(body?.data?.reason, "lost_in_rotation");
});

test("D03 the same against a provider that keeps the old token: nothing is lost", async (t) => {
  const on = await stage(t);
  const { as } = on;
  as.tokens.rotation = "reusable";
  as.reply("/token", commitThenHang);
  await on.until("the refresh is under way", () => as.to("/token").length === 2);
  as.behave();
  await on.killAndStart();
  await on.until("it is served again", () => isServed(on));
});

/** Nobody else can write to the data until it is given back. */
function blockStore(data: string): () => void {
  const blocker = new DatabaseSync(join(data, "coatcheck.db"));
  blocker.exec("BEGIN IMMEDIATE");
  return () => blocker.close();
}

const inJournal = (data: string) => [...openRescueJournal(join(data, "rescue")).left().values()];

/** Blocks the store just as the next answer comes, until that is in the rescue journal. */
async function rescueNextAnswer({ as, data, until }: Stage): Promise<() => void> {
  let unblock = () => {};
  as.reply("/token", (exchange) => {
    unblock = blockStore(data);
    return proper()(exchange);
  });
  // A file is there before it is whole: who is killed between the two has kept nothing.
  await until("the answer is in the journal", () => inJournal(data).some((entry) => entry !== undefined));
  return () => unblock();
}

test("D09 the store takes nothing just when the answer comes, and the process is killed: the rescue journal has it", async (t) => {
  const on = await stage(t);
  const { as, data } = on;
  const unblock = await rescueNextAnswer(on);
  as.behave();
  as.tokens.accessLife = 3600;
  // Dead before the store is free: else the next refresh may be on its way when it dies, and the answer to that is lost.
  await on.kill();
  unblock();
  await on.killAndStart();
  await on.until("it is served again", () => isServed(on));
  assert.equal(as.tokens.replays, 0);
  assert.deepEqual(inJournal(data), []);
  const sent = as.to("/token").map(({ form }) => form.get("refresh_token"));
  assert.equal(new Set(sent).size, sent.length, "no refresh token was presented twice");
});

test("D09 deleted before the journal was read: the rescued successor is revoked", async (t) => {
  const on = await stage(t);
  const { as, data } = on;
  const unblock = await rescueNextAnswer(on);
  await on.kill();
  unblock();
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  database.exec("DELETE FROM row WHERE kind = 'creds'");
  database.close();
  await on.killAndStart();
  await on.until("it is revoked", () => as.to("/revoke").length === 1);
  assert.equal((await on.call("GET", "creds/me")).status, 404);
  assert.deepEqual(inJournal(data), []);
});

test("I7 deleted while the successor is in escrow, and killed: old and new token are revoked", async (t) => {
  const on = await stage(t);
  const { as } = on;
  as.tokens.extra = { id_token: as.idTokens.make(Math.floor(Date.now() / 1000)) };
  as.reply("/jwks", hang);
  await on.until("the new pair is in escrow", () => as.to("/jwks").length === 1);
  const deleted = await on.call("DELETE", "creds/me");
  assert.equal(deleted.status, 204);
  await on.killAndStart();
  const revoked = new Set(as.to("/revoke").map(({ form }) => form.get("token")));
  assert.equal(revoked.size, 2);
  assert.equal((await on.call("GET", "creds/me")).status, 404);
});
