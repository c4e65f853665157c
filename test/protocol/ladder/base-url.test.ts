import assert from "node:assert/strict";
import { test } from "node:test";
import { BASE, fails, HOME, json, located, METADATA, refusal, STABLE, status, VERSIONS, WELL_KNOWN } from "./site.ts";

const ADVICE = "if this does not change, give the base URL (https://…) instead of the name";

test("MX-01 MX-D2 a name leads to the base URL its well-known names, without the final slash", async () => {
  const found = await located({ ...HOME, [STABLE]: json(METADATA) }, "@bot:example.org:8448");
  assert.equal(found.baseUrl, BASE);
  assert.deepEqual(found.asked, [WELL_KNOWN, VERSIONS, STABLE]);
});

test("MX-D1 a URL is taken as it is: no well-known", async () => {
  const found = await located({ ...HOME, [STABLE]: json(METADATA) }, `${BASE}/`);
  assert.deepEqual(found.asked, [VERSIONS, STABLE]);
});

test("MX-D3 the path of a base URL is kept", async () => {
  const at = "https://matrix.example.org/hs";
  const found = await located({
    [WELL_KNOWN]: json({ "m.homeserver": { base_url: at } }),
    [`${at}/_matrix/client/versions`]: json({ versions: [] }),
    [`${at}/_matrix/client/v1/auth_metadata`]: json(METADATA),
  });
  assert.equal(found.baseUrl, at);
});

test("MX-D2 without a well-known the name itself is tried", async () => {
  const found = await located({
    "https://example.org/_matrix/client/versions": json({ versions: [] }),
    "https://example.org/_matrix/client/v1/auth_metadata": json(METADATA),
  });
  assert.equal(found.baseUrl, "https://example.org");
});

for (const [what, answer, text] of [
  ["a status", status(500), `well-known (GET ${WELL_KNOWN}) answered with status 500`],
  ["403", status(403), `well-known (GET ${WELL_KNOWN}) answered with status 403`],
  ["HTML", status(200, "<html>"), `well-known (GET ${WELL_KNOWN}) answered with something other than a JSON object`],
  ["nothing", status(200, ""), `well-known (GET ${WELL_KNOWN}) answered with something other than a JSON object`],
  ["no base URL", json({ "m.homeserver": {} }), `well-known (GET ${WELL_KNOWN}) has no m.homeserver.base_url`],
  ["silence", fails("unreachable"), `well-known (GET ${WELL_KNOWN}) cannot be reached`],
] as const) {
  test(`MX-D2 ${what} at the well-known: the base URL is asked for, with the reason`, async () => {
    const { text: told, asked } = await refusal({ ...HOME, [WELL_KNOWN]: answer });
    assert.equal(told, `${text}; ${ADVICE}`);
    assert.deepEqual(asked, [WELL_KNOWN]);
  });
}

for (const bad of [
  "http://matrix.example.org",
  "https://u@matrix.example.org",
  "matrix.example.org",
  "https://m.example.org/?q",
]) {
  test(`MX-D3 S05 a base URL ${bad} is a hard error`, async () => {
    const { text, temporary, asked } = await refusal({ [WELL_KNOWN]: json({ "m.homeserver": { base_url: bad } }) });
    assert.match(text, /^well-known .* m\.homeserver\.base_url must be an https URL/);
    assert.equal(temporary, false);
    assert.equal(asked.length, 1);
  });
}

test("MX-D2 redirects to the same origin are followed, five of them", async () => {
  const to = (n: number) => `https://example.org/r${n}`;
  const hop = (n: number) => status(302, "", { location: n === 0 ? "/r0" : to(n) });
  const routes = {
    ...HOME,
    [WELL_KNOWN]: hop(0),
    ...Object.fromEntries([0, 1, 2, 3].map((n) => [to(n), hop(n + 1)])),
    [to(4)]: HOME[WELL_KNOWN],
    [STABLE]: json(METADATA),
  };
  assert.equal((await located(routes)).baseUrl, BASE);
  const { text } = await refusal({ ...routes, [to(4)]: hop(5) });
  assert.match(text, /answered with a redirect, which is not followed/);
});

for (const location of [
  "https://evil.example/x",
  "http://example.org/x",
  "https://u:p@example.org/x",
  "https://example.org:8443/x",
]) {
  test(`MX-D2 S03 a redirect to ${location} is refused`, async () => {
    const { text, asked } = await refusal({ ...HOME, [WELL_KNOWN]: status(301, "", { location }) });
    assert.match(text, /answered with a redirect, which is not followed/);
    assert.deepEqual(asked, [WELL_KNOWN]);
  });
}

for (const [what, answer] of [
  ["404", status(404)],
  ["HTML", status(200, "<!doctype html>")],
  ["an object of something else", json({ hello: "world" })],
  ["a redirect", status(302, "", { location: "/elsewhere" })],
] as const) {
  test(`MX-D4 ${what} at versions: not a homeserver`, async () => {
    const { text, temporary, last } = await refusal({ ...HOME, [VERSIONS]: answer });
    assert.match(text, /^https:\/\/matrix\.example\.org is not a Matrix homeserver: versions \(GET /);
    assert.equal(temporary, false);
    assert.equal(last, VERSIONS);
  });
}

for (const answer of [status(502), fails("timeout"), status(429)]) {
  test("MX-D4 trouble at versions says nothing about what it is", async () => {
    const { text, temporary } = await refusal({ ...HOME, [VERSIONS]: answer });
    assert.match(text, /^versions \(GET /);
    assert.equal(temporary, true);
  });
}

test("S06 a private address and a silent one read alike", async () => {
  const [refused, silent] = await Promise.all(
    (["address_refused", "unreachable"] as const).map((code) => refusal({ ...HOME, [VERSIONS]: fails(code) })),
  );
  assert.equal(refused?.text, silent?.text);
});
