import { type ChildProcess, type SpawnOptions, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { SECRET_VARIABLES } from "../../process/secret-variables.ts";
import { NODE_ARGUMENTS } from "./bin-path.ts";
import { type Environment, environment } from "./environment.ts";

export type Child = ChildProcess;

type Options = Omit<SpawnOptions, "env"> & { readonly env?: Environment };

/** Starts another program, as all of `cli/` does: it gets our environment but not our secrets (ST-10). */
export function startProgram(
  program: string,
  args: readonly string[],
  { env = environment(), ...options }: Options = {},
): ChildProcess {
  return spawn(program, args, { ...options, env: withoutSecrets(env) });
}

/** Starts this program once more; like any other, it gets no secret. */
export function startSelf(args: readonly string[], options: Options): ChildProcess {
  return startProgram(process.execPath, [...NODE_ARGUMENTS, ...args], options);
}

/** Runs another program to its end, or for so many milliseconds, and answers what it wrote as text. */
export function runProgramNow(
  program: string,
  args: readonly string[],
  more: { readonly input?: string; readonly timeout?: number } = {},
): SpawnSyncReturns<string> {
  return spawnSync(program, args, {
    ...more,
    killSignal: "SIGKILL",
    encoding: "utf8",
    env: withoutSecrets(environment()),
  });
}

function withoutSecrets(env: Environment): Record<string, string | undefined> {
  const left: Record<string, string | undefined> = { ...env };
  for (const name of SECRET_VARIABLES) delete left[name];
  return left;
}
