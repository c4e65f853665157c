import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import type { TestContext } from "node:test";
import { BIN } from "./bin.ts";
import { turns } from "./turns.ts";

/** A command that was started, with what it has said so far. */
export interface Started {
  readonly stdin: Writable;
  stdout(): string;
  stderr(): string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
}

/** One that is a real process. */
export interface StartedProcess extends Started {
  readonly child: ChildProcessWithoutNullStreams;
}

/** How long the pipes of a process that has ended may still bring something: one that it left behind may hold them open. */
const LAST_WORDS_MS = 1_000;

/** Runs the command; killed at the end of the test if it still lives. */
export function coatcheck(
  t: TestContext,
  args: readonly string[],
  env: Record<string, string> = {},
  [node, bin]: readonly [node: string, bin: string] = [process.execPath, BIN],
): StartedProcess {
  const child = spawn(node, [bin, ...args], { env: { PATH: process.env.PATH ?? "", ...env } });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => {
    said.stdout += text;
  });
  child.stderr.on("data", (text) => {
    said.stderr += text;
  });
  const ended = new Promise<number | NodeJS.Signals>((done) => {
    child.once("exit", (code, signal) => {
      const end = () => done(code ?? signal ?? -1);
      child.once("close", end);
      // On a busy machine the time is over before what lies in the pipes has been read: some turns read it.
      setTimeout(() => void turns().then(end), LAST_WORDS_MS);
    });
  });
  t.after(() => child.kill("SIGKILL"));
  return {
    child,
    stdin: child.stdin,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

/** Of a process to say something, which a busy machine starts late. Milliseconds. */
const LONGEST_START_MS = 60_000;

/** Resolves with the match when the process has said it; rejects when it ends before. */
export async function said(started: Started, what: RegExp, limit = LONGEST_START_MS): Promise<RegExpExecArray> {
  const end = performance.now() + limit;
  let over = false;
  void started.ended.then(() => {
    over = true;
  });
  for (;;) {
    const match = what.exec(started.stdout() + started.stderr());
    if (match) return match;
    if (over || performance.now() > end) {
      throw new Error(`not said: ${what}\n${started.stdout()}\n${started.stderr()}`);
    }
    await new Promise((next) => setTimeout(next, 20));
  }
}
