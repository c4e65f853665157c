import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { type RequestedScopes, readScopes } from "../../../src/dev/matrix/scopes.ts";
import { quirkServer } from "../../servers/matrix/quirk-server.ts";

const CLIENT = "client";
const asked: RequestedScopes = readScopes(
  "urn:matrix:client:api:* urn:matrix:client:device:ABCDEFGHIJ",
  PROFILES.spec.scopes,
);

test("the person of a homeserver that plays decides at its page, once, as its kind lets them", async (t) => {
  const rows = [
    ["spec", "allow", 200],
    ["spec", "deny", 200],
    ["continuwuity", "deny", 409],
  ] as const;
  for (const [name, decision, status] of rows) {
    const server = await quirkServer(t, PROFILES[name]);
    const url = `${server.baseUrl}/link`;
    const started = server.deviceCodes.start(CLIENT, asked, url);
    const user_code = String(started.user_code);
    const page = await (await fetch(`${url}?user_code=${user_code}`)).text();
    assert.match(page, new RegExp(`value="${user_code}"`));
    const decide = () => fetch(url, { method: "POST", body: new URLSearchParams({ user_code, decision }) });
    assert.equal((await decide()).status, status, `${name} ${decision}`);
    if (status === 200) assert.equal((await decide()).status, 404, "decided twice");
  }
});

test("what is typed into the address is text on the page", async (t) => {
  const server = await quirkServer(t, PROFILES.spec);
  const page = await (await fetch(`${server.baseUrl}/link?user_code=%22%3E%3Cscript%3E`)).text();
  assert.ok(!page.includes('"><script>'));
});
