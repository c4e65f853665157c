import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { StatementSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { ask, begin, startSessions } from "../../support/sessions.ts";

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
