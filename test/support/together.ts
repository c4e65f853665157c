import { globSync } from "node:fs";
import { join } from "node:path";

/** Rooms whose tests start no process and no database: what `npm test` leaves to one process each. */
const GROUPS = {
  pure: "{access,api,config-file,credential,import,interop,listen,mcp,outbound,protocol,providers,session,walk}/**/*.test.ts",
  http: "http/**/*.test.ts",
  attempt: "broker/attempt/*.test.ts",
  matrix: "broker/matrix/*.test.ts",
  mcp: "broker/mcp/*.test.ts",
  sessions: "broker/session/*.test.ts",
} as const;

const TESTS = join(import.meta.dirname, "..");

const filesOf = (pattern: string) => globSync(pattern, { cwd: TESTS }).sort();

/** All files that run so. */
export function grouped(): readonly string[] {
  return Object.values(GROUPS).flatMap(filesOf);
}

/**
 * Runs test files in this process, one after the other: a start of Node for each, with what they all load, is up to half a
 * second that tests nothing. A single file runs by itself as well.
 */
export async function together(group: keyof typeof GROUPS): Promise<void> {
  for (const file of filesOf(GROUPS[group])) await import(join(TESTS, file));
}
