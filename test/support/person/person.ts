import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { BIN } from "../bin.ts";
import { coatcheck, type Started, type StartedProcess } from "../process.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { startHere } from "./commands-here.ts";
import { openTerminal, type Terminal, type TerminalSize } from "./terminal.ts";

/** Somebody with a home of their own, who types commands. */
export interface Person {
  readonly home: string;
  readonly env: Record<string, string>;
  /** On pipes, in the process of the test: what came out, and the exit code. */
  run(args: readonly string[], more?: RunOptions): Promise<Ran>;
  start(args: readonly string[], env?: Record<string, string>): Started;
  /**
   * The same in a process of its own: for what lives as long as its process and changes it (serve, mcp, agent --foreground), what
   * children write, what is loaded or remembered once, and how a process ends.
   */
  runProcess(args: readonly string[], more?: RunOptions): Promise<Ran>;
  startProcess(args: readonly string[], env?: Record<string, string>): StartedProcess;
  /** In a pseudo-terminal. */
  type(args: readonly string[], more?: { env?: Record<string, string>; size?: TerminalSize }): Terminal;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Record<string, string>;
}

export interface Ran {
  readonly code: number | NodeJS.Signals;
  readonly out: string;
  readonly err: string;
}

export function person(t: TestContext, more: Record<string, string> = {}): Person {
  let home = "";
  // Before its folder goes, which tells its process.
  t.after(() => endOwnBroker(join(home, "state/coatcheck/broker")));
  home = temporaryFolder(t);
  const env: Record<string, string> = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_STATE_HOME: join(home, "state"),
    XDG_RUNTIME_DIR: join(home, "run"),
    ...more,
  };
  mkdirSync(join(home, "run"), { mode: 0o700 });
  const start: Person["start"] = (args, own) =>
    startHere(t, [BIN, ...args], { PATH: process.env.PATH ?? "", ...env, ...own });
  const startProcess: Person["startProcess"] = (args, own) => coatcheck(t, args, { ...env, ...own });
  return {
    home,
    env,
    start,
    run: (args, { input, env: own } = {}) => toItsEnd(start(args, own), input),
    startProcess,
    runProcess: (args, { input, env: own } = {}) => toItsEnd(startProcess(args, own), input),
    type: (args, { env: own, size } = {}) => openTerminal(t, args, { ...env, ...own }, size),
  };
}

/** Somebody all of whose commands are processes of their own. */
export function inProcesses(someone: Person): Person {
  return { ...someone, run: someone.runProcess, start: someone.startProcess };
}

async function toItsEnd(started: Started, input = ""): Promise<Ran> {
  started.stdin.end(input);
  const code = await started.ended;
  return { code, out: started.stdout(), err: started.stderr() };
}

/** A person's own broker outlives the command that started it, but not the test. */
function endOwnBroker(data: string): void {
  try {
    const pid = readFileSync(join(data, "coatcheck.db.pid"), "utf8").trim();
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(data)) process.kill(Number(pid), "SIGKILL");
  } catch {
    // There was none, or it has ended.
  }
}
