import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { StatementSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { ask, begin, startSessions } from "../../support/sessions.ts";
import { call, child, policy } from "../access/stage.ts";

/** How many statements the store executes while a request is answered: work that time would show. */
function countStatements(t: TestContext) {
  let count = 0;
  for (const name of ["get", "all", "run"] as const) {
    const original = StatementSync.prototype[name] as (...parameters: unknown[]) => unknown;
    t.mock.method(StatementSync.prototype, name, function (this: StatementSync, ...parameters: unknown[]) {
      count += 1;
      return original.apply(this, parameters);
    });
  }
  return async (request: () => Promise<unknown>): Promise<number> => {
    const before = count;
    await request();
    return count - before;
  };
}

const random = (prefix: string) => `${prefix}${randomBytes(32).toString("base64url")}`;

test("S09 a session id costs one look, whether it is unknown, ended, an operator's token or malformed", async (t) => {
  const pair = await startSessions(t);
  const { secret } = await begin(pair);
  await ask(pair, "DELETE", "/session", { bearer: secret });
  const statements = countStatements(t);
  for (const bearer of [random("ccs_"), secret, random("hvs."), "ccs_x", "x".repeat(2_000)]) {
    for (const path of ["/session", "/session/token", "/session/events", "/session/proxy/api/x"]) {
      const asked = await statements(async () => {
        assert.equal((await ask(pair, "GET", path, { bearer })).status, 401);
      });
      assert.equal(asked, 1, `${path} with ${bearer.slice(0, 8)}`);
    }
  }
});

test("S09 a wrong token costs one look, whatever it is and whatever it is wrong for", async (t) => {
  const pair = await startSessions(t);
  const { secret, started } = await begin(pair);
  const statements = countStatements(t);
  for (const bearer of [random("hvs."), secret, "x"]) {
    for (const path of [`/v1/oauth2/creds/session/${started.id}`, "/v1/oauth2/creds/none", "/sessions"]) {
      const asked = await statements(async () => {
        assert.equal((await ask(pair, "GET", path, { bearer })).status, 403);
      });
      assert.equal(asked, 1, path);
    }
  }
});

test("S09 a code that was never given and one that was decided cost the same at the page", async (t) => {
  const pair = await startSessions(t, { session_flow: "page" });
  const { started, get } = await begin(pair);
  const statements = countStatements(t);
  const page = await fetch(`${pair.running.address}/device`);
  const cookie = page.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const post = async (path: string, form: Record<string, string>) => {
    const init = { method: "POST", headers: { cookie }, body: new URLSearchParams(form) };
    return (await fetch(`${pair.running.address}${path}`, init)).text();
  };
  const tokenIn = (html: string) => /name="token" value="([^"]*)"/.exec(html)?.[1] ?? "";
  const token = tokenIn(await page.text());
  const user_code = String(started.user_code);
  const decided = tokenIn(await post("/device", { user_code, token }));
  await post("/device/decision", { user_code, token: decided, decision: "deny" });
  assert.equal((await get()).body.status, "denied");
  const costs = [];
  for (const code of [user_code, "BBBB-BBBB"]) {
    costs.push(
      await statements(async () => assert.match(await post("/device", { user_code: code, token }), /is unknown/)),
    );
  }
  assert.equal(costs[0], costs[1]);
});

test("ST-141 what is at another mount costs a neighbour the same as what is not, and as a mount that is none", async (t) => {
  const pair = await startPair(t, { mounts: ["oauth2", "a", "team/b"] });
  await importGrant(pair, "mine");
  const server = { provider: "oidc", client_id: "client", provider_options: { issuer_url: pair.as.issuer } };
  assert.equal((await call(pair, ROOT_TOKEN, "PUT", "team/b/servers/one", server)).status, 204);
  const grant = { server: "one", refresh_token: pair.as.tokens.grant() };
  assert.equal((await call(pair, ROOT_TOKEN, "PUT", "team/b/creds/one", grant)).status, 204);
  const rules = ["a/*", "oauth2/creds/*"].map((path) => `path "${path}" { capabilities = ["read", "list", "update"] }`);
  await policy(pair, "a", rules.join("\n"));
  const tokens = [await child(pair, { policies: ["a"] }), await child(pair, { policies: ["a"], num_uses: 1_000 })];
  const statements = countStatements(t);
  for (const { client_token: token } of tokens) {
    // Its first use of all is looked up; so is what it may read.
    const own = () => statements(() => call(pair, token, "GET", "a/creds/none"));
    assert.ok((await own()) > 0 && (await own()) > 0);
    const cost = (method: string, path: string) =>
      statements(async () => {
        const body = method === "PUT" ? {} : undefined;
        assert.equal((await call(pair, token, method, path, body)).status, 403, `${method} ${path}`);
      });
    for (const [method, path] of [
      ["GET", "MOUNT/creds/NAME"],
      ["PUT", "MOUNT/creds/NAME"],
      ["DELETE", "MOUNT/creds/NAME"],
      ["GET", "MOUNT/creds/NAME/history"],
      ["GET", "MOUNT/servers/NAME"],
      ["GET", "MOUNT/creds?list=true"],
      ["GET", "MOUNT/config"],
      ["PUT", "MOUNT/sts/NAME"],
      ["GET", "MOUNT/creds/NAME?help=1"],
      ["GET", "sys/internal/ui/mounts/MOUNT/creds/NAME"],
    ] as const) {
      const at = (mount: string, name: string) => cost(method, path.replace("MOUNT", mount).replace("NAME", name));
      const costs = [await at("team/b", "one"), await at("team/b", "none"), await at("team/none", "one")];
      assert.deepEqual(costs, Array(3).fill(costs[0]), `${method} ${path}`);
    }
  }
});
