import { lookup } from "node:dns";
import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, write } from "node:fs";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";

/** What takes the bytes of a device. */
export interface Sink {
  /** Answers how many of the bytes it has taken; a caller asks again for the rest. Calls back with an error of the system. */
  write(bytes: Uint8Array, done: (error: Error | undefined, taken: number) => void): void;
  /** What was taken may be lost with it: whoever goes on begins with the whole line. */
  readonly isStream: boolean;
  /** The same for the same file. */
  readonly identity: string;
  close(): void;
  /** Ends what hangs, whose write fails then; absent where that cannot be done. */
  abort?(): void;
}

const STANDARD_OUTPUT = 1;

/** Standard output. */
export function openStdout(): Sink {
  return { ...descriptorSink(STANDARD_OUTPUT), identity: "stdout", close: () => {} };
}

/** `mode`: of a file that is made; undefined leaves that to the process. A pipe that nobody reads is an error at once, and never a wait. */
export function openFile(path: string, mode: number | undefined): { readonly sink: Sink; readonly tail: Uint8Array } {
  const { O_WRONLY, O_RDONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode ?? 0o600);
  try {
    const about = fstatSync(descriptor);
    const [size, isFile] = [about.size, about.isFile()];
    if (isFile && size === 0 && mode !== undefined) fchmodSync(descriptor, mode);
    const tail = isFile && size > 0 ? readTail(openSync(path, O_RDONLY), size) : new Uint8Array();
    const identity = `${about.dev}:${about.ino}`;
    return { sink: { ...descriptorSink(descriptor), identity, close: () => closeSync(descriptor) }, tail };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Longer than any line and what is cut of the next (bodies have a mebibyte at most, which escapes can double). Bytes. */
const TAIL = 4_194_304;

function readTail(descriptor: number, size: number): Uint8Array {
  try {
    const bytes = Buffer.alloc(Math.min(size, TAIL));
    const read = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, read);
  } finally {
    closeSync(descriptor);
  }
}

function descriptorSink(descriptor: number): Pick<Sink, "write" | "isStream"> {
  return {
    isStream: false,
    write: (bytes, done) => {
      write(descriptor, bytes, 0, bytes.length, null, (error, taken) => done(error ?? undefined, error ? 0 : taken));
    },
  };
}

/** Where a socket is: a path, or a host and port. */
export type SocketAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** Of what took nothing for so long as an outbox waits. */
export const HANGS = "it took nothing for 5 seconds";

/** Whether the operator has named an address, or the host that it is one of. */
export type IsNamed = (address: string, host: string) => boolean;

/**
 * One connection; when it has ended every write fails, and whoever wants goes on with another one. Only to what the operator has named
 * (ST-140): whoever may enable a device must not reach what is open to the broker's machine alone. Throws for an address that is not.
 */
export function openSocket(where: SocketAddress, isNamed: IsNamed): Sink {
  if ("host" in where && isIP(where.host) > 0 && !isNamed(where.host, where.host)) throw notNamed(where.host);
  const socket: Socket = connect("host" in where ? { ...where, lookup: namedOnly(isNamed) } : where);
  let ended: Error | undefined;
  socket.on("error", (error) => {
    ended = error;
  });
  socket.on("close", () => {
    ended ??= new Error("the reader has closed the connection");
  });
  // It has nothing to say; and its end is noticed.
  socket.resume();
  return {
    isStream: true,
    identity: "",
    write: (bytes, done) => {
      if (ended) return done(ended, 0);
      const over = once(done);
      const onClose = () => over(ended ?? new Error("the connection has ended"), 0);
      socket.once("close", onClose);
      socket.write(bytes, (error) => {
        socket.off("close", onClose);
        over(error ?? undefined, error ? 0 : bytes.length);
      });
    },
    close: () => socket.end(),
    abort: () => socket.destroy(new Error(HANGS)),
  };
}

/** Looked up once, and connected to what was looked at. */
function namedOnly(isNamed: IsNamed): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found = []) => {
      const other = found.find(({ address }) => !isNamed(address, host));
      const [first] = found;
      if (error) callback(error, "", 0);
      else if (other || !first) callback(notNamed(other?.address ?? host), "", 0);
      else if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

function notNamed(address: string): Error {
  return new Error(`${address} is no address that --allow-networks names`);
}

function once(done: (error: Error | undefined, taken: number) => void): typeof done {
  let isOver = false;
  return (error, taken) => {
    if (isOver) return;
    isOver = true;
    done(error, taken);
  };
}
