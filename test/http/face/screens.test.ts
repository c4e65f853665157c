import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { ask, startGateway } from "../../support/mcp/gateway.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

test("MCP servers: which tools may be called by whom, and what was called in the last hour, live", async (t) => {
  const { send, pair } = await startGateway(t, { record: { allow_tools: "read,list_*", deny_tools: "list_secrets" } });
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await page.clock.install();
  await go("/ui/mcp");
  await signInOn(page);
  await page.getByText("No tool was called.").waitFor();
  await page.getByRole("row", { name: /read,list_\* *list_secrets/ }).waitFor();
  for (const name of ["read", "read", "write"]) await (await send(ask("tools/call", { name }))).text();
  await page.clock.runFor(16_000);
  await page.getByRole("row", { name: /^read as 2 0$/ }).waitFor();
  await page.getByRole("row", { name: /^write as 1 1$/ }).waitFor();
  await look("mcp");
  const { mcp_calls } = (await pair.read("sys/activity")).body?.data ?? {};
  assert.deepEqual(mcp_calls, [
    { server: "as", tool: "read", calls: 2, refused: 0 },
    { server: "as", tool: "write", calls: 1, refused: 1 },
  ]);
  await pair.pass(3_660_000);
  assert.deepEqual((await pair.read("sys/activity")).body?.data?.mcp_calls, []);
});

/** Bytes of a first load, compressed. */
const MOST = 100_000;

test("the first load of a screen, with all that its browser asks for, is under 100 KB compressed", async (t) => {
  const pair = await startPair(t);
  for (let number = 0; number < 50; number++) await importGrant(pair, `bot-${number}`);
  const { page, go } = await openScreens(t, pair, await browserOf(t));
  await go("/ui/credentials");
  await signInOn(page);
  const bodies: Promise<Buffer>[] = [];
  page.on("response", (response) => bodies.push(response.body()));
  await page.reload({ waitUntil: "networkidle" });
  const loaded = await Promise.all(bodies);
  const bytes = loaded.reduce((sum, body) => sum + gzipSync(body).length, 0);
  assert.ok(loaded.length >= 2 && bytes < MOST, `${loaded.length} answers, ${bytes} bytes`);
});

/** Each screen, and what of the API it is made of: without the first of these there is none. */
const SCREENS: Readonly<
  Record<string, { readonly asks: readonly (readonly [method: string, path: string])[]; readonly shows: RegExp }>
