import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { Visitor } from "../../test/support/person/visitor.ts";
import { coatcheck, said } from "../../test/support/process.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";

/** A command and what comes before its arguments. */
export type Program = readonly [command: string, ...args: string[]];

/**
 * What an artifact must show: `serve --dev` comes up with its own authorization server, a person approves a login, and the
 * command line hands out its token, directly and by its agent, which it starts itself. Answers the milliseconds that
 * `--version` takes.
 */
export async function demoLogin(t: TestContext, [command, ...before]: Program): Promise<number> {
  const home = temporaryFolder(t);
  const env = { HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home };
  const run = async (args: readonly string[], more: Record<string, string> = {}) =>
    (await promisify(execFile)(command, [...before, ...args], { env: { PATH: process.env.PATH, ...env, ...more } }))
      .stdout;
  const begun = performance.now();
  assert.match(await run(["--version"]), /^\d+\.\d+\.\d+/);
  const took = performance.now() - begun;

  const start = (args: readonly string[], more: Record<string, string> = {}) => {
    const [first = "", ...rest] = [...before, ...args];
    return coatcheck(t, rest, { ...env, ...more }, [command, first]);
  };
  const broker = start(["serve", "--dev", "--json", "--listen", "127.0.0.1:0"]);
  const [line = ""] = await said(broker, /^\{.*"serving".*\}$/m, 60_000);
  const { address, root_token, issuer, client_id } = JSON.parse(line);
  const server = { provider: "oidc", client_id, allow_sessions: true, provider_options: { issuer_url: issuer } };
  const headers = { "x-vault-token": root_token };
  const body = JSON.stringify(server);
  assert.ok((await fetch(`${address}/v1/oauth2/servers/demo`, { method: "PUT", headers, body })).ok);

  const login = start(["login", "demo"], { COATCHECK_ADDR: address });
  const [, code = ""] = await said(login, /Code: +([A-Z0-9-]+)/, 60_000);
  await approve(`${issuer}/device?user_code=${code}`);
  assert.equal(await login.ended, 0, login.stderr());
  const token = (await run(["token", "demo"], { COATCHECK_ADDR: address })).trim();
  assert.match(token, /^[\w-]{20,}$/);
  const byAgent = await run(["agent", "--", command, ...before, "token", "demo"], { COATCHECK_ADDR: address });
  assert.equal(byAgent.trim(), token);
  broker.child.kill("SIGTERM");
  assert.equal(await broker.ended, 0, broker.stderr());
  return took;
}

/** A person at the demo server's pages. */
async function approve(page: string): Promise<void> {
  const visitor = await new Visitor().open(page);
  for (let pages = 0; !visitor.html.includes("Sign-in Success"); pages++) {
    assert.ok(pages < 5, visitor.html);
    await visitor.submit(visitor.html.includes('name="allow"') ? { allow: "yes" } : {});
  }
}
