import assert from "node:assert/strict";
import { test } from "node:test";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { Guest } from "../face/stage.ts";
import { documentedRoutes, start } from "../start.ts";
import { call, child, policy } from "./stage.ts";

const MOUNTS = ["oauth2", "a", "team/b"];
/** The second is made by the API. */
const OTHERS = ["team/b", "made/c"];
const ALL = '["create", "read", "update", "patch", "delete", "list", "sudo"]';

/** Every route of the mount `team/b`, with a name that is there and one that is not. */
async function routesOfB(t: Parameters<typeof start>[0]) {
  const { app } = start(t, { mounts: ["oauth2"] });
  const routes = await documentedRoutes(app);
  const ofFirst = routes.filter(({ url }) => url.startsWith("/v1/oauth2/") && !/\/callback(\/|$)/.test(url));
  return ofFirst.map(({ method, url }) => ({ method, url: url.replace("oauth2", "team/b") }));
}

function inBoth({ method, url }: { readonly method: string; readonly url: string }) {
  return OTHERS.map((mount) => ({ method, url: url.replace("team/b", mount) }));
}

test("ST-141 with every kind of token of one mount nothing of another one is read, listed, guessed or counted", async (t) => {
  const pair = await startPair(t, { mounts: MOUNTS });
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: pair.as.issuer } };
  // One of the others was made by the API.
  assert.equal((await call(pair, ROOT_TOKEN, "POST", "sys/mounts/made/c", { type: "oauthapp" })).status, 204);
  for (const mount of ["a", "team/b", "made/c"]) {
    assert.equal((await call(pair, ROOT_TOKEN, "PUT", `${mount}/servers/one`, server)).status, 204);
    const grant = { server: "one", refresh_token: pair.as.tokens.grant() };
    assert.equal((await call(pair, ROOT_TOKEN, "PUT", `${mount}/creds/one`, grant)).status, 204);
  }
  await importGrant(pair, "one");
  await policy(pair, "a", `path "a/*" { capabilities = ${ALL} }\npath "auth/token/*" { capabilities = ["update"] }`);
  await call(pair, ROOT_TOKEN, "PUT", "auth/token/roles/a", { allowed_policies: "a", orphan: true });
  const own = await child(pair, { policies: ["a"] });
  const tokens = {
    own,
    child: await child(pair, {}, own.client_token),
    orphan: await child(pair, { policies: ["a"], no_parent: true }),
    periodic: await child(pair, { policies: ["a"], period: "1h" }),
    few: await child(pair, { policies: ["a"], num_uses: 900 }),
    "of a role": await child(pair, {}, own.client_token, "create/a"),
  };
  const routes = await routesOfB(t);
  assert.ok(routes.length > 20, `${routes.length} routes`);
  for (const [kind, { client_token: token }] of Object.entries(tokens)) {
    // Its own mount is open to it.
    assert.equal((await call(pair, token, "GET", "a/creds/one")).status, 200, kind);
    const told = async (method: string, url: string) => {
      const body = ["PUT", "POST"].includes(method) ? {} : undefined;
      const { status, errors, data } = await call(pair, token, method, url, body);
      return { status, errors, data };
    };
    const denied = { status: 403, errors: ["permission denied"], data: {} };
    for (const { method, url } of routes.flatMap(inBoth)) {
      for (const name of ["one", "none"]) {
        const path = url.replace(/\{[^}]+\}/g, name);
        assert.deepEqual(await told(method, path), denied, `${kind}: ${method} ${path}`);
      }
    }
    // Whether there is such a mount at all: what is asked of it and of one that is none has the same answer.
    for (const [method, path] of [
      ["GET", "sys/internal/ui/mounts/MOUNT/creds/one"],
      ["GET", "sys/mounts/MOUNT"],
      ["GET", "MOUNT?help=1"],
      ["GET", "MOUNT/creds/one?help=1"],
      ["GET", "MOUNT/nothing"],
      ["GET", "MOUNT/creds?list=true"],
      ["PUT", "MOUNT/creds/one"],
    ] as const) {
      const of = (mount: string) => told(method, path.replace("MOUNT", mount));
      for (const mount of OTHERS) {
        assert.deepEqual(await of(mount), await of("team/none"), `${kind}: ${path}`);
        assert.equal((await of(mount)).status, 403, `${kind}: ${path}`);
      }
    }
    const seen = await call(pair, token, "GET", "sys/internal/ui/mounts");
    assert.deepEqual(Object.keys(seen.data.secret ?? {}), ["a/"], kind);
    for (const path of ["sys/metrics", "sys/keys", "sys/mounts"]) assert.equal((await told("GET", path)).status, 403);
  }
  // What is in one mount is nothing in another one, not even to the root token.
  const root = (path: string) => call(pair, ROOT_TOKEN, "GET", path);
  assert.equal((await call(pair, ROOT_TOKEN, "DELETE", "a/creds/one")).status, 204);
  assert.equal((await root("oauth2/creds/one")).status, 200);
  for (const mount of OTHERS) {
    assert.equal((await root(`${mount}/creds/one`)).status, 200);
    assert.deepEqual((await root(`${mount}/creds?list=true`)).data.keys, ["one"]);
  }
  assert.equal((await root("a/creds?list=true")).status, 404);
  assert.deepEqual(Object.keys((await root("sys/mounts")).data), ["oauth2/", "a/", "team/b/", "made/c/"]);
});

