import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { errorCode } from "../../src/error-code.ts";
import type { Coatcheck } from "../support/coatcheck.ts";
import { importGrant, type Pair, startDevice, startPair } from "../support/misbehaving.ts";
import { type ApiAnswer, ROOT_TOKEN, request } from "../support/request.ts";

const HOUR = 3_600_000;
const FILES = ["coatcheck.db", "coatcheck.db-wal"];

/** A broker whose credentials `rotated` and `quiet` are put back to a time before `rotated` was refreshed. */
async function putBack(t: TestContext): Promise<{ pair: Pair; started(more?: object): Promise<Coatcheck> }> {
  const first = await startPair(t);
  await importGrant(first, "rotated");
  first.as.tokens.accessLife = 86_400;
  await importGrant(first, "quiet");
  await first.pass(6_000);
  await first.running.close();
  for (const file of FILES) copyIfThere(join(first.data, file), join(first.data, `${file}.old`));
  const second = await first.restart();
  await second.passUntil("a refresh", () => first.as.to("/token").length === 3, HOUR);
  await second.pass(6_000);
  const back = () => {
    for (const file of FILES) rmSync(join(first.data, file), { force: true });
    for (const file of FILES) copyIfThere(join(first.data, `${file}.old`), join(first.data, file));
  };
  return { pair: first, started: (more = {}) => second.restart(back, more) };
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

const health = (coatcheck: Coatcheck) => request(coatcheck.running.address, "GET", "sys/health");
const COPY = /^this broker holds a restored copy and sends nothing to providers: .* must start it with --take-over$/;

function refused({ status, body, headers }: ApiAnswer): void {
  assert.deepEqual([status, headers.get("retry-after")], [503, "60"]);
  assert.match(body?.errors?.[0] ?? "", COPY);
}

test("U06 I15 a store older than what was seen serves valid tokens, and sends nothing whoever asks", async (t) => {
  const { pair, started } = await putBack(t);
  const copy = await started();
  const sent = pair.as.requests.length;
  assert.equal(copy.running.copy, true);
  assert.equal((await health(copy)).status, 429);
  const headers = { "x-vault-token": ROOT_TOKEN };
  const metrics = await fetch(`${copy.running.address}/v1/sys/metrics`, { headers });
  assert.match(await metrics.text(), /^coatcheck_restored_copy 1$/m);
  const quiet = await copy.read("oauth2/creds/quiet");
  assert.equal(quiet.status, 200);
  assert.match(quiet.body?.warnings?.[0] ?? "", COPY);
  await copy.pass(2 * HOUR);
  refused(await copy.read("oauth2/creds/rotated"));
  refused(await startDevice(copy));
  refused(await copy.write("oauth2/creds/quiet", { server: "as", refresh_token: "another" }));
  refused(await copy.delete("oauth2/creds/quiet"));
  refused(await copy.write("oauth2/self/me", { server: "as" }));
  refused(await copy.write("oauth2/creds/quiet/retry"));
  refused(await copy.write("oauth2/auth-code-url", { server: "as", redirect_url: "https://x.example/" }));
  assert.equal((await copy.write("oauth2/config", { tune_provider_timeout_seconds: 20 })).status, 204);
  const server = { provider: "oidc", provider_options: { issuer_url: pair.as.issuer }, client_id: "another" };
  assert.equal((await copy.write("oauth2/servers/another", server)).status, 502, "its metadata are not asked for");
  const again = await copy.restart();
  assert.equal(again.running.copy, true, "also after the next start");
  assert.equal(pair.as.requests.length, sent);
});

test("U06 taken over it refreshes: what was rotated since is lost in rotation at once, the rest goes on", async (t) => {
  const { pair, started } = await putBack(t);
  const owner = await started({ takeOver: true });
  assert.equal(owner.running.copy, false);
  assert.equal((await health(owner)).status, 200);
  const sent = pair.as.to("/token").length;
  // Longer than its access token can still live: it was refreshed a tenth of its life early, at most.
  await owner.pass(460_000);
  const rotated = await owner.read("oauth2/creds/rotated");
  assert.deepEqual([rotated.status, rotated.body?.data?.reason], [400, "lost_in_rotation"]);
  assert.equal(pair.as.to("/token").length - sent, 1, "shown once, not confirmed");
  // A read refreshes a token of a day when a tenth of its life has passed (FC-74).
  await owner.pass(9_000_000);
  assert.equal((await owner.read("oauth2/creds/quiet?minimum_seconds=86000")).status, 200);
  assert.equal(pair.as.tokens.revoked, 1);
  const next = await owner.restart(undefined, { takeOver: false });
  assert.equal(next.running.copy, false, "the next start needs no word");
  assert.equal((await next.read("oauth2/creds/quiet")).status, 200);
});

test("U06 a store that goes back under a running broker is noticed within seconds", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  await pair.pass(6_000);
  const database = new DatabaseSync(join(pair.data, "coatcheck.db"));
  database.exec("UPDATE progress SET value = 1");
  database.close();
  await pair.pass(6_000);
  assert.equal((await health(pair)).status, 429);
  refused(await startDevice(pair));
});

test("U07 a store of another environment is a clone until it is taken over, and then stays", async (t) => {
  const pair = await startPair(t, { environment: "production" });
  await importGrant(pair);
  const sent = pair.as.requests.length;
  const clone = await pair.restart(undefined, { environment: "staging" });
  assert.equal(clone.running.copy, true);
  await clone.pass(2 * HOUR);
  assert.equal(pair.as.requests.length, sent);
  const taken = await clone.restart(undefined, { environment: "staging", takeOver: true });
  assert.equal(taken.running.copy, false);
  const back = await taken.restart(undefined, { environment: "production", takeOver: false });
  assert.equal(back.running.copy, true);
});

test("U07 a store of another deployment beside this witness is a clone; a new store is none", async (t) => {
  const [one, two] = [await startPair(t), await startPair(t)];
  await one.pass(6_000);
  await two.running.close();
  const clone = await one.restart(() => {
    for (const file of [...FILES, "key"]) {
      rmSync(join(one.data, file), { force: true });
      copyIfThere(join(two.data, file), join(one.data, file));
    }
  });
  assert.equal(clone.running.copy, true);
  const fresh = await clone.restart(() => {
    for (const file of FILES) rmSync(join(one.data, file), { force: true });
  });
  assert.equal(fresh.running.copy, false);
  assert.equal(JSON.parse(readFileSync(join(one.data, "witness"), "utf8")).version, 1);
  assert.equal((await fresh.restart()).running.copy, false);
});

test("a take-over of what is no copy changes nothing, and a witness that cannot be read counts as none", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair);
  await pair.pass(6_000);
  const seen = () => JSON.parse(readFileSync(join(pair.data, "witness"), "utf8"));
  const { epoch } = seen();
  const again = await pair.restart(undefined, { takeOver: true });
  await again.pass(6_000);
  assert.equal(seen().epoch, epoch);
  const { running } = await again.restart(() => rmSync(join(pair.data, "witness")));
  assert.equal(running.copy, false);
});
