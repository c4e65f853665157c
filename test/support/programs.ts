import { spawnSync } from "node:child_process";

/** A reason to skip where a system's program is missing; false where it is there. */
export function missing(program: string): string | false {
  const { error } = spawnSync(program, ["--version"], { stdio: "ignore" });
  return error ? `${program} is not installed here` : false;
}
