import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Command } from "commander";
import { pause } from "../../client/time.ts";
import { ensureOwnBroker } from "../connect/own-broker.ts";
import { type OwnBrokerState, ownBrokerState, stopOwnBroker } from "../connect/own-broker-state.ts";
import { defineHere, group, run } from "../frame/command.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import { listenToInterrupts } from "../frame/interrupts.ts";
import type { Output } from "../frame/output.ts";
import { table } from "../frame/table.ts";
import { whenText } from "../terminal/duration.ts";

export function brokerCommand(): Command {
  return group("broker", "The broker of your own that commands start without COATCHECK_ADDR.", [
    ["coatcheck broker status", "whether it runs, and where its data are"],
    ["coatcheck broker restart", "start it anew; logins and their refreshes are kept"],
    ["coatcheck broker logs --follow", "what it warns of"],
  ])
    .addCommand(statusOfBroker())
    .addCommand(stopBroker())
    .addCommand(restartBroker())
    .addCommand(logsOfBroker());
}

function statusOfBroker(): Command {
  return defineHere("status", "Say whether it runs, since when and where. The exit code is 1 if it does not.", [
    ["coatcheck broker status", ""],
  ]).action(
    run(async (out) => {
      const state = await ownBrokerState();
      show(out, state);
      if (!state.running) process.exitCode = EXIT.failure;
    }),
  );
}

function show(out: Output, { running, since, networks, ...state }: OwnBrokerState): void {
  const started = since === undefined ? undefined : `${new Date(since).toISOString().slice(0, 19)}Z`;
  const fields = {
    ...state,
    ...(started !== undefined && { since: started }),
    ...(networks !== undefined && { networks }),
  };
  const said = { ...fields, ...(started !== undefined && { since: `${started} (${whenText(started)})` }) };
  const head = running
    ? "your own broker is running"
    : "your own broker is not running: the next command that needs it starts it";
  out.result([head, ...table(said).map((line) => `  ${line}`)], { running, ...fields });
}

function stopBroker(): Command {
  return defineHere("stop", "End it in order. The next command that needs it starts it again.", [
    ["coatcheck broker stop", ""],
  ]).action(
    run(async (out) => {
      if (!(await stopOwnBroker())) throw new CliError("no_broker", "your own broker is not running");
      out.result("your own broker has stopped", { stopped: true });
    }),
  );
}

function restartBroker(): Command {
  return defineHere("restart", "End it if it runs, and start it.", [["coatcheck broker restart", ""]]).action(
    run(async (out) => {
      await stopOwnBroker();
      await ensureOwnBroker();
      show(out, await ownBrokerState());
    }),
  );
}

interface LogFlags {
  readonly lines: string;
  readonly follow?: boolean;
}

function logsOfBroker(): Command {
  return defineHere("logs", "Print what it has logged since it was started: warnings and errors.", [
    ["coatcheck broker logs", ""],
    ["coatcheck broker logs --follow", "and what comes; Ctrl-C ends it"],
  ])
    .option("--lines <number>", "the last lines", "100")
    .option("--follow", "print what comes as well")
    .action(run<LogFlags>((out, _args, flags) => logs(out, flags)));
}

/** How soon a new line is seen. Milliseconds. */
const LOOK_MS = 300;

async function logs(out: Output, { lines, follow = false }: LogFlags): Promise<void> {
  const most = Number(lines);
  if (!/^\d+$/.test(lines)) throw usage(`--lines "${lines}" is not a number`);
  const { log } = await ownBrokerState();
  let seen = readFrom(log, { file: 0, at: 0 });
  if (!seen && !follow) throw new CliError("no_log", `${log} is not there: your own broker has never been started`);
  const said = seen?.lines ?? [];
  if (said.length === 0) out.note("It has logged nothing since it was started.");
  for (const line of most === 0 ? [] : said.slice(-most)) print(out, line);
  if (!follow) return;
  const interrupts = listenToInterrupts();
  while (!interrupts.signal.aborted) {
    await pause(LOOK_MS, interrupts.signal).catch(() => {});
    const more = readFrom(log, seen ?? { file: 0, at: 0 });
    for (const line of more?.lines ?? []) print(out, line);
    seen = more ?? seen;
  }
  interrupts.end();
  process.exitCode = EXIT.interrupted;
}

/** As it is for people; programs get the line's own object. */
function print(out: Output, line: string): void {
  out.result(line, objectOf(line));
}

function objectOf(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Words of Node itself.
  }
  return { msg: line };
}

interface Seen {
  /** Another broker has another file. */
  readonly file: number;
  /** Bytes. */
  readonly at: number;
}

/** Whole lines behind what was seen; undefined where there is no file. */
function readFrom(path: string, seen: Seen): (Seen & { readonly lines: readonly string[] }) | undefined {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    const { ino, size } = fstatSync(file);
    const from = ino === seen.file && size >= seen.at ? seen.at : 0;
    const bytes = Buffer.alloc(size - from);
    const end = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from)).lastIndexOf("\n") + 1;
    const text = bytes.subarray(0, end).toString("utf8");
    return { file: ino, at: from + end, lines: text.split("\n").slice(0, -1) };
  } finally {
    closeSync(file);
  }
}
