import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../../client/time.ts";
import { makeFolder } from "../../process/make-folder.ts";
import { BIN } from "../frame/bin-path.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT } from "../frame/fail.ts";
import { runtimeFolder, stateFolder } from "../kept/folders.ts";
import { readSettings } from "../kept/settings-file.ts";
import { notedSocket } from "./noted-socket.ts";
import { accepts } from "./unix-socket.ts";

/** Longer than any code lives: a login that nobody waits for goes on until it is decided. Seconds. */
const IDLE_S = 1_800;

/** A broker on an empty folder is there within a second; a machine may be slow. Milliseconds. */
const LONGEST_START_MS = 15_000;

/** The socket of a person's own broker. */
function ownSocket(): string {
  return join(runtimeFolder(true) ?? "", "broker.sock");
}

function ownData(): string {
  return join(stateFolder(), "broker");
}

/** The token of the broker's operator, who is the same person here. */
export function ownToken(): string {
  return readFileSync(join(ownData(), "root-token"), "utf8").trim();
}

/** Starts the person's own broker if it does not run; answers its socket. Several may ask at once: one of them serves. */
export async function ensureOwnBroker(): Promise<string> {
  const running = await findOwnBroker();
  if (running !== undefined) return running;
  const log = join(ownData(), "broker.log");
  const child = startBroker(ownSocket(), log);
  for (const from = performance.now(); performance.now() - from < LONGEST_START_MS; await pause(20)) {
    const socket = await findOwnBroker();
    if (socket !== undefined) {
      // Another one was faster: ours must not come after it one day.
      if (holder() !== child.pid) child.kill();
      return socket;
    }
    // Another one holds the data: it is about to listen, or this one's own words say what is wrong.
    if (child.exitCode !== null && !lastWords(log).includes("is in use by process")) break;
  }
  child.kill();
  throw new CliError("broker_not_started", `your own broker did not start: ${lastWords(log)}`, {
    exit: EXIT.broker,
    next: ["coatcheck", "doctor"],
  });
}

/** The socket of the one that runs, whichever runtime folder it was started with. */
async function findOwnBroker(): Promise<string | undefined> {
  for (const socket of [notedSocket(ownData()), ownSocket()]) {
    if (socket !== undefined && (await accepts(socket))) return socket;
  }
  return undefined;
}

/** The process that holds the data. */
function holder(): number {
  return Number(readFileSync(join(ownData(), "coatcheck.db.pid"), "utf8"));
}

/** Detached, with nothing of the caller's: it outlives this command and keeps no pipe open. */
function startBroker(socket: string, log: string): ChildProcess {
  makeFolder(ownData());
  const output = openSync(log, "w", 0o600);
  const { allowNetworks } = readSettings();
  const networks = allowNetworks === undefined ? [] : ["--allow-networks", allowNetworks];
  const args = ["serve", "--listen", `unix:${socket}`, "--data", ownData(), "--idle", String(IDLE_S), ...networks];
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("COATCHECK_")));
  const child = spawn(process.execPath, [BIN, ...args], {
    detached: true,
    stdio: ["ignore", "ignore", output],
    cwd: ownData(),
    env: { ...env, COATCHECK_LOG_LEVEL: "warn" },
  });
  closeSync(output);
  child.unref();
  return child;
}

function lastWords(log: string): string {
  const text = readFileSync(log, "utf8").trim();
  return text === "" ? "it wrote nothing to its log" : (text.split("\n").at(-1) ?? "").replace(/^coatcheck: /, "");
}
