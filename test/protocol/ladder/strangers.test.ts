import assert from "node:assert/strict";
import { test } from "node:test";
import { DiscoveryError } from "../../../src/protocol/discovery.ts";
import { beyondIssuer } from "../../../src/protocol/ladder/vouched.ts";
import { BASE, HOME, ISSUER, json, METADATA, OPENID, type Routes, STABLE, search, status, WELL_KNOWN } from "./site.ts";

const OWN: Routes = { ...HOME, [STABLE]: json(METADATA), [OPENID]: json(METADATA) };

/** What a stranger's search asks, and how it ends. */
async function asStranger(routes: Routes, input?: string) {
  const { found, asked } = await search(routes, input, { stranger: true });
  return found instanceof DiscoveryError ? { text: found.message, asked } : { metadata: found.metadata, asked };
}

test("ST-2 what a stranger's homeserver says of endpoints counts as far as their issuer says it too", async () => {
  const lie = { ...METADATA, token_endpoint: "https://auth.example.org/admin/delete" };
  const { metadata, asked } = await asStranger({ ...OWN, [STABLE]: json(lie) });
  assert.equal(metadata?.token_endpoint, METADATA.token_endpoint);
  assert.equal(asked.at(-1), OPENID);
  assert.ok(!(await asStranger({ ...OWN, [OPENID]: undefined })).metadata, "the issuer says nothing");
  const home = { ...METADATA, issuer: `${BASE}/` };
  const elsewhere = await asStranger({ ...OWN, [STABLE]: json(home) });
  assert.match(String(elsewhere.text), /is not at the issuer's origin, and this login is a stranger's/);
});

test("ST-2 a homeserver that is its own authorization server needs no other document", async () => {
  const own = Object.fromEntries(
    Object.entries(METADATA).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/^https:\/\/auth\.example\.org(\/tenant)?/, BASE) : value,
    ]),
  );
  const { metadata, asked } = await asStranger({ ...HOME, [STABLE]: json(own) });
  assert.equal(metadata?.token_endpoint, `${BASE}/token`);
  assert.equal(asked.at(-1), STABLE);
});

for (const [what, metadata, problem] of [
  ["as they should be", METADATA, undefined],
  ["an endpoint elsewhere", { ...METADATA, userinfo_endpoint: "https://evil.example/me" }, /^the userinfo_endpoint is/],
  ["a query", { ...METADATA, token_endpoint: `${METADATA.token_endpoint}?do=it` }, /^the token_endpoint has a query/],
  ["no token endpoint", { ...METADATA, token_endpoint: undefined }, /^the metadata contain no token_endpoint/],
] as const) {
  test(`ST-2 endpoints of a stranger: ${what}`, () => {
    const told = beyondIssuer(metadata as typeof METADATA);
    if (problem === undefined) assert.equal(told, undefined);
    else assert.match(String(told), problem);
  });
}

test("ST-2 a stranger chooses no path: not by a redirect, a base URL or an issuer's redirect", async () => {
  for (const location of ["/internal/delete", "/.well-known/x?id=1"]) {
    const { asked } = await asStranger({ ...OWN, [WELL_KNOWN]: status(302, "", { location }) });
    assert.deepEqual(asked, [WELL_KNOWN], location);
  }
  const near = "/.well-known/matrix/client.json";
  const routes = {
    ...OWN,
    [WELL_KNOWN]: status(302, "", { location: near }),
    [`https://example.org${near}`]: HOME[WELL_KNOWN],
  };
  assert.ok((await asStranger(routes)).metadata, "a well-known place is one");
  const path = { "m.homeserver": { base_url: `${BASE}/internal` } };
  assert.deepEqual((await asStranger({ ...OWN, [WELL_KNOWN]: json(path) })).asked, [WELL_KNOWN]);
  assert.deepEqual((await asStranger(OWN, `${BASE}/internal`)).asked, []);
  const moved = status(302, "", { location: "/internal/delete" });
  const { asked } = await asStranger({ ...OWN, [OPENID]: moved });
  assert.ok(!asked.some((url) => url.includes("internal")), String(asked));
  assert.ok(asked.slice(3).every((url) => url.startsWith(new URL(ISSUER).origin) && url.includes("/.well-known/")));
});
