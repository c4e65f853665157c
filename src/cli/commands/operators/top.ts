import type { Command } from "commander";
import { pause } from "../../../client/time.ts";
import { systemClock } from "../../../process/clock.ts";
import { brokerAddress, connectionTo } from "../../connect/broker.ts";
import { namingToken, type OperatorFlags, operatorToken, TOKEN_FILE } from "../../connect/operator.ts";
import { readMetrics } from "../../connect/read-metrics.ts";
import { define, run } from "../../frame/command.ts";
import { EXIT, failureOf, usage } from "../../frame/fail.ts";
import { type Interrupts, listenToInterrupts } from "../../frame/interrupts.ts";
import type { Output } from "../../frame/output.ts";
import { secondsOf } from "../../frame/seconds.ts";
import { type Activity, activityOf } from "../../operate/activity.ts";
import { parseMetrics, type Samples } from "../../operate/metrics.ts";
import { activityLine, activityObject, screen } from "../../operate/top-view.ts";
import { listenToKeyboard } from "../../terminal/keyboard.ts";
import { redrawn } from "../../terminal/redrawn.ts";

type Flags = OperatorFlags & { readonly interval: string; readonly count?: string };

export function topCommand(): Command {
  return define("top", "Watch what a broker does: logins, polls, refreshes, failures, lateness (for operators).", [
    ["coatcheck top", "on a terminal: drawn anew every two seconds; q ends it"],
    ["coatcheck top --plain --interval 60", "one line a minute"],
    ["coatcheck top --count 1 --json", "one look: what has happened since the broker was started"],
  ])
    .option("--interval <seconds>", "time between two looks", "2")
    .option("--count <number>", "end after so many looks")
    .option(...TOKEN_FILE)
    .action(run<Flags>((out, _args, flags) => top(out, flags)));
}

/** A day. Seconds. */
const LONGEST = 86_400;

async function top(out: Output, flags: Flags): Promise<void> {
  const interval = secondsOf("--interval", flags.interval, { least: 1, most: LONGEST }) ?? 2;
  const count = Number(flags.count ?? Number.POSITIVE_INFINITY);
  if (!(count >= 1)) throw usage(`--count "${flags.count}" is not a number`);
  const address = brokerAddress(flags.addr);
  const connection = namingToken(await connectionTo(address, out.verbose), address, flags.tokenFile);
  const read = async () => parseMetrics(await readMetrics(connection, operatorToken(address, flags.tokenFile)));
  const interrupts = listenToInterrupts();
  const quit = new AbortController();
  const isDrawn = !out.plain && out.interactive;
  const release = isDrawn
    ? listenToKeyboard({ keys: { q: () => quit.abort() }, interrupt: interrupts.interrupt })
    : () => {};
  try {
    const show = isDrawn ? drawing(address, interval) : printing(out);
    await watch(read, show, { interval, count, signal: AbortSignal.any([quit.signal, interrupts.signal]) });
  } finally {
    release();
    interrupts.end();
  }
  if (interrupts.signal.aborted) process.exitCode = EXIT.interrupted;
}

interface Look {
  readonly last: Activity;
  readonly sinceStart: Activity;
}

interface Watching {
  readonly interval: number;
  readonly count: number;
  readonly signal: Interrupts["signal"];
}

/** The first look must succeed; later on a broker that does not answer is said, and asked again. */
async function watch(
  read: () => Promise<Samples>,
  show: (look: Look | string) => void,
  { interval, count, signal }: Watching,
): Promise<void> {
  let before: { readonly samples: Samples; readonly at: number } | undefined;
  for (let looks = 0; looks < count && !signal.aborted; looks++) {
    if (looks > 0) await pause(interval * 1_000, signal).catch(() => {});
    if (signal.aborted) return;
    try {
      const samples = await read();
      const at = performance.now();
      const seconds = before ? (at - before.at) / 1_000 : 0;
      show({ last: activityOf(before?.samples, samples, seconds), sinceStart: activityOf(undefined, samples, 0) });
      before = { samples, at };
    } catch (error) {
      if (!before) throw error;
      show(failureOf(error).message);
    }
  }
}

function timeText(): string {
  return `${new Date(systemClock.wall()).toISOString().slice(0, 19)}Z`;
}

function printing(out: Output): (look: Look | string) => void {
  return (look) => {
    const time = timeText();
    if (typeof look === "string") return out.result(`${time} ${look}`, { time, error: look });
    out.result(activityLine(time, look.last), activityObject(time, look.last));
  };
}

function drawing(address: string, interval: number): (look: Look | string) => void {
  const draw = redrawn();
  let shown: readonly string[] = [];
  return (look) => {
    const head = `coatcheck top   ${address}   ${timeText().slice(11)}   every ${interval} s, q ends`;
    if (typeof look !== "string") shown = screen(head, look.last, look.sinceStart);
    draw(typeof look === "string" ? [head, ...shown.slice(1), "", `  ${look}`] : shown);
  };
}
