import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type DemoStage, signedIn } from "../../support/demo.ts";
import type { Ran } from "../../support/person/person.ts";

export interface Helpers extends DemoStage {
  /** The login's current token. */
  token(): Promise<string>;
  /** `coatcheck credential …` with this on its standard input. */
  ask(args: readonly string[], input?: string, env?: Record<string, string>): Promise<Ran>;
}

/** Somebody who is signed in as `corp`, with tables that say which hosts that login answers for. */
export async function startHelpers(t: TestContext, settings: Record<string, unknown>): Promise<Helpers> {
  const stage = await signedIn(t, "corp");
  const folder = join(stage.person.home, "config/coatcheck");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "config.json"), JSON.stringify(settings), { mode: 0o600 });
  return {
    ...stage,
    token: async () => (await stage.person.run(["token"])).out.trim(),
    ask: (args, input = "", env = {}) => stage.person.run(["credential", ...args], { input, env }),
  };
}
