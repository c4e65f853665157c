import { spawnSync } from "node:child_process";
import type { TestContext } from "node:test";

/** A reason to skip where a system's program is missing; false where it is there. */
export function missing(program: string): string | false {
  const { error } = spawnSync(program, ["--version"], { stdio: "ignore" });
  return error ? `${program} is not installed here` : false;
}

/** What npm packages bring for Linux on x64 alone, nobody has to install elsewhere; there it is never missing. */
export const BRINGS_ALL = process.platform === "linux" && process.arch === "x64";

/** Ends a test as skipped, for a reason in one sentence: what is thrown after `skip` fails nothing. */
export function skipTest(t: TestContext, reason: string): never {
  t.skip(reason);
  const error = new Error(reason);
  // Where it comes from is of no interest.
  error.stack = reason;
  throw error;
}
