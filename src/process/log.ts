import pino from "pino";

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

export type LogLevel = "info" | "warn" | "error" | "silent";

/** A field of such a name is a mistake; it is blotted out, not printed. */
const SECRETS = ["token", "secret", "password", "code", "authorization", "cookie", "key", "verifier", "state"];

/** Writes to standard error, or to `write` (tests). */
export function createLog(level: LogLevel, write?: (line: string) => void): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: SECRETS,
  };
  const destination = write ? { write, flush: () => {} } : inBatches(pino.destination({ dest: 2, sync: true }));
  const logger = pino(options, destination);
  const line =
    (method: "info" | "warn" | "error") =>
    (event: string, fields: Fields = {}) =>
      orSilent(() => {
        logger[method]({ event, ...fields });
        if (method !== "info") destination.flush();
      });
  return { info: line("info"), warn: line("warn"), error: line("error") };
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
function inBatches(destination: { write(text: string): unknown }) {
  let waiting = "";
  const flush = () => {
    const lines = waiting;
    waiting = "";
    if (lines !== "") orSilent(() => destination.write(lines));
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
