import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createOutput } from "../../../src/cli/frame/output.ts";
import type { KeptSession } from "../../../src/cli/kept/sessions-file.ts";
import { requireAsGood } from "../../../src/cli/sign-in/older-login.ts";
import type { SessionData } from "../../../src/client/index.ts";
import { keepLogin } from "../../support/person/kept-login.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A broker that knows the older login's session, and what it was asked. */
async function older(t: TestContext, state: object) {
  const asked: string[] = [];
  const server = createServer(({ method, url, headers }, response) => {
    asked.push(`${method} ${url} ${headers.authorization}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: "active", server: "demo", scopes: [], ...state }));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  process.env.XDG_STATE_HOME = temporaryFolder(t);
  t.after(() => {
    delete process.env.XDG_STATE_HOME;
  });
  const broker = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kept: KeptSession = { broker, server: "demo", session: "ccs_new", id: "2", scopes: [], pending: true };
  const before = { broker, session: "ccs_old", account: "octavia", subject: "o", next: kept };
  keepLogin(process.env.XDG_STATE_HOME, "demo", before);
  const judge = (subject: string, refreshable: boolean) => {
    const state = { status: "active", server: "demo", scopes: [], account: { subject }, refreshable };
    return requireAsGood(createOutput({}), "demo", kept, state as unknown as SessionData);
  };
  const file = () =>
    JSON.parse(readFileSync(join(process.env.XDG_STATE_HOME ?? "", "coatcheck/sessions.json"), "utf8")).sessions.demo;
  return { judge, asked, file };
}

test("FC-08 a login without a refresh token leaves the account's older one that has one, and says so", async (t) => {
  const { judge, asked, file } = await older(t, { refreshable: true });
  await assert.rejects(judge("o", false), {
    code: "not_refreshable",
    message:
      /^the provider gave no refresh token for this login, so the older login "demo", .* was kept: sign out of it first/,
    next: ["coatcheck", "logout", "demo"],
  });
  assert.deepEqual(asked, ["GET /session Bearer ccs_old", "DELETE /session?revoke=false Bearer ccs_new"]);
  assert.deepEqual([file().session, file().next], ["ccs_old", undefined]);
});

test("FC-08 it takes the place where it is as good, another account's, or the older one is not good any more", async (t) => {
  const { judge, asked } = await older(t, { refreshable: true });
  await judge("o", true);
  await judge("somebody else", false);
  assert.deepEqual(asked, []);
  for (const state of [{ refreshable: false }, { refreshable: true, reason: "invalid_grant" }, { status: "failed" }]) {
    const { judge, asked } = await older(t, state);
    await judge("o", false);
    assert.deepEqual(asked, ["GET /session Bearer ccs_old"]);
  }
});
