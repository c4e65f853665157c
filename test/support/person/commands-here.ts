import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CommandSaid } from "./commands-child.ts";

/** Runs commands one after another in one process of theirs: a start of Node for each would cost too much. */
export function startCommands(t: TestContext, env: Readonly<Record<string, string | undefined>> = process.env) {
  const child = fork(join(import.meta.dirname, "commands-child.ts"), {
    env: { ...env },
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = new AbortController();
  child.once("exit", () => gone.abort());
  t.after(() => child.kill());
  return async (words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<CommandSaid> => {
    child.send({ words, env: more });
    const [said] = await once(child, "message", { signal: gone.signal });
    return said as CommandSaid;
  };
}
