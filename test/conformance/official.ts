import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { BIN } from "../support/bin.ts";

/** What came of one scenario: `counted` is the suite's own line, `said` all that it printed. */
interface Outcome {
  readonly isGood: boolean;
  readonly counted: string;
  readonly said: string;
}

/** The official suite of MCP (`@modelcontextprotocol/conformance`), with `coatcheck mcp` as the client's way to each of its servers. */
export interface OfficialSuite {
  /** What a revision requires of clients, as its frozen list has it. */
  required(revision: string): Promise<readonly string[]>;
  /** One scenario; a warning counts as a failure. */
  run(scenario: string, revision: string): Promise<Outcome>;
  /** Ends the broker that all scenarios share. */
  stop(): void;
}

const SUITE = fileURLToPath(import.meta.resolve("@modelcontextprotocol/conformance/dist/index.js"));

/** In a home of its own: a folder that is empty. */
export function officialSuite(home: string): OfficialSuite {
  const folders = { XDG_STATE_HOME: "state", XDG_CONFIG_HOME: "config", XDG_RUNTIME_DIR: "run" };
  const env = { ...process.env, HOME: home };
  for (const [name, folder] of Object.entries(folders)) {
    mkdirSync(join(home, folder), { mode: 0o700 });
    Object.assign(env, { [name]: join(home, folder) });
  }
  const ask = async (words: readonly string[]) => {
    const child = spawn(process.execPath, [SUITE, ...words], { cwd: home, env, stdio: ["ignore", "pipe", "pipe"] });
    const [[status], ...said] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
    return { said: said.join(""), isGood: status === 0 };
  };
  return {
    required: async (revision) => {
      const { said } = await ask(["list", "--client", "--requirements", revision]);
      const [, clients = ""] = /Client scenarios[^\n]*\n((?: +- \S+[^\n]*\n?)+)/.exec(said) ?? [];
      const names = [...clients.matchAll(/- (\S+)/g)].flatMap(([, name]) => name ?? []);
      if (names.length === 0) throw new Error(`the suite lists nothing for ${revision}: ${said}`);
      return names;
    },
    run: async (scenario, revision) => {
      const command = `${process.execPath} ${join(import.meta.dirname, "driver.ts")}`;
      // Extensions belong to no revision: without it they are skipped, which is no success.
      const words = ["--command", command, "--scenario", scenario, "--spec-version", revision, "--force"];
      const { said, isGood } = await ask(["client", ...words]);
      const [counted = "nothing was counted"] = /Passed: [^\n]*/.exec(said) ?? [];
      return { isGood: isGood && /^Passed: [1-9]/.test(counted), counted, said };
    },
    stop: () => void spawnSync(process.execPath, [BIN, "broker", "stop"], { env }),
  };
}
