import { statSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../../client/time.ts";
import { CliError, EXIT } from "../frame/fail.ts";
import { type NotedBroker, notedBroker } from "./noted-broker.ts";
import { findOwnBroker, holder } from "./own-broker.ts";
import { ownData } from "./own-socket.ts";

/** A person's own broker, as it is found: nothing is started for it. */
export interface OwnBrokerState {
  readonly running: boolean;
  readonly data: string;
  /** What it writes its warnings to. */
  readonly log: string;
  readonly socket?: string;
  readonly process?: number;
  /** When it was started. Epoch milliseconds. */
  readonly since?: number;
  /** Its `--allow-networks`. */
  readonly networks?: string;
}

export async function ownBrokerState(): Promise<OwnBrokerState> {
  const data = ownData();
  const at = { data, log: join(data, "broker.log") };
  const socket = await findOwnBroker();
  if (socket === undefined) return { running: false, ...at };
  const process = holder();
  const noted = notedBroker(data);
  return {
    running: true,
    ...at,
    socket,
    ...(process !== undefined && { process, ...sinceOf(data) }),
    ...(isOf(noted, process) && noted.networks !== "" && { networks: noted.networks }),
  };
}

function isOf(noted: NotedBroker | undefined, process: number | undefined): noted is NotedBroker {
  return noted !== undefined && noted.process === process;
}

/** The holder writes its number down as it starts. */
function sinceOf(data: string): { readonly since?: number } {
  const written = statSync(join(data, "coatcheck.db.pid"), { throwIfNoEntry: false });
  return written ? { since: written.mtimeMs } : {};
}

/** Longer than a broker takes to end what is under way. Milliseconds. */
const LONGEST_END_MS = 15_000;

/** Ends it in order, and waits until it has gone; false when none runs. */
export async function stopOwnBroker(): Promise<boolean> {
  const { running, process: holding } = await ownBrokerState();
  if (!running || holding === undefined) return false;
  process.kill(holding, "SIGTERM");
  for (const from = performance.now(); performance.now() - from < LONGEST_END_MS; await pause(20)) {
    if (!isAlive(holding)) return true;
  }
  throw new CliError("broker_not_stopped", `your own broker (process ${holding}) has not ended yet`, {
    exit: EXIT.broker,
    next: ["kill", "-9", String(holding)],
  });
}

/** Whether there is a process of ours with this id. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
