import type { TestContext } from "node:test";
import { type ApiServer, startApi } from "../../servers/api-server.ts";
import type { TokenModel } from "../../servers/token-model.ts";
import type { CoatcheckOptions } from "../../support/coatcheck.ts";
import type { Pair } from "../../support/misbehaving.ts";
import { beginActive, type Program, startSessions } from "../../support/sessions.ts";

export interface Stage {
  readonly pair: Pair;
  readonly api: ApiServer;
  readonly program: Program;
  /** The token that the API should see. */
  token(): Promise<string>;
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** A program with a session whose server has one API, below `/base`. */
export async function stage(
  t: TestContext,
  tokens: Partial<TokenModel> = {},
  options: CoatcheckOptions = {},
): Promise<Stage> {
  const api = await startApi(t);
  const pair = await startSessions(t, { proxy_apis: { api: `${api.url}/base` } }, options);
  Object.assign(pair.as.tokens, tokens);
  const program = await beginActive(pair);
  const authorization = `Bearer ${program.secret}`;
  return {
    pair,
    api,
    program,
    token: async () => String((await program.get("/token")).body.access_token),
    call: (path, init = {}) =>
      fetch(`${pair.running.address}/session/proxy/${path}`, {
        redirect: "manual",
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization },
      }),
  };
}
