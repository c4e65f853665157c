import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../src/dev/matrix/profiles.ts";
import { sayWalk } from "../../src/messages/walk/index.ts";
import { readRun, refresh, requestDevice, saveRun, type TakenStep, whoAmI } from "../../src/walk/index.ts";
import { Walker } from "./walker.ts";

const say = (said: Parameters<typeof sayWalk>[1]) => sayWalk("en", said);

async function walked(t: Parameters<typeof Walker.at>[0]) {
  const walker = await Walker.at(t, PROFILES.spec);
  await walker.signedIn();
  const { ok, findings, exchanges } = await walker.pass(whoAmI, {});
  const steps: readonly TakenStep[] = [{ step: "whoami", ok, findings, exchanges }];
  const run = { homeserver: walker.server.baseUrl, lane: "present", state: walker.state, steps } as const;
  const save = (withSecrets: boolean) => saveRun(run, { withSecrets, say, now: walker.clock.now() });
  return { walker, save };
}

const read = (text: string, http = true) => {
  const run = readRun(text, () => http);
  if (!("steps" in run)) throw new Error(say(run));
  return run;
};

test("MX-P14 a run that was saved without secrets opens nothing, and goes on with the same client", async (t) => {
  const { walker, save } = await walked(t);
  const text = save(false);
  const { current, replaced } = walker.state.tokens ?? {};
  for (const secret of [current?.accessToken, current?.refreshToken, walker.state.device?.authorization.deviceCode])
    assert.ok(secret && !text.includes(secret), secret);
  assert.equal(replaced, undefined);
  const { state, steps, homeserver } = read(text);
  assert.deepEqual([homeserver, state.tokens, state.device], [walker.server.baseUrl, undefined, undefined]);
  assert.match(say(steps[0]?.findings[0]?.said ?? { key: "plain" }), /^Account: @alice:/);
  assert.deepEqual(state.found, walker.state.found);
  walker.state = state;
  await walker.pass(requestDevice, {});
  const [{ form } = { form: new URLSearchParams() }] = walker.server.to("/oauth2/device").slice(-1);
  assert.equal(form.get("client_id"), state.client?.clientId);
});

test("MX-P14 one that was saved with its secrets goes on where it was", async (t) => {
  const { walker, save } = await walked(t);
  const text = save(true);
  assert.ok(!JSON.stringify(JSON.parse(text).steps).includes(String(walker.state.tokens?.current.accessToken)));
  const { state } = read(text);
  assert.deepEqual(JSON.parse(JSON.stringify(state)), JSON.parse(JSON.stringify(walker.state)));
  walker.state = state;
  await walker.pass(refresh, {});
});

test("MX-P14 a file that is none, or leads elsewhere than a server may, is refused whole", async (t) => {
  const { save } = await walked(t);
  const whole = JSON.parse(save(true));
  const changed = (change: (file: typeof whole) => void) => {
    const file = structuredClone(whole);
    change(file);
    return JSON.stringify(file);
  };
  const format = [
    changed((file) => delete file.format),
    changed((file) => (file.version = 2)),
    changed((file) => (file.lane = "other")),
    changed((file) => (file.state.client.clientId = 1)),
    changed((file) => delete file.state.found),
    changed((file) => (file.secrets.tokens.current.accessToken = null)),
    changed((file) => (file.secrets.device.authorization.verificationUri = "javascript:alert(1)")),
    changed((file) => (file.steps[0].step = "__proto__")),
    changed((file) => (file.steps[0].findings[0].said = { key: "constructor" })),
    changed((file) => (file.steps[0].exchanges[0].headers = { a: {} })),
    changed((file) => (file.steps[0].ok = "yes")),
  ];
  for (const text of format) assert.throws(() => read(text), /not saved by this page/, text.slice(0, 200));
  const metadata = [
    changed((file) => (file.state.found.document.token_endpoint = "javascript:alert(1)")),
    changed((file) => (file.state.found.baseUrl = "ftp://example.org")),
  ];
  for (const text of metadata) assert.throws(() => read(text), /the server metadata in it cannot be used/);
  assert.throws(
    () => read(save(true), false),
    /the server metadata in it cannot be used/,
    "http is for this machine only",
  );
  assert.throws(() => read("{"), /it is not JSON/);
});

test("ST-67 a file of a run that somebody made up brings in nothing unseen, and no command of theirs is copied", async (t) => {
  const { save } = await walked(t);
  const whole = JSON.parse(save(true));
  const [exchange] = whole.steps[0].exchanges;
  const { found: server, client } = whole.state;
  const link = { ...whole.secrets.device, url: "javascript:alert(1)" };
  const found = { ...server, metadata: { token_endpoint: "javascript:alert(1)" } };
  const { state } = read(
    JSON.stringify({ ...whole, state: { client, found: server, link, extra: 1 }, secrets: { found } }),
  );
  assert.deepEqual(Object.keys(state).toSorted(), ["client", "found"]);
  assert.match(String(state.found?.metadata.token_endpoint), /^http:/);
  const unseen = read(JSON.stringify({ ...whole, state: {}, secrets: { found } }));
  assert.deepEqual(unseen.state, {}, "a server stands in one place of the file");

  const masks = { "": "x".repeat(1_000) };
  const { steps } = read(
    JSON.stringify({ ...whole, steps: [{ ...whole.steps[0], exchanges: [{ ...exchange, masks }] }] }),
  );
  assert.deepEqual(steps[0]?.exchanges[0]?.masks, {});
  const refused = [
    { ...exchange, method: "GET; rm -rf ~ #" },
    { ...exchange, url: "--config=/tmp/evil" },
    { ...exchange, url: "file:///etc/passwd" },
    { ...exchange, bodyKind: "other" },
  ];
  for (const one of refused) {
    const file = { ...whole, steps: [{ ...whole.steps[0], exchanges: [one] }] };
    assert.throws(() => read(JSON.stringify(file)), /not saved by this page/, JSON.stringify(one));
  }
  assert.throws(() => read(JSON.stringify({ ...whole, homeserver: " --token-file=x" })), /not saved by this page/);
});
