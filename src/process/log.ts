import { writeSync } from "node:fs";
import { errorCode } from "../error-code.ts";

/**
 * JSON lines for people who operate it. An event is a name; its fields are chosen one by one where it is written, and
 * none of them is a secret, a body, a query or a foreign text.
 */
export interface Log {
  info(event: string, fields?: Fields): void;
  warn(event: string, fields?: Fields): void;
  error(event: string, fields?: Fields): void;
}

export type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const LEVELS = ["info", "warn", "error"] as const;

export type LogLevel = (typeof LEVELS)[number] | "silent";

/** A field of such a name is a mistake; it is blotted out, not printed. */
const SECRETS: ReadonlySet<string> = new Set([
  ...["token", "secret", "password", "code", "authorization", "cookie", "key", "verifier", "state"],
]);

/** Writes to standard error, or to `write` (tests). */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const least = level === "silent" ? LEVELS.length : LEVELS.indexOf(level);
  const destination = write ? { write, flush: () => {} } : inBatches();
  const line = (index: number) => {
    if (index < least) return () => {};
    return (event: string, fields: Fields = {}) =>
      orSilent(() => {
        destination.write(lineOf(LEVELS[index] ?? "error", event, fields));
        if (index > 0) destination.flush();
      });
  };
  return { info: line(0), warn: line(1), error: line(2) };
}

/** By hand: with its part of the write 2.5 µs, where a logger for any value took 4.6 (docs/benchmarks.md). Names of fields need no escapes. */
function lineOf(level: string, event: string, fields: Fields): string {
  let line = `{"level":"${level}","time":"${timeNow()}","event":${JSON.stringify(event)}`;
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) line += `,"${name}":${SECRETS.has(name) ? '"[Redacted]"' : JSON.stringify(value)}`;
  }
  return `${line}}\n`;
}

let told = { at: 0, text: "" };

/** RFC 3339, made once a millisecond. */
function timeNow(): string {
  const at = Date.now();
  if (at !== told.at) told = { at, text: new Date(at).toISOString() };
  return told.text;
}

/** The disk is full, or nobody reads: what is being done is worth more than its log line. */
function orSilent(say: () => void): void {
  try {
    say();
  } catch {}
}

/**
 * Lines of one turn of the event loop go out in one write, which costs more than all else of a line; the last ones before the process
 * exits. What is killed loses those of its last turn, but for warnings and errors, which wait for nothing.
 */
function inBatches() {
  let waiting = "";
  const flush = () => {
    const lines = waiting;
    waiting = "";
    if (lines !== "") orSilent(() => writeOut(lines));
  };
  process.once("exit", flush);
  return {
    flush,
    write: (line: string) => {
      if (waiting === "") setImmediate(flush);
      waiting += line;
    },
  };
}

const STANDARD_ERROR = 2;

/** Pause before a pipe that takes nothing more is tried again. Milliseconds. */
const FULL_PIPE_MS = 10;

/** All of it, also where a pipe takes a part at a time. */
function writeOut(text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STANDARD_ERROR, rest));
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
}
