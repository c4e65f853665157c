import { chmodSync, chownSync, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type ListenOptions, type Server } from "node:net";
import { errorCode } from "../error-code.ts";
import type { Listen, ListenPath } from "../process/listening.ts";

/** Connections that wait to be accepted; the system may have a lower limit. */
const BACKLOG = 511;

/** A place where nothing can listen; the message is one sentence that says what to do. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

/**
 * Starts listening. A Unix socket is its owner's alone unless more was asked for, and one that a killed process left behind is
 * taken over: whoever gets here holds the data, and nobody answers at it. Throws `CannotListen`, or a system error.
 */
export async function startServer(server: Server, where: Listen): Promise<void> {
  if ("path" in where && isSocket(where.path) && !(await accepts(where.path))) unlinkSync(where.path);
  const options = "path" in where ? { path: where.path } : { ...where };
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, where)));
    server.listen({ ...options, backlog: BACKLOG } as ListenOptions, resolve);
  });
  server.removeAllListeners("error");
  if ("path" in where) giveRights(server, where);
}

/** The group before the mode: nobody is let in who was not meant. */
function giveRights(server: Server, { path, mode = 0o600, group }: ListenPath): void {
  try {
    if (group !== undefined) chownSync(path, -1, group);
    chmodSync(path, mode);
  } catch (error) {
    server.close();
    const code = errorCode(error);
    throw new CannotListen(`${path} cannot be given to the group ${group} (${code}): this user must be a member of it`);
  }
}

/** Throws as `startServer` does where nothing can listen, and leaves nothing behind: before anything is made for a server. */
export async function requireFree(where: Listen): Promise<void> {
  if (!("host" in where) || where.port === 0) return;
  const server = createServer();
  await startServer(server, where.host === "localhost" ? { ...where, host: "127.0.0.1" } : where);
  await new Promise((closed) => server.close(closed));
}

/** A file of another kind is nobody's socket, and is left alone. */
function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) => resolve(code !== "ECONNREFUSED"));
  });
}

/** No such address on this machine: a name of another, or a kind of address that it does not have. */
const NOT_HERE: ReadonlySet<string | undefined> = new Set(["ENOTFOUND", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAI_AGAIN"]);

const NO_LISTENER: ReadonlySet<string | undefined> = new Set(["EBADF", "EINVAL", "ENOTSOCK"]);

/** Whether listening failed for want of such an address. */
export function isNotHere({ cause }: { readonly cause?: unknown }): boolean {
  return NOT_HERE.has(errorCode(cause));
}

function listenError(error: NodeJS.ErrnoException, listen: Listen): Error {
  const sentence = sentenceOf(error.code, listen);
  return sentence === undefined ? error : new CannotListen(sentence, { cause: error });
}

function sentenceOf(code: string | undefined, listen: Listen): string | undefined {
  const where = nameOf(listen);
  if (code === "EADDRINUSE") {
    return `${where} is in use: stop the program that listens there, or give another address with --listen`;
  }
  if (NOT_HERE.has(code)) return `${where} is not an address of this machine: give another one with --listen`;
  if (code === "EACCES") return `this user may not listen on ${where}: give another address with --listen`;
  if ("fd" in listen && NO_LISTENER.has(code)) {
    return `${where} is no socket that listens: have it passed by systemd, or unset LISTEN_FDS`;
  }
  return undefined;
}

function nameOf(listen: Listen): string {
  if ("fd" in listen) return `the descriptor ${listen.fd} of LISTEN_FDS`;
  return "path" in listen ? listen.path : `${listen.host}:${listen.port}`;
}
