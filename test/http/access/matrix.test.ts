import assert from "node:assert/strict";
import { test } from "node:test";
import { createAcl, type Operation } from "../../../src/access/policy/acl.ts";
import { parsePolicy } from "../../../src/access/policy/policy.ts";
import { mayByReference, type Written } from "../../access/policy/reference.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { type DocumentedRoute, documentedRoutes, start } from "../start.ts";
import { call, child, policy } from "./stage.ts";

/** Routes that need no token, or another secret than one: whoever adds a route says here that it is so. */
const OPEN =
  /^\/($|docs|walk|device|session(\/|$)|mcp|loopback|client|\.well-known|healthz|readyz|v1\/sys\/(health|seal-status|leader|init)$|v1\/[\w/]+\/callback(\/\w+)?$|v1\/auth\/one\/(login|oidc\/\w+)$|v1\/sys\/wrapping\/(unwrap|lookup|rewrap)$)/;

/** `POST /sessions` is for strangers, too. */
const EITHER = new Set(["POST /sessions"]);

/** Every route of the table, with a name where it has a place for one. */
async function routes(t: Parameters<typeof start>[0]): Promise<readonly DocumentedRoute[]> {
  const { app } = start(t, { mounts: ["oauth2"] });
  const all = await documentedRoutes(app);
  return all.map(({ method, url }) => ({ method, url: url.replaceAll(/\{\w+\}/g, "one") }));
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  GET: "read",
  HEAD: "read",
  PUT: "update",
  POST: "update",
  DELETE: "delete",
};
const POLICIES: Readonly<Record<string, readonly Written[]>> = {
  nothing: [],
  reader: [{ path: "*", capabilities: ["read", "list"] }],
  writer: [{ path: "*", capabilities: ["update"] }],
  creds: [{ path: "oauth2/creds/+", capabilities: ["read"] }],
  denied: [
    { path: "*", capabilities: ["read", "update", "delete"] },
    { path: "oauth2/*", capabilities: ["deny"] },
  ],
  remover: [
    { path: "oauth2/+/one*", capabilities: ["delete"] },
    { path: "sessions/*", capabilities: ["delete"] },
  ],
  system: [{ path: "sys/*", capabilities: ["read", "update", "list", "sudo"] }],
  tokens: [{ path: "auth/token/+", capabilities: ["update"] }],
};
const TEXTS = Object.entries(POLICIES).map(
  ([name, rules]) =>
    [
      name,
      rules
        .map(({ path, capabilities }) => `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`)
        .join("\n") || "#",
    ] as const,
);

const pathOf = ({ url }: DocumentedRoute) => url.replace(/^\/(v1\/)?/, "");
const isOpen = (route: DocumentedRoute) => OPEN.test(route.url) || EITHER.has(`${route.method} ${route.url}`);

test("6 route x method x policy x list: the door's matcher says what the slow one says", async (t) => {
  const all = (await routes(t)).filter((route) => !isOpen(route));
  const pairs = TEXTS.flatMap(([one]) => TEXTS.map(([two]) => [one, two] as const));
  let rows = 0;
  for (const [one, two] of pairs) {
    const rules = [...(POLICIES[one] ?? []), ...(POLICIES[two] ?? [])];
    const acl = createAcl([one, two].map((name) => parsePolicy(TEXTS.find(([other]) => other === name)?.[1] ?? "")));
    for (const route of all) {
      const operation = OPERATIONS[route.method] ?? "read";
      assert.equal(acl.reaches(operation, pathOf(route)), mayByReference(rules, operation, pathOf(route)));
      const list = `${pathOf(route)}/`;
      assert.equal(acl.reaches("list", list), mayByReference(rules, "list", list));
      rows += 2;
    }
  }
  assert.ok(rows > 2_000, `${rows} rows`);
});

/** Not asked over HTTP by those who may: it would change what the others find. */
const CHANGES = /revoke|hand-over|keys|DELETE \/v1\/sys|\/sys\/polic/;
/** Judged by what is seen, not by one path. */
const JUDGED = /\/sys\/internal\/ui\/mounts|^GET \/sessions$|^DELETE \/sessions/;

test("6 each route that needs a token refuses those that may not, with Vault's words, before it looks at anything", async (t) => {
  const broker = await startCoatcheck(t);
  for (const [name, text] of TEXTS) await policy(broker, name, text);
  const tokens = await Promise.all(
    TEXTS.map(async ([name]) => [name, await child(broker, { policies: [name], no_default_policy: true })] as const),
  );
  const revoked = await child(broker, { policies: ["root"] });
  await call(broker, ROOT_TOKEN, "PUT", "auth/token/revoke", { token: revoked.client_token });
  const refusals = async (token: string, { method, url }: DocumentedRoute) => {
    const { status, errors, data } = await call(
      broker,
      token,
      method,
      url,
      method === "GET" || method === "HEAD" ? undefined : {},
    );
    const said = [...errors, data.error_description].filter(Boolean).join();
    // Whoever may ask of another token is told that there is none.
    if (said === "bad token" || said === "invalid accessor") return false;
    if (status === 403 && method !== "HEAD") assert.equal(said, "permission denied", `${method} ${url}`);
    return status === 403;
  };
  for (const [at, route] of (await routes(t)).filter((one) => !isOpen(one)).entries()) {
    const what = `${route.method} ${route.url}`;
    // More than 20 wrong tokens in a minute are answered with a 429.
    for (const token of at % 12 === 0 ? ["", revoked.client_token] : [""])
      assert.equal(await refusals(token, route), true, what);
    if (JUDGED.test(what)) continue;
    // A sample: each route with two of the tokens.
    for (const [name, { client_token: token }] of [
      tokens[at % tokens.length],
      tokens[(at * 3 + 1) % tokens.length],
    ].filter((one) => one !== undefined)) {
      const operation = OPERATIONS[route.method] ?? "read";
      const may = mayByReference(POLICIES[name] ?? [], operation, pathOf(route));
      if (may && CHANGES.test(what)) continue;
      const wantsSudo =
        /^(auth\/token\/(accessors|revoke-orphan)|sys\/(keys|hand-over|audit|audit-search|remount))(\/|$)|^sys\/(mounts\/)?auth\/one/.test(
          pathOf(route),
        );
      assert.equal(await refusals(token, route), !may || (wantsSudo && name !== "system"), `${what} with ${name}`);
    }
  }
});
