import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { webhooksOf } from "../../../src/process/webhooks.ts";
import { empty, hang, oauthError, proper } from "../../servers/faults.ts";
import { startFaultyServer } from "../../servers/faulty-server.ts";
import { portOf } from "../../servers/free-port.ts";
import type { FaultyServer, RecordedRequest } from "../../servers/misbehaving.ts";
import { watch } from "../../servers/watched.ts";
import type { Coatcheck, CoatcheckOptions } from "../../support/coatcheck.ts";
import { startAfterCrash } from "../../support/crash.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { importGrant, type Pair, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { ask, beginActive, startSessions } from "../../support/sessions.ts";

const DAY = 86_400_000;
const MINUTE = 60_000;

const secret = () => `whsec_${randomBytes(32).toString("base64")}`;

interface Stage {
  readonly pair: Pair;
  readonly receiver: FaultyServer;
  readonly options: CoatcheckOptions;
  /** What came, verified by the public package with the secret of the endpoint. */
  told(path?: string): readonly Told[];
}

interface Told {
  readonly id: string;
  readonly at: number;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Record<string, unknown>;
}

const SECRETS = { "/ops": secret(), "/pager": secret() };

async function startStage(t: TestContext, names: readonly ("ops" | "pager")[] = ["ops"]): Promise<Stage> {
  const clock = new FakeClock();
  const receiver = watch(
    t,
    await startFaultyServer(
      () => clock.now(),
      () => ({ status: 200, body: {} }),
    ),
  );
  const list = names.map((name) => `${name}=${receiver.origin}/${name}`).join(",");
  const secrets = names.map((name) => `${name}=${SECRETS[`/${name}`]}`).join("\n");
  const options = { clock, webhooks: [list, secrets] } as const;
  const pair = await startSessions(t, {}, options);
  const told = (path = "/ops") =>
    receiver.to(path).map((request) => verified(t, request, SECRETS[path as keyof typeof SECRETS]));
  t.after(() => requireNoSecrets(pair, receiver));
  return { pair, receiver, options, told };
}

/** Throws where the public package does not accept it. */
function verified(t: TestContext, { headers, body, at }: RecordedRequest, key: string): Told {
  // The package has no clock but the process's.
  t.mock.timers.enable({ apis: ["Date"], now: at });
  try {
    const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
    const payload = new Webhook(key).verify(body, signed) as Omit<Told, "id" | "at">;
    return { id: String(headers["webhook-id"]), at, ...payload };
  } finally {
    t.mock.timers.reset();
  }
}

function requireNoSecrets(pair: Pair, receiver: FaultyServer): void {
  const sent = receiver.requests.map(({ body, headers }) => body + JSON.stringify(headers)).join("");
  const log = pair.logged.join("");
  for (const { form } of pair.as.requests) {
    for (const value of [form.get("refresh_token"), form.get("token"), form.get("device_code")]) {
      assert.ok(value === null || !sent.includes(value), "a webhook holds a token");
    }
  }
  for (const key of Object.values(SECRETS)) assert.ok(!log.includes(key) && !sent.includes(key));
}

/** Kills the grant at the provider, and lets the broker find out. */
async function die({ pair }: Stage): Promise<void> {
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.passUntil("the grant is dead", () => pair.logged.some((line) => line.includes('"invalid_grant"')));
  await pair.pass(20 * MINUTE);
}

const metricsOf = async ({ running }: Pick<Coatcheck, "running">) =>
  (await fetch(`${running.address}/v1/sys/metrics`, { headers: { "x-vault-token": ROOT_TOKEN } })).text();

test("a grant that dies is told to each endpoint once, signed so that the public package accepts it", async (t) => {
  const stage = await startStage(t, ["ops", "pager"]);
  const { pair, told } = stage;
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  await die(stage);
  const [ops, ...more] = told();
  assert.deepEqual(more, []);
  assert.equal(ops?.type, "login.needs_person");
  const { message, ...data } = ops?.data ?? {};
  assert.deepEqual(data, { mount: "oauth2", credential: "me", server: "as", reason: "invalid_grant" });
  assert.match(String(message), /sign in again/);
  assert.deepEqual(
    told("/pager").map(({ id, data }) => ({ id, data })),
    [{ id: ops?.id, data: ops?.data }],
  );
  await pair.pass(5 * DAY);
  assert.equal(told().length, 1, "the death is told once");
  assert.match(await metricsOf(pair), /^coatcheck_webhooks_total\{outcome="delivered"\} 2$/m);
});

