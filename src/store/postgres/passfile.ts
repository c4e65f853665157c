import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { StoreUnavailable } from "../port.ts";

/** Where libpq's default socket is: such a connection is looked up as one to `localhost`. */
const DEFAULT_SOCKETS: readonly string[] = ["/tmp", "/run/postgresql", "/var/run/postgresql"];

/** A passfile has a line for each database: more than this is another file. Bytes. */
const LONGEST = 1_048_576;

const OTHERS = 0o077;

interface Server {
  readonly host: string;
  readonly port: number;
}

interface Login {
  readonly database?: string;
  readonly user?: string;
}

/** Throws an `Error` that says what to do about a passfile that will never give a password. */
export function requirePassfile(path: string): void {
  read(path);
}

/**
 * What the driver asks for each new connection: the password of the first line `HOST:PORT:DATABASE:USER:PASSWORD` that fits
 * (https://www.postgresql.org/docs/current/libpq-pgpass.html), so that one that was changed is used at once. Rejects with
 * `StoreUnavailable`, which names neither user nor password.
 */
export function passwordFrom(path: string, { host, port }: Server): (login?: Login) => Promise<string> {
  const name = DEFAULT_SOCKETS.includes(host) ? "localhost" : host;
  return async ({ database = "", user = "" } = {}) => {
    const wanted = [name, String(port), database, user];
    try {
      const lines = read(path)
        .split(/\r?\n/)
        .filter((line) => !line.startsWith("#"));
      const fitting = lines.map((line) => LINE.exec(line)?.slice(1) ?? []);
      const [, , , , found] =
        fitting.find((fields) => wanted.every((value, index) => matches(fields[index], value))) ?? [];
      if (found !== undefined) return unescaped(found);
    } catch (error) {
      throw new StoreUnavailable((error as Error).message, { cause: error });
    }
    throw new StoreUnavailable(
      `passfile: ${path} has no line for this database at ${name}:${port} and its user: add HOST:PORT:DATABASE:USER:PASSWORD`,
    );
  };
}

/** Five fields; a colon or a backslash within one has a backslash before it. */
const LINE = new RegExp(`^${Array.from({ length: 5 }, () => "((?:\\\\.|[^:\\\\])*)").join(":")}`);

function matches(field: string | undefined, value: string): boolean {
  return field === "*" || (field !== undefined && unescaped(field) === value);
}

function unescaped(field: string): string {
  return field.replaceAll(/\\(.)/g, "$1");
}

/** Judged and read through one descriptor, so that nobody changes what lies there in between; a pipe never keeps us. */
function read(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new Error(`passfile: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  try {
    const { mode, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Error(`passfile: ${path} is not a plain file`);
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw new Error(`passfile: other users have access to ${path}: run chmod 0600 ${path}`);
    }
    if (size > LONGEST) throw new Error(`passfile: ${path} is larger than a mebibyte: name the right file`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
