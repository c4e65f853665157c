import { globSync } from "node:fs";
import { join } from "node:path";

/**
 * Rooms whose test files run in one process, by the name of the file in test/groups/ that runs them. In one group are files
 * that load the same and take about as long together as another group.
 */
const GROUPS = {
  pure: "{access,api,audit,config-file,credential,import,interop,journal,listen,mcp,outbound,protocol,providers,sabotage,scheduler,seal,session,walk}/**/*.test.ts",
  http: "http/**/*.test.ts",
  attempt: "broker/attempt/*.test.ts",
  matrix: "broker/matrix/*.test.ts",
  broker: "broker/{!(load),mcp/*,session/*}.test.ts",
  store: "store/*.test.ts",
  dev: "{bench,client,dev,docs,examples,process,servers}/**/*.test.ts",
  "commands-1": "cli/commands/[a-m]*.test.ts",
  "commands-2": "cli/commands/[n-z]*.test.ts",
  "helpers-1": "cli/{kept/*,helpers/[a-l]*}.test.ts",
  "helpers-2": "cli/helpers/[m-z]*.test.ts",
  "sign-in-1": "cli/sign-in/[a-k]*.test.ts",
  "sign-in-2": "cli/sign-in/[l-z]*.test.ts",
  cli: "cli/{agent,connect,frame,import,operate,setup,terminal}/*.test.ts",
} as const;

const TESTS = join(import.meta.dirname, "..");

const filesOf = (pattern: string) => globSync(pattern, { cwd: TESTS }).sort();

/** All files that run so, below test/. */
export function grouped(): readonly string[] {
  return Object.values(GROUPS).flatMap(filesOf);
}

/**
 * Runs test files in this process, one after the other: a start of Node for each, with what they all load, is up to a second
 * that tests nothing, and a broker's second start costs a quarter of its first. A single file runs by itself as well.
 */
export async function together(group: keyof typeof GROUPS): Promise<void> {
  for (const file of filesOf(GROUPS[group])) await import(join(TESTS, file));
}