test("an endpoint that fails is tried again with the same id for three days, and then it is said that it was given up", async (t) => {
  const stage = await startStage(t, ["ops", "pager"]);
  const { pair, receiver, told } = stage;
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  receiver.reply(
    "/ops",
    empty(500),
    empty(302, { location: "/pager" }),
    empty(503, { "retry-after": "900" }),
    empty(500),
  );
  await die(stage);
  assert.equal(told("/pager").length, 1, "one endpoint does not hold up another");
  assert.match(await metricsOf(pair), /^coatcheck_webhooks_waiting 1$/m);
  await pair.pass(4 * DAY);
  const times = told();
  const waits = times.slice(1).map(({ at }, index) => Math.round((at - (times[index]?.at ?? 0)) / 1_000));
  const least = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
  assert.equal(waits.length, least.length);
  waits.forEach((wait, index) => {
    const usual = least[index] ?? 0;
    assert.ok(wait >= usual && wait <= usual * 1.1 + 2, `wait ${index}: ${wait} s`);
  });
  assert.equal(new Set(times.map(({ id }) => id)).size, 1);
  assert.equal(new Set(receiver.to("/ops").map(({ body }) => body)).size, 1);
  const given = pair.logged.find((line) => line.includes("webhook_given_up")) ?? "";
  assert.match(given, /"endpoint":"ops".*"name":"me".*"attempts":10,"cause":"status_500"/);
  const metrics = await metricsOf(pair);
  assert.match(metrics, /^coatcheck_webhooks_total\{outcome="given_up"\} 1$/m);
  assert.match(metrics, /^coatcheck_webhooks_waiting 0$/m);
});

test("an endpoint that answers 410 is not asked again, and the log says so", async (t) => {
  const stage = await startStage(t);
  const { pair, receiver, told } = stage;
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  receiver.reply("/ops", empty(410));
  await die(stage);
  await pair.pass(DAY);
  assert.equal(told().length, 1);
  assert.match(
    pair.logged.find((line) => line.includes("webhook_given_up")) ?? "",
    /"attempts":1,"cause":"status_410"/,
  );
});

test("kill -9 while an endpoint holds its answer: the broker that comes after it tells it again, with the same id", async (t) => {
  const stage = await startStage(t);
  const { pair, receiver, options, told } = stage;
  pair.as.tokens.accessLife = 600;
  await importGrant(pair);
  receiver.reply("/ops", hang);
  pair.as.reply("/token", oauthError("invalid_grant"));
  await pair.passUntil("the endpoint is told", () => told().length === 1);
  const { clock: _, ...same } = options;
  const next = await startAfterCrash(t, pair, receiver, same);
  receiver.behave();
  await next.passUntil("it is told again", () => told().length === 2, MINUTE);
  await next.pass(DAY);
  const [first, second, ...more] = told();
  assert.deepEqual([second?.id, second?.data, more], [first?.id, first?.data, []]);
});

test("FC-04 an end that no refresh moves is told once, a week before, and an access token that nothing renews when it is over", async (t) => {
  const { pair, told } = await startStage(t);
  const end = pair.clock.now() + 20 * DAY;
  const left = () => Math.floor((end - pair.clock.now()) / 1_000);
  pair.as.reply("/token", (exchange) => proper({ refresh_expires_in: left(), expires_in: 36_000 })(exchange));
  await importGrant(pair);
  await pair.pass(12.9 * DAY);
  assert.deepEqual(told(), []);
  await pair.pass(3 * DAY);
  const [soon, ...more] = told();
  assert.deepEqual(more, []);
  assert.deepEqual([soon?.type, soon?.data.because], ["login.ends_soon", "refresh_token"]);
  assert.ok(Math.abs(Date.parse(String(soon?.data.ends_at)) - end) < 2_000);
  assert.ok(Math.abs((soon?.at ?? 0) - (end - 7 * DAY)) < 3_600_000, "a week before");
  pair.as.reply("/token", proper({ refresh_token: undefined, expires_in: 3_600 }));
  await pair.delete("oauth2/creds/me");
  pair.as.tokens.approved = true;
  await beginActive(pair, { label: "report" });
  const count = told().length;
  await pair.pass(3_700_000);
  const lapsed = told().slice(count);
  assert.deepEqual(
    lapsed.map(({ type, data: { reason, session } }) => [type, reason, (session as { label: string }).label]),
    [["login.needs_person", "token_expired", "report"]],
  );
});

test("a session's end is told a week before, also where it comes sooner by new settings; then that its tokens are revoked", async (t) => {
  const { pair, told } = await startStage(t);
  const endsAfter = (days: number) =>
    pair.write("oauth2/config", { tune_session_lifetime_seconds: days * 86_400, tune_session_idle_seconds: 0 });
  pair.as.tokens.accessLife = 40 * 86_400;
  await endsAfter(20);
  const { secret: session, started } = await beginActive(pair, { label: "nightly report" });
  const began = pair.clock.now();
  await pair.pass(12.9 * DAY);
  assert.deepEqual(told(), []);
  await pair.pass(0.2 * DAY);
  const [soon] = told();
  assert.deepEqual([soon?.type, soon?.data.because], ["login.ends_soon", "session"]);
  assert.deepEqual(soon?.data.session, { id: started.id, label: "nightly report" });
  assert.ok(Math.abs(Date.parse(String(soon?.data.ends_at)) - began - 20 * DAY) < 10_000);
  const other = await beginActive(pair);
  await endsAfter(16);
  await pair.pass(3 * DAY);
  const [, sooner, revoked, ...more] = told();
  assert.deepEqual(more, []);
  assert.deepEqual(sooner?.data.session, soon?.data.session);
  assert.ok(Math.abs(Date.parse(String(sooner?.data.ends_at)) - began - 16 * DAY) < 10_000);
  assert.deepEqual([revoked?.type, revoked?.data.result], ["login.revoked", "revoked"]);
  assert.deepEqual(revoked?.data.session, soon?.data.session);
  await pair.pass(6.1 * DAY);
  assert.deepEqual(
    told()
      .slice(3)
      .map(({ type, data }) => [type, (data.session as { id: string }).id]),
    [["login.ends_soon", other.started.id]],
  );
  assert.ok(!JSON.stringify(told()).includes(session));
});

