import { closeSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pause } from "../../client/time.ts";
import { makeFolder, probeFolder } from "../../process/make-folder.ts";
import { type Child, startSelf } from "../frame/children.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";
import { readSettings, settingsPath } from "../kept/settings-file.ts";
import { type NotedBroker, notedBroker } from "./noted-broker.ts";
import { ownData, ownSocket } from "./own-socket.ts";
import { wayOf } from "./request-way.ts";
import { accepts } from "./unix-socket.ts";

/** Longer than any code lives: a login that nobody waits for goes on until it is decided. Seconds. */
const IDLE_S = 1_800;

/** A broker on an empty folder is there within a second; a machine may be slow. Milliseconds; tests set less. */
const LONGEST_START_MS = Number(environment().COATCHECK_TEST_START_MS ?? 15_000);

/** The token of the broker's operator, who is the same person here. */
export function ownToken(): string {
  return readFileSync(join(ownData(), "root-token"), "utf8").trim();
}

/**
 * Starts the person's own broker if it does not run, and in the place of one that runs with settings that have changed;
 * answers its socket. Several may ask at once: one of them serves.
 */
export async function ensureOwnBroker(): Promise<string> {
  const networks = allowedNetworks();
  const running = await findOwnBroker();
  const noted = notedBroker(ownData());
  // One that has just begun has not written yet what it was started with.
  const isNoted = noted !== undefined && noted.socket === running && noted.process === holder();
  const isOutdated = isNoted && (noted.networks !== networks || isAnotherWay(noted));
  if (running !== undefined && !isOutdated) return running;
  if (running !== undefined && noted) await endBroker(noted);
  return startOwnBroker(networks);
}

/** A command whose environment says nothing of proxies and authorities (cron's) leaves the broker with what it has. */
function isAnotherWay({ way }: NotedBroker): boolean {
  const now = wayOf(environment());
  return now !== "" && now !== way;
}

/** Another one may hold the data: it is about to listen, or to end, or has lost its socket and will have another one soon. */
async function startOwnBroker(networks: string): Promise<string> {
  makeFolder(ownData());
  // Of this command alone until it is known who serves: others start one as well.
  const log = join(ownData(), `broker.log.${process.pid}`);
  let child = startBroker(ownSocket(), log, networks);
  for (const from = performance.now(); performance.now() - from < LONGEST_START_MS; await pause(20)) {
    const socket = await findOwnBroker();
    if (socket !== undefined) {
      endSuperfluous(child, log);
      return socket;
    }
    if (child.exitCode === null) continue;
    if (!lastWords(log).includes("is in use by process")) break;
    child = startBroker(ownSocket(), log, networks);
  }
  // On a full disk there was no room for its words.
  probeFolder(ownData());
  const words = lastWords(log).replace(/^--allow-networks:/, `"allowNetworks" in ${settingsPath()}:`);
  renameSync(log, join(ownData(), "broker.log"));
  // It is left alone: it may be the one that holds the data, for which other commands wait as well, and one too many ends by itself.
  const what = child.exitCode === null ? "has not started yet, and goes on trying" : `did not start: ${words}`;
  throw new CliError("broker_not_started", `your own broker ${what}`, {
    exit: EXIT.broker,
    next: ["coatcheck", "doctor"],
  });
}

/** Another one may have been faster: ours must not come after it one day. */
function endSuperfluous(child: Child, log: string): void {
  if (holder() === child.pid) {
    renameSync(log, join(ownData(), "broker.log"));
  } else {
    child.kill();
    rmSync(log);
  }
}

/** The socket of the one that runs, whichever runtime folder it was started with. */
export async function findOwnBroker(): Promise<string | undefined> {
  const noted = notedBroker(ownData())?.socket;
  if (noted !== undefined && (await accepts(noted))) return noted;
  const usual = ownSocket();
  return (await accepts(usual)) ? usual : undefined;
}

/** The process that holds the data, or held them last. */
export function holder(): number | undefined {
  try {
    return Number(readFileSync(join(ownData(), "coatcheck.db.pid"), "utf8"));
  } catch {
    return undefined;
  }
}

/** Longer than a broker takes to end in order. Milliseconds. */
const LONGEST_END_MS = 10_000;

/** Ends the one that listens there, so that another one can have its data. */
async function endBroker({ socket, process: holder }: NotedBroker): Promise<void> {
  process.kill(holder, "SIGTERM");
  for (const from = performance.now(); performance.now() - from < LONGEST_END_MS; await pause(20)) {
    if (!(await accepts(socket))) return;
  }
}

/** `allowNetworks` of config.json, as `--allow-networks` takes it. */
function allowedNetworks(): string {
  const { allowNetworks: networks = "" } = readSettings();
  if (typeof networks === "string" && !networks.includes("\n")) return networks;
  throw usage(`"allowNetworks" in ${settingsPath()} is not a text like "loopback, 10.0.0.0/8"`);
}

/** By which way requests leave is the same for a person's commands and their broker. */
const OWN_TOO: ReadonlySet<string> = new Set(["COATCHECK_CA_FILE", "COATCHECK_PROXY_RESOLVES"]);

/** Detached, with nothing of the caller's: it outlives this command and keeps no pipe open. */
function startBroker(socket: string, log: string, allowed: string): Child {
  const output = openSync(log, "w", 0o600);
  const networks = allowed === "" ? [] : ["--allow-networks", allowed];
  const args = [
    "serve",
    "--listen",
    `unix:${socket}`,
    "--data",
    ownData(),
    "--idle",
    String(IDLE_S),
    "--loopback",
    ...networks,
  ];
  const env = Object.fromEntries(
    Object.entries(environment()).filter(([name]) => !name.startsWith("COATCHECK_") || OWN_TOO.has(name)),
  );
  const child = startSelf(args, {
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
