import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { preloaded } from "../../faults/preload/preload.ts";
import { startPostgres } from "../../servers/postgres.ts";
import { startServer } from "../../servers/watched.ts";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
import { coatcheck, said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const postgres = await startPostgres();

interface Answer {
  readonly status: number;
  readonly body?: {
    readonly data?: Record<string, unknown>;
    readonly lease_duration?: number;
    readonly errors?: readonly string[];
  };
}

/** A real broker process. */
async function serve(t: TestContext, data: string, more: readonly string[] = [], env: Record<string, string> = {}) {
  const args = ["serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-networks", "loopback", ...more];
  const started = coatcheck(t, args, env);
  const [, address = ""] = await said(started, /coatcheck is listening at (http:\S+)/);
  const token = readFileSync(join(data, "root-token"), "utf8").trim();
  const call = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${address}/v1/oauth2/${path}`, {
      method,
      headers: { "x-vault-token": token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, ...(text !== "" && { body: JSON.parse(text) }) };
  };
  const stop = () => {
    started.child.kill("SIGTERM");
    return started.ended;
  };
  return { started, call, stop };
}

/** Of an access token, and what is left of it when a read may have it refreshed: a tenth has passed (FC-74). Seconds. */
const LIFE = 60;
const LEFT = 54;

async function untilRefreshable({ call }: Awaited<ReturnType<typeof serve>>) {
  const left = async () => Number((await call("GET", "creds/me")).body?.lease_duration);
  // Each look costs a request, which a sleep spares.
  await setTimeout(Math.max(0, (await left()) - LEFT) * 1_000);
  await eventually("a tenth of its life has passed", async () => (await left()) < LEFT);
}

/** A broker with one credential, and a backup of it that was taken while it ran. `life` of its access token: seconds. */
async function backedUp(t: TestContext, life = LIFE) {
  const as = await startServer(t);
  as.tokens.accessLife = life;
  const data = temporaryFolder(t);
  const original = await serve(t, data);
  await original.call("PUT", "servers/as", {
    provider: "custom",
    client_id: "client",
    provider_options: { token_url: `${as.issuer}/token`, auth_code_url: `${as.issuer}/authorize` },
  });
  const grant = as.tokens.grant();
  assert.equal((await original.call("PUT", "creds/me", { server: "as", refresh_token: grant })).status, 204);
  const file = join(temporaryFolder(t), "backup");
  const backup = person(t).start(["backup", file, "--data", data]);
  assert.equal(await backup.ended, 0, backup.stderr());
  assert.match(
    backup.stdout(),
    /: 6 records of deployment [0-9a-f-]{36}, from \/.*\. The backup does not contain the key: keep the key in another place\.\n$/,
  );
  return { as, data, original, file, grant };
}

const restore = (t: TestContext, file: string, data: string, ...more: string[]) =>
  person(t).start(["restore", file, "--data", data, ...more]);

test("U08 a backup beside a running broker, restored elsewhere, is a copy until it is taken over", async (t) => {
  const { as, data, original, file, grant } = await backedUp(t, 6_000);
  assert.equal(statSync(file).mode & 0o077, 0);
  const issued = String((await original.call("GET", "creds/me")).body?.data?.access_token);
  const text = readFileSync(file, "utf8");
  for (const secret of [grant, issued, as.issuer]) assert.ok(!text.includes(secret), "what is secret stays sealed");
  const again = coatcheck(t, ["backup", file, "--data", data]);
  assert.equal(await again.ended, 1);
  assert.match(again.stderr(), /already exists, and a backup never overwrites a file: give another file name/);
  assert.equal(readFileSync(file, "utf8"), text);
  await original.stop();

  const elsewhere = temporaryFolder(t);
  copyFileSync(join(data, "key"), join(elsewhere, "key"));
  const restored = coatcheck(t, ["restore", file, "--data", elsewhere]);
  assert.equal(await restored.ended, 0, restored.stderr());
  assert.match(restored.stdout(), /^6 records of deployment .*\nThis is a copy: it refreshes nothing until/);
  // What is restored starts later: a read may have the token refreshed, which has most of its life left.
  const clock = join(temporaryFolder(t), "clock");
  writeFileSync(clock, "700000");
  const later = { ...preloaded("shifted-clock"), FAULT_CLOCK: clock };
  const copy = await serve(t, elsewhere, [], later);
  await said(copy.started, /THIS IS A RESTORED COPY/);
  assert.equal((await copy.call("GET", "creds/me")).body?.data?.access_token, issued);
  const sent = as.to("/token").length;
  assert.equal((await copy.call("GET", "creds/me?minimum_seconds=5400")).status, 503);
  assert.equal(as.to("/token").length, sent);
  await copy.stop();

  const owner = await serve(t, elsewhere, ["--take-over"], later);
  assert.doesNotMatch(owner.started.stderr(), /RESTORED COPY/);
  as.tokens.accessLife = 9_000;
  assert.equal((await owner.call("GET", "creds/me?minimum_seconds=5400")).status, 200);
  assert.equal(as.to("/token").length, sent + 1);
  assert.equal(as.tokens.replays, 0);
});

test("U08 a backup of SQLite fills a PostgreSQL database, and is taken over at once", async (t) => {
  const { as, data, original, file } = await backedUp(t);
  await original.stop();
  const { url } = await postgres.database(t, "empty");
  const folder = temporaryFolder(t);
  const env = { COATCHECK_DATABASE: url, COATCHECK_KEY: `file:${join(data, "key")}` };
  const restored = person(t, env).start(["restore", file, "--data", folder, "--take-over"]);
  assert.equal(await restored.ended, 0, restored.stderr());
  assert.match(restored.stdout(), /The copy has been taken over: the next start refreshes what is due/);
  const owner = await serve(t, folder, [], env);
  await untilRefreshable(owner);
  as.tokens.accessLife = 9_000;
  assert.equal((await owner.call("GET", `creds/me?minimum_seconds=${LEFT}`)).status, 200);
  const second = join(folder, "second");
  const backup = person(t, env).start(["backup", second, "--data", folder, "--json"]);
  assert.equal(await backup.ended, 0, backup.stderr());
  const { deployment, ...told } = JSON.parse(backup.stdout());
  assert.deepEqual(told, { file: second, records: 6 });
  assert.ok(restored.stdout().includes(`6 records of deployment ${deployment}`));
  assert.equal(readFileSync(second, "utf8").split("\n").length, readFileSync(file, "utf8").split("\n").length);
});

test("ST-38 a backup that is cut, changed, of another key or for a full store restores nothing, and says what to do", async (t) => {
  const { data, file } = await backedUp(t);
  const text = readFileSync(file, "utf8");
  const lines = text.trimEnd().split("\n");
  const refusal = async (content: string, folder = temporaryFolder(t)) => {
    const given = join(temporaryFolder(t), "given");
    writeFileSync(given, content);
    if (!existsSync(join(folder, "key"))) copyFileSync(join(data, "key"), join(folder, "key"));
    const restored = restore(t, given, folder);
    assert.equal(await restored.ended, 1);
    assert.equal(restored.stdout(), "");
    return restored.stderr();
  };
  const damaged = /is damaged or incomplete: use another backup\n$/;
  assert.match(await refusal(lines.slice(0, -1).join("\n")), damaged);
  assert.match(await refusal(lines.toSpliced(1, 1).join("\n")), damaged);
  assert.match(await refusal(text.replace('"name":"me"', '"name":"us"')), damaged);
  assert.match(await refusal(`${text}{}\n`), damaged);
  for (const bad of ["5", "{}", (lines[1] ?? "").replace(/"sealed":"/, '"sealed":7,"x":"'), "[]"])
    assert.match(await refusal([lines[0], bad, ...lines.slice(2)].join("\n")), damaged, bad);
  for (const bad of ['"deployment":{}', '"deployment":7'])
    assert.match(
      await refusal([(lines[0] ?? "").replace(/"deployment":.*}/, `${bad}}`), ...lines.slice(1)].join("\n")),
      damaged,
    );
  assert.match(await refusal("hello"), /is not a Coatcheck backup/);
  assert.match(await refusal(text.replace('"version":1', '"version":2')), /made by a newer version of Coatcheck/);
  assert.match(await refusal(text, data), /in use by process/);
  const wrong = temporaryFolder(t);
  writeFileSync(join(wrong, "key"), `${Buffer.alloc(32, 7).toString("base64url")}\n`, { mode: 0o600 });
  assert.match(await refusal(text, wrong), /this key does not open the data/);
  assert.ok(!existsSync(join(wrong, "coatcheck.db")));
  const missing = restore(t, file, temporaryFolder(t));
  assert.equal(await missing.ended, 1);
  assert.match(missing.stderr(), /the key file .* is missing/);
});

test("FC-56 a store that is not empty is not filled; no store, another broker's, and no such file, are told", async (t) => {
  const { data, original, file } = await backedUp(t);
  await original.stop();
  const restored = restore(t, file, data);
  assert.equal(await restored.ended, 1);
  assert.match(restored.stderr(), /there are data already, and a backup never overwrites data: give an empty folder/);
  const still = await serve(t, data);
  await eventually("it goes on", async () => (await still.call("GET", "creds/me")).status === 200);
  const none = person(t).start(["backup", join(temporaryFolder(t), "b"), "--data", temporaryFolder(t)]);
  assert.equal(await none.ended, 1);
  assert.match(none.stderr(), /there is no database at .*coatcheck\.db: give the broker's data folder with --data/);
  const mistyped = restore(t, "nofile.bak", temporaryFolder(t));
  assert.equal(await mistyped.ended, 1);
  assert.match(mistyped.stderr(), /there is no file nofile\.bak: give the name of a backup/);
  for (const [command, name] of [
    ["backup", "b"],
    ["restore", file],
  ] as const) {
    const elsewhere = person(t, { COATCHECK_ADDR: "https://broker.example" }).start([command, name]);
    assert.equal(await elsewhere.ended, 2, "FC-56 the data of this machine are not that broker's");
    assert.match(
      elsewhere.stderr(),
      /^coatcheck: you use the broker at https:\/\/broker\.example, and .* --data or --database\n$/,
    );
  }
  const nothing = restore(t, join(data, "nothing"), temporaryFolder(t));
  assert.equal(await nothing.ended, 1);
  assert.match(nothing.stderr(), /nothing/);
});