test("a revocation that its provider refuses is told as such; one that nobody asked for is not told", async (t) => {
  const { pair, told } = await startStage(t);
  await importGrant(pair, "refused");
  await importGrant(pair, "left");
  pair.as.reply("/revoke", oauthError("unsupported_token_type"));
  await pair.delete("oauth2/creds/left?revoke=false");
  await pair.delete("oauth2/creds/refused");
  await pair.pass(MINUTE);
  assert.deepEqual(
    told().map(({ type, data }) => [type, data.credential, data.result]),
    [["login.revoked", "refused", "refused"]],
  );
  const { secret: session } = await beginActive(pair);
  pair.as.behave();
  await ask(pair, "DELETE", "/session", { bearer: session });
  await pair.pass(MINUTE);
  assert.deepEqual([told().length, told()[1]?.data.result], [2, "revoked"]);
});

test("the receiver that docs/webhooks.md shows takes a webhook that is signed for it, and no other", async (t) => {
  const root = join(import.meta.dirname, "../../..");
  const example = readFileSync(join(root, "examples/webhook-receiver.ts"), "utf8");
  assert.ok(readFileSync(join(root, "docs/webhooks.md"), "utf8").includes(`\`\`\`ts\n${example}\`\`\``));
  const key = secret();
  Object.assign(process.env, { WEBHOOK_SECRET: key, PORT: "0" });
  const { receiver } = await import("../../../examples/webhook-receiver.ts");
  delete process.env.WEBHOOK_SECRET;
  delete process.env.PORT;
  t.after(() => receiver.close());
  const said = t.mock.method(console, "log", () => {});
  const port = portOf(receiver);
  const list = `good=http://127.0.0.1:${port}/,bad=http://127.0.0.1:${port}/`;
  const pair = await startPair(t, { webhooks: [list, `good=${key},bad=${secret()}`] });
  await importGrant(pair);
  await pair.delete("oauth2/creds/me");
  await pair.pass(2_000);
  const outcome = (event: string) => pair.logged.filter((line) => line.includes(event)).join();
  assert.match(outcome("webhook_delivered"), /"endpoint":"good"/);
  assert.match(outcome("webhook_failed"), /"endpoint":"bad".*"cause":"status_400"/);
  assert.equal(said.mock.callCount(), 1);
  const [, news] = said.mock.calls[0]?.arguments ?? [];
  assert.equal((news as Told | undefined)?.type, "login.revoked");
});

test("endpoints and their secrets: each mistake is told with what to do, and shows neither URL nor secret", () => {
  const key = secret();
  const two = webhooksOf("a=https://x.example/hook,b=https://y.example", `${key},b=${secret()},b=${secret()}`);
  assert.deepEqual(
    two.map(({ name, url, keys }) => [name, url, keys.length]),
    [
      ["a", "https://x.example/hook", 1],
      ["b", "https://y.example/", 2],
    ],
  );
  assert.deepEqual(webhooksOf(""), []);
  const mistakes = [
    ["https://x.example/hidden", key, /give each endpoint as NAME=URL/],
    ["Ops=https://x.example/hidden", key, /with a name like ops/],
    ["ops=x.example/hidden", key, /the URL of "ops" is not valid/],
    ["ops=ftp://x.example/hidden", key, /the URL of "ops" is not valid/],
    ["ops=https://me:hidden@x.example", key, /the URL of "ops" is not valid/],
    ["ops=https://x.example/hidden,ops=https://y.example", key, /"ops" is there twice/],
    ["ops=https://x.example/hidden", "", /no secret to sign for "ops" with.*openssl rand/],
    ["ops=https://x.example/hidden", `pager=${key}`, /no endpoint of --webhooks is called "pager"/],
    ["ops=https://x.example/hidden", "whsec_aGlkZGVu", /24 to 64 random bytes/],
    ["ops=https://x.example/hidden", "hidden", /24 to 64 random bytes/],
  ] as const;
  for (const [list, secrets, text] of mistakes) {
    assert.throws(
      () => webhooksOf(list, secrets),
      (error: Error) => {
        assert.equal(error.constructor.name, "ConfigError");
        assert.match(error.message, text);
        assert.ok(!/hidden|aGlkZGVu/.test(error.message) && !error.message.includes(key.slice(6)), error.message);
        return true;
      },
      list,
    );
  }
});
