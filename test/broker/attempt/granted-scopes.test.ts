import assert from "node:assert/strict";
import { test } from "node:test";
import { lackingScopes } from "../../../src/credential/granted-scopes.ts";
import { entra as entraTenant } from "../../../src/providers/presets/identity/entra.ts";
import { google } from "../../../src/providers/presets/identity/google.ts";
import { microsoftAzureAd } from "../../../src/providers/presets/identity/microsoft-azure-ad.ts";
import { startDevice, startPair } from "../../support/misbehaving.ts";
import { beginActive, startSessions } from "../../support/sessions.ts";

const GRAPH = "https://graph.microsoft.com/";
const USERINFO = "https://www.googleapis.com/auth/userinfo.";

test("FC-07 a granted scope may have a longer name, and what came counts as granted", () => {
  const both = { refreshToken: true, idToken: true };
  const none = { refreshToken: false, idToken: false };
  const { quirks: entra } = microsoftAzureAd;
  const asked = ["User.Read", "offline_access", "openid"];
  assert.deepEqual(lackingScopes(asked, [`${GRAPH}User.Read`], both, entra), []);
  assert.deepEqual(lackingScopes(asked, [`${GRAPH}User.Read`], none, entra), ["offline_access", "openid"]);
  assert.deepEqual(lackingScopes([`${GRAPH}Mail.Read`], ["Mail.Read"], both, entra), []);
  assert.deepEqual(lackingScopes(["Mail.Send"], [`${GRAPH}Mail.Read`], both, entra), ["Mail.Send"]);
  const documented = ["User.Read", "profile", "openid", "email"];
  for (const { quirks } of [microsoftAzureAd, entraTenant]) {
    assert.deepEqual(lackingScopes(["user.read", "openid", "profile"], documented, none, quirks), []);
    assert.deepEqual(lackingScopes([`${GRAPH}user.read`], documented, none, quirks), []);
  }
  assert.deepEqual(lackingScopes(["user.read"], documented, none), ["user.read"], "capitals count elsewhere");
  assert.deepEqual(
    lackingScopes(["email", "profile"], [`${USERINFO}email`, `${USERINFO}profile`], both, google.quirks),
    [],
  );
  assert.deepEqual(lackingScopes(["email"], [`${USERINFO}profile`], both, google.quirks), ["email"]);
  assert.deepEqual(
    lackingScopes(["email", "toString"], [`${USERINFO}email`], both),
    ["email", "toString"],
    "their names alone",
  );
});

test("FC-07 a login with a refresh token has offline_access, and a scope that is missing is said once", async (t) => {
  const pair = await startPair(t);
  pair.as.tokens.approved = true;
  pair.as.tokens.accessLife = 100;
  pair.as.tokens.extra = { scope: "read" };
  await startDevice(pair, "me", { scopes: "read,offline_access" });
  await startDevice(pair, "less", { scopes: "read,write" });
  await pair.pass(6_500);
  const warnings = async (name: string) => (await pair.read(`oauth2/creds/${name}`)).body?.warnings;
  assert.equal(await warnings("me"), null);
  assert.deepEqual(await warnings("less"), ["granted scopes lack: write"]);
  await pair.pass(100_000);
  assert.equal(await warnings("less"), null, "not again, also after a refresh");
  await startDevice(pair, "less", { scopes: "read,write" });
  await pair.pass(6_500);
  assert.deepEqual(await warnings("less"), ["granted scopes lack: write"], "another login");
});

test("FC-07 a session's login says it where it is shown, and its tokens do not", async (t) => {
  const pair = await startSessions(t);
  pair.as.tokens.extra = { scope: "read" };
  const program = await beginActive(pair, { scopes: ["read", "write"] });
  assert.deepEqual((await program.get()).body.warnings, ["granted scopes lack: write"]);
  assert.equal((await program.get("/token")).body.warnings, undefined);
});
