import { readFileSync } from "node:fs";
import { socketPathProblem } from "./socket-path.ts";

/** Where a server listens: an address, a Unix socket, or a socket that listens already. */
export type Listen = ListenAddress | ListenPath | Inherited;

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface ListenPath {
  readonly path: string;
  /** By default its owner's alone. */
  readonly mode?: number;
  /** Id of the group it belongs to. */
  readonly group?: number;
}

/** A descriptor of this process (systemd's socket activation). */
export interface Inherited {
  readonly fd: number;
}

/** Who may connect to Unix sockets. */
export type SocketRights = Pick<ListenPath, "mode" | "group">;

/** `HOST:PORT` or `unix:PATH`. Throws an `Error` whose message is one sentence that says what to do. */
export function parseListen(text: string, rights: SocketRights, flag: string): Listen {
  if (text.startsWith("unix:") && text.length > 5) {
    const path = text.slice(5);
    const problem = socketPathProblem(path);
    if (problem !== undefined) throw new Error(`${problem}: give a shorter one with ${flag}`);
    return { path, ...rights };
  }
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]*)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    throw new Error(`cannot listen on "${text}": give HOST:PORT like 127.0.0.1:8200, or unix:PATH`);
  }
  return { host: match[1] ?? (match[2] || "0.0.0.0"), port };
}

const EVERYWHERE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** How a host that is listened on is reached from this machine, as URLs have it. */
export function hostInUrl(host: string): string {
  const reached = EVERYWHERE[host] ?? host;
  return reached.includes(":") ? `[${reached}]` : reached;
}

/** Nobody else's traffic can be seen there. Of a socket that was passed nothing is known, and its owner knows what it is. */
export function isThisMachine(where: Listen): boolean {
  return !("host" in where) || /^(127\.|::1$|localhost$)/.test(where.host);
}

/** `--socket-mode` and `--socket-group`. Throws like `parseListen`. */
export function socketRights(mode: string | undefined, group: string | undefined): SocketRights {
  return { ...(mode && { mode: modeOf(mode) }), ...(group && { group: groupOf(group) }) };
}

function modeOf(text: string): number {
  const mode = /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : 0;
  if ((mode & 0o600) === 0o600) return mode;
  throw new Error(
    `--socket-mode: "${text}" is not a mode of a socket: give one like 0660, of which the owner may read and write`,
  );
}

/** By its number, or by its name in the system's file (group(5)). */
function groupOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const fields = groupFile().map((line) => line.split(":"));
  const id = fields.find(([name]) => name === text)?.[2];
  if (id !== undefined && /^\d+$/.test(id)) return Number(id);
  throw new Error(`--socket-group: this machine has no group "${text}" in /etc/group: give another one, or its number`);
}

function groupFile(): readonly string[] {
  try {
    return readFileSync("/etc/group", "utf8").split("\n");
  } catch {
    return [];
  }
}

/** The first descriptor that is passed (sd_listen_fds(3)). */
const FIRST = 3;
const MOST = 64;

/**
 * What systemd passes to this very process (sd_listen_fds(3)): sockets that listen already, by their names. The variables are
 * taken away, since children have no such descriptors.
 */
export function passedSockets(
  env: Record<string, string | undefined>,
  pid = process.pid,
): readonly (Inherited & { readonly name: string })[] {
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = "" } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
  const count = /^\d{1,2}$/.test(LISTEN_FDS ?? "") ? Math.min(Number(LISTEN_FDS), MOST) : 0;
  if (LISTEN_PID !== String(pid)) return [];
  const names = LISTEN_FDNAMES.split(":");
  return Array.from({ length: count }, (_, index) => ({ fd: FIRST + index, name: names[index] ?? "" }));
}
