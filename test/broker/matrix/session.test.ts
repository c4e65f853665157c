import assert from "node:assert/strict";
import { test } from "node:test";
import { userAgentOf } from "../../../src/outbound/user-agent.ts";
import { proper } from "../../servers/faults.ts";
import { type HomeserverPair, startHomeserverPair, writeHomeserver } from "../../support/matrix/homeserver-pair.ts";
import { ask } from "../../support/sessions.ts";

test("a program names the homeserver when it begins a session, and learns account and device", async (t) => {
  const pair = await startHomeserverPair(t);
  // Anybody's of the public ones, and this one, which its operator has listed.
  const homeservers = `*, ${new URL(pair.as.issuer).host}`;
  await writeHomeserver(pair, pair.as, { homeservers }, { allow_sessions: true });
  const body = { server: "mx", options: { homeserver: pair.as.issuer } };
  const started = await ask(pair, "POST", "/sessions", { body });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  assert.match(String(started.body.user_code), /^USER-/);
  assert.equal(pair.as.to("/register").length, 1, "one login, one client");
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  const bearer = String(started.body.session_id);
  const { body: session } = await ask(pair, "GET", "/session", { bearer });
  assert.equal(session.status, "active", JSON.stringify(session));
  assert.deepEqual(session.account, { subject: "@alice:example.org", issuer: pair.as.issuer });
  const where = { homeserver: pair.as.issuer, user_id: "@alice:example.org", device_id: pair.deviceId() };
  assert.deepEqual(session.extra_data, where);
  assert.equal((await ask(pair, "GET", "/session/token", { bearer })).status, 200);
});

test("a session at a homeserver that is not allowed, or is none, stores nothing", async (t) => {
  const pair = await startHomeserverPair(t);
  await writeHomeserver(pair, pair.as, { homeservers: "*.example.org" }, { allow_sessions: true });
  const before = pair.as.requests.length;
  for (const homeserver of [pair.as.issuer, "exa mple", "https://u@matrix.example.org", ""]) {
    const refused = await ask(pair, "POST", "/sessions", { body: { server: "mx", options: { homeserver } } });
    assert.equal(refused.status, 400, homeserver);
    assert.match(String(refused.body.error_description), /^option "homeserver": /);
  }
  assert.equal(pair.as.requests.length, before);
});

/** User agents of the requests to a path, without the product. */
function agentsAt(pair: HomeserverPair, path: string): readonly string[] {
  return pair.as
    .to(path)
    .map(({ headers }) => String(headers["user-agent"]).replace(/^Coatcheck\/\d+\.\d+\.\d+ ?/, ""));
}

const SYSTEM = userAgentOf("", "x").slice(" (x".length);

test("FC-80 MX-G1 who asks is in the User-Agent of the device request, of each poll and each refresh, and of no other", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.tokens.accessLife = 600;
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  await ask(pair, "POST", "/sessions", { body: { server: "mx", label: "nio; (bot)" } });
  const named = `(nio, ?bot?${SYSTEM}`;
  assert.deepEqual(agentsAt(pair, "/device"), [named]);
  await pair.pass(6_000);
  pair.as.tokens.approved = true;
  await pair.pass(600_000);
  const grants = pair.as.to("/token").map(({ form }) => form.get("grant_type"));
  assert.deepEqual([...new Set(grants)], ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"]);
  assert.deepEqual([...new Set(agentsAt(pair, "/token"))], [named]);
  const others = pair.as.requests.filter(({ path }) => path !== "/device" && path !== "/token");
  for (const { headers } of others) assert.match(String(headers["user-agent"]), /^Coatcheck\/[\d.]+$/);
});

test("FC-80 without a label a credential goes by its name, and a session by its server's", async (t) => {
  const pair = await startHomeserverPair(t);
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  await pair.login("bots/nio");
  await ask(pair, "POST", "/sessions", { body: { server: "mx" } });
  assert.deepEqual(agentsAt(pair, "/device"), [`(bots-nio${SYSTEM}`, `(mx${SYSTEM}`]);
});

test("XD-13 a session's program is warned of a page that is on a strange host", async (t) => {
  const pair = await startHomeserverPair(t);
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  pair.as.reply("/device", proper({ verification_uri: "https://evil.example/link" }));
  const started = await ask(pair, "POST", "/sessions", { body: { server: "mx" } });
  const { body } = await ask(pair, "GET", "/session", { bearer: String(started.body.session_id) });
  assert.match(String((body.warnings as string[] | undefined)?.[0]), /^the page to open is on evil\.example/);
});

test("MX-V6 without a device grant a session goes by the broker's page; nothing is registered before a person types the code", async (t) => {
  const pair = await startHomeserverPair(t, { metadata: { device_authorization_endpoint: undefined } });
  await writeHomeserver(pair, pair.as, {}, { allow_sessions: true });
  const started = await ask(pair, "POST", "/sessions", { body: { server: "mx" } });
  assert.equal(started.status, 201, JSON.stringify(started.body));
  assert.equal(started.body.verification_uri, "https://coatcheck.example.com/device");
  assert.equal(pair.as.to("/register").length, 0);
});