> = {
  "/ui/credentials": { asks: [["GET", "oauth2/creds?list=true"]], shows: />team\/ci</ },
  "/ui/credentials/oauth2/team/ci": {
    asks: [
      ["GET", "oauth2/creds/team/ci/history"],
      ["GET", "oauth2/creds/team/ci"],
    ],
    shows: /<dd>as<\/dd>/,
  },
  "/ui/servers": { asks: [["GET", "oauth2/servers?list=true"]], shows: /servers\/oauth2\/as"/ },
  "/ui/servers/oauth2/as": { asks: [["GET", "oauth2/servers/as"]], shows: /Client authentication/ },
  "/ui/servers/oauth2/as?do=delete": { asks: [["GET", "oauth2/plan/servers/as"]], shows: /Credentials of this server/ },
  "/ui/test-server/oauth2/as": { asks: [["GET", "oauth2/servers/as"]], shows: /Test the connection to as/ },
  "/ui/new-server": { asks: [["GET", "sys/providers?list=true"]], shows: /<option value="oidc"/ },
  "/ui/new-server?provider=oidc": { asks: [["GET", "sys/providers/oidc"]], shows: /issuer_url/ },
  "/ui/mcp": { asks: [["GET", "oauth2/servers?list=true"]], shows: /MCP servers/ },
  "/ui/sessions": { asks: [["GET", "/sessions"]], shows: /Sessions/ },
  "/ui/mine": { asks: [["GET", "/sessions?whose=mine"]], shows: /My logins/ },
  "/ui/access/policies": { asks: [["GET", "sys/policies/acl?list=true"]], shows: />default</ },
  "/ui/access/policies/default": { asks: [["GET", "sys/policies/acl/default"]], shows: /lookup-self/ },
  "/ui/access/methods": { asks: [["GET", "sys/auth"]], shows: /auth\/token/ },
  "/ui/access/mounts": { asks: [["GET", "sys/mounts"]], shows: /oauthapp/ },
  "/ui/access/audit": { asks: [["GET", "sys/audit"]], shows: /No device is enabled/ },
};

/** One for each of what screens ask for, and some that allow much, or deny within it. */
const RULES: Readonly<Record<string, string>> = {
  nothing: 'path "nowhere" { capabilities = ["read"] }',
  ...Object.fromEntries(
    [...new Set(Object.values(SCREENS).flatMap(({ asks }) => asks.map(([, path]) => path)))].map((path, index) => {
      const [bare = ""] = path.replace(/^\//, "").split("?");
      return [`only-${index}`, `path "${bare}" { capabilities = ["read", "list", "sudo"] }`];
    }),
  ),
  mount: 'path "oauth2/*" { capabilities = ["read", "list"] }',
  "mount-but-servers":
    'path "oauth2/*" { capabilities = ["read", "list"] } path "oauth2/servers/*" { capabilities = ["deny"] } path "oauth2/servers" { capabilities = ["deny"] }',
  system: 'path "sys/*" { capabilities = ["read", "list", "sudo"] }',
  all: 'path "*" { capabilities = ["read", "list", "update", "delete", "sudo"] }',
};

test("each policy at each screen: its status is the API's, what it shows is shown to nobody else, and only what can be opened is linked", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "team/ci");
  for (const [name, rules] of Object.entries(RULES)) {
    await policy(pair, name, rules);
    const guest = await new Guest(pair).signIn((await child(pair, { policies: [name] })).client_token);
    const links = new Set([...guest.html.matchAll(/<a href="(\/ui\/[\w-]+)"/g)].map(([, href = ""]) => href));
    for (const [screen, { asks, shows }] of Object.entries(SCREENS)) {
      const statuses: number[] = [];
      for (const [method, path] of asks) statuses.push((await call(pair, guest.token, method, path)).status);
      const allowed = statuses.find((status) => status === 200);
      await guest.open(screen);
      const said = `${name} at ${screen}: ${guest.status}, ${statuses}`;
      assert.equal(guest.status, allowed ?? statuses[0], said);
      const main = guest.html.replace(/<header>[\s\S]*<\/header>/, "");
      assert.equal(shows.test(main), allowed !== undefined, said);
      if (links.has(screen) && screen !== "/ui/credentials") assert.equal(guest.status, 200, `linked: ${said}`);
    }
  }
});

test("each screen asks once what its token may do and which mounts there are; a form of another site has nothing asked", async (t) => {
  const pair = await startPair(t, { mounts: ["oauth2", "team/b"] });
  const folder = join(pair.data, "audited");
  mkdirSync(folder);
  const file = join(folder, "audit.log");
  const guest = await new Guest(pair).signIn(ROOT_TOKEN, "/ui/access/tokens");
  assert.equal((await pair.write("sys/audit/file", { type: "file", options: { file_path: file } })).status, 204);
  const asked = async (go: () => Promise<unknown>) => {
    const before = readFileSync(file, "utf8").length;
    await go();
    const lines = readFileSync(file, "utf8")
      .slice(before)
      .split("\n")
      .filter((line) => line.includes('"type":"request"'));
    const of = (path: string) => lines.filter((line) => line.includes(`"path":"${path}"`)).length;
    return [of("sys/capabilities-self"), of("sys/internal/ui/mounts")];
  };
  for (const screen of [...Object.keys(SCREENS), "/ui", "/ui/access/tokens", "/ui/access/policies?new=yes"])
    if (!/do=delete|team/.test(screen)) assert.deepEqual(await asked(async () => guest.open(screen)), [1, 1], screen);
  const away = { origin: "https://other.example" };
  assert.deepEqual(await asked(async () => guest.send("/ui/new-server", {}, away)), [0, 0]);
  assert.deepEqual([guest.status, /not sent from a page of this broker/.test(guest.html)], [403, true], guest.html);
});