test("ST-177 the dashboard tells nobody of mounts where they have no rule, and opens those where they have one", async (t) => {
  const broker = await startCoatcheck(t, { mounts: ["oauth2", "team/b", "a"] });
  await policy(broker, "a", `path "a/*" { capabilities = ${ALL} }`);
  const guest = await new Guest(broker).signIn((await child(broker, { policies: ["a"] })).client_token);
  const told = async (path: string) => {
    await guest.open(path);
    return [
      guest.status,
      /<main[\s\S]*<\/main>/.exec(guest.html)?.[0].replaceAll(/team(?:\/|%2F)(?:b|none)/g, "MOUNT"),
    ];
  };
  for (const path of ["/ui", "/ui/credentials", "/ui/servers", "/ui/login", "/ui/mcp"]) {
    await guest.open(path);
    // Agents reach servers of the first mount alone.
    const status = path === "/ui/mcp" ? 403 : 200;
    assert.deepEqual([guest.status, /team.{1,3}b|oauth2/.test(guest.html)], [status, false], path);
    assert.doesNotMatch(guest.html, /href="\/ui\/mcp"|href="[^"]*mount=oauth2/);
  }
  assert.match((await guest.open("/ui/credentials")).html, /"\/ui\/login\?mount=a"/);
  for (const path of ["credentials?mount=MOUNT", "credentials/MOUNT/x", "open?mount=MOUNT&name=x", "servers/MOUNT/x"]) {
    const of = (mount: string) => told(`/ui/${path.replace("MOUNT", mount)}`);
    assert.deepEqual(await of("team/b"), await of("team/none"), path);
    assert.equal(guest.status, 404, path);
  }
  const operator = await new Guest(broker).signIn();
  assert.match((await operator.open("/ui/credentials")).html, /<option[^>]*>team\/b</);
});

test("the dashboard leads to each mount that a token sees, and begins where it may list something", async (t) => {
  const broker = await startCoatcheck(t, { mounts: ["oauth2", "a", "team/b"] });
  const server = { provider: "custom", provider_options: { token_url: "https://as.example/token" }, client_id: "c" };
  for (const [mount, more] of Object.entries({
    oauth2: {},
    a: {},
    "team/b": { proxy_apis: { mcp: "https://mcp.example" } },
  }))
    assert.ok(
      (await call(broker, ROOT_TOKEN, "PUT", `${mount}/servers/of-${mount.at(-1)}`, { ...server, ...more })).status <
        300,
    );
  await policy(
    broker,
    "two",
    `path "a/creds/x" { capabilities = ["read"] } path "team/b/*" { capabilities = ${ALL} } path "sys/mounts" { capabilities = ["read"] }`,
  );
  const guest = await new Guest(broker).signIn((await child(broker, { policies: ["two"] })).client_token);
  const linksOf = (screen: string) =>
    [...guest.html.matchAll(/href="([^"]*\?mount=[^"]*)"([^>]*)/g)]
      .filter(([, href = ""]) => href.startsWith(`${screen}?`))
      .map(([, href, more]) => `${href}${more}`);
  const to = (mount: string) => `?mount=${encodeURIComponent(mount)}`;
  for (const screen of ["/ui", "/ui/servers"]) {
    await guest.open(screen);
    assert.equal(guest.status, 200);
    assert.deepEqual(linksOf(screen), [`${screen}${to("a")}`, `${screen}${to("team/b")} aria-current="page"`], screen);
  }
  assert.match(guest.html, />of-b</);
  await guest.open("/ui/credentials");
  assert.deepEqual([guest.status, /<option value="team\/b" selected>/.test(guest.html)], [200, true]);
  await guest.open("/ui/access/mounts");
  assert.deepEqual(linksOf("/ui/credentials"), [`/ui/credentials${to("team/b")}`]);
  assert.deepEqual(linksOf("/ui/servers"), [`/ui/servers${to("team/b")}`]);
  const operator = await new Guest(broker).signIn();
  for (const mount of ["oauth2", "a", "team/b"]) {
    await operator.open(`/ui/servers${to(mount)}`);
    assert.ok(operator.html.includes(`>of-${mount.at(-1)}<`), mount);
  }
  await operator.open(`/ui/mcp${to("team/b")}`);
  assert.deepEqual([operator.status, /of-b/.test(operator.html)], [200, false]);
});

test("a mount that is configured no more is not there, and its data are when it comes back", async (t) => {
  const first = await startCoatcheck(t, { mounts: MOUNTS });
  const settings = { tune_pending_status_code: 400 };
  assert.equal((await call(first, ROOT_TOKEN, "PUT", "team/b/config", settings)).status, 204);
  const change = async (method: string, path: string) =>
    String((await call(first, ROOT_TOKEN, method, path, { type: "oauthapp" })).errors);
  assert.match(await change("POST", "sys/mounts/team/b"), /path is already in use at team\/b\//);
  assert.match(await change("DELETE", "sys/mounts/team/b"), /serve --mounts/);
  const without = await first.restart(undefined, { mounts: ["oauth2"] });
  const { status, errors } = await call(without, ROOT_TOKEN, "GET", "team/b/config");
  assert.deepEqual([status, errors], [404, ['no handler for route "team/b/config". route entry not found.']]);
  const back = await without.restart(undefined, { mounts: MOUNTS });
  assert.equal((await call(back, ROOT_TOKEN, "GET", "team/b/config")).data.tune_pending_status_code, 400);
});
