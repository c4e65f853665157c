import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { empty, html, json, redirect } from "../../servers/faults.ts";
import { quirkServer } from "../../servers/matrix/quirk-server.ts";
import { startServer } from "../../servers/watched.ts";
import {
  approve,
  beHomeserver,
  metadataOf,
  STABLE,
  startHomeserverPair,
  VERSIONS,
  writeHomeserver,
} from "../../support/matrix/homeserver-pair.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";

const hostOf = (url: string) => new URL(url).host;

test("an open server: the writer names the homeserver, among those the operator allows", async (t) => {
  const pair = await startHomeserverPair(t, {
    options: { homeservers: "example.org, *.example.com, 127.0.0.1:*" },
  }).catch((error: Error) => error);
  assert.match(
    String(pair),
    /option \\?"homeservers\\?": expected \*, \*\.example\.org or example\.org/,
    "no other wildcard",
  );
});

for (const [patterns, homeserver, allowed] of [
  ["*", "anything.example", true],
  ["example.org", "example.org", true],
  ["example.org", "@bot:example.org", true],
  ["example.org", "https://example.org/", true],
  ["Example.ORG", "EXAMPLE.org", true],
  ["*.example.org", "matrix.example.org", true],
  ["*.example.org", "example.org", false],
  ["*.example.org", "evilexample.org", false],
  ["example.org", "example.org.evil.example", false],
  ["example.org", "example.org:8448", false],
  ["example.org:8448", "example.org:8448", true],
  ["example.org, other.example", "third.example", false],
] as const) {
  test(`homeservers=${patterns}: ${homeserver} is ${allowed ? "allowed" : "refused"}`, async (t) => {
    const pair = await startHomeserverPair(t, { options: { homeservers: patterns } });
    const before = pair.as.requests.length;
    const answer = await whileTimePasses(pair, pair.login("bot", { homeserver }));
    const [text = ""] = answer.body?.errors ?? [];
    assert.notEqual(answer.status, 200);
    assert.equal(/this server does not allow /.test(text), !allowed, text);
    assert.equal(pair.as.requests.length, before);
    assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
  });
}

test("one open server, two homeservers: each login is bound to its own", async (t) => {
  const pair = await startHomeserverPair(t, { options: { homeservers: "*" } });
  const other = await quirkServer(t, PROFILES.tuwunel, { now: () => pair.clock.now() });
  await pair.login("one", { homeserver: pair.as.issuer });
  assert.equal((await approve(pair, "one")).status, 200);
  const started = await pair.login("two", { homeserver: other.baseUrl });
  assert.equal(started.status, 200, JSON.stringify(started.body));
  other.deviceCodes.approve(String(started.body?.data?.user_code), "carol");
  await pair.pass(6_000);
  const [one, two] = await Promise.all(["one", "two"].map((name) => pair.read(`oauth2/creds/${name}`)));
  const extra = (answer: typeof one) => answer?.body?.data?.extra_data as Record<string, string>;
  assert.equal(extra(one).homeserver, pair.as.issuer);
  assert.equal(extra(two).homeserver, other.baseUrl);
  assert.equal(extra(two).user_id, `@carol:${hostOf(other.baseUrl)}`);
  await pair.pass(3_700_000);
  const sent = pair.as.to("/token").filter(({ form }) => form.get("grant_type") === "refresh_token");
  assert.ok(sent.length > 0);
  await pair.delete("oauth2/creds/two");
  assert.equal(other.to("/oauth2/revoke").length, 1);
  assert.equal(pair.as.to("/revoke").length, 0, "nothing of one server goes to the other");
});

test("a login stays where it was made, whatever its server record says later", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.tokens.accessLife = 600;
  await pair.login();
  await approve(pair);
  const other = await startServer(t, () => pair.clock.now());
  beHomeserver(other);
  await writeHomeserver(pair, other, { homeserver: other.issuer });
  await pair.pass(600_000);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
  assert.equal(other.to("/token").length, 0, "META-08: its tokens go to nobody else");
});

test("a fixed server is for its own homeserver alone; one that is open wants a name", async (t) => {
  const pair = await startHomeserverPair(t);
  const refused = await pair.login("bot", { homeserver: "other.example" });
  assert.deepEqual(refused.body?.errors, [`option "homeserver": this server accepts only ${pair.as.issuer}`]);
  await writeHomeserver(pair, pair.as, { homeservers: "*" });
  assert.deepEqual((await pair.login()).body?.errors, ['option "homeserver": name a Matrix homeserver']);
});

for (const [what, path, fault, status, text] of [
  ["not a homeserver", VERSIONS, empty(404), 400, /^option "homeserver": .* is not a Matrix homeserver/],
  ["HTML", STABLE, html(200), 400, /^option "homeserver": rung "stable" .* other than a JSON object$/],
  ["a redirect inwards", STABLE, redirect(307, "http://169.254.169.254/"), 400, /redirect, which is not followed$/],
  ["500", STABLE, empty(500), 502, /^rung "stable" .* answered with status 500$/],
  ["429", STABLE, empty(429, { "retry-after": "9" }), 502, /^rung "stable" .* answered with status 429$/],
] as const) {
  test(`an open server, and a homeserver that answers with ${what}: a clear error, nothing stored`, async (t) => {
    const pair = await startHomeserverPair(t, { options: { homeservers: "*" } });
    pair.as.reply(path, fault);
    const answer = await pair.login("bot", { homeserver: pair.as.issuer });
    assert.equal(answer.status, status);
    assert.match(answer.body?.errors?.[0] ?? "", text);
    if (what === "429") assert.equal(answer.headers.get("retry-after"), "9", "MX-D8");
    assert.equal((await pair.read("oauth2/creds/bot")).status, 404);
    assert.equal(pair.as.to("/register").length, 0);
  });
}

test("an open server tells the writer what the homeserver's metadata lack", async (t) => {
  const pair = await startHomeserverPair(t, {
    options: { homeservers: "*" },
    metadata: { revocation_endpoint: undefined },
  });
  const { warnings } = (await pair.login("bot", { homeserver: pair.as.issuer })).body ?? {};
  assert.match(warnings?.[0] ?? "", /^the metadata lack revocation_endpoint/);
});

test("MX-D12 META-09 what was found is remembered, and a stale copy serves while the homeserver is in trouble", async (t) => {
  const pair = await startHomeserverPair(t);
  pair.as.reply(STABLE, json(200, metadataOf(pair.as), { "cache-control": "max-age=600" }));
  await writeHomeserver(pair, pair.as);
  const found = pair.as.to(STABLE).length;
  await pair.login("a");
  await pair.login("b");
  assert.equal(pair.as.to(STABLE).length, found);
  pair.as.reply(STABLE, empty(503));
  await pair.pass(700_000);
  assert.equal((await pair.login("c")).status, 200);
  assert.equal(pair.as.to(STABLE).length, found + 1);
});
