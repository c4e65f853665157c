import { StoreUnavailable } from "../port.ts";
import { passfileExposure, readSecretFile } from "./secret-file.ts";

/** Where libpq's default socket is: such a connection is looked up as one to `localhost`. */
const DEFAULT_SOCKETS: readonly string[] = ["/tmp", "/run/postgresql", "/var/run/postgresql"];

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

function read(path: string): string {
  return readSecretFile("passfile", path, passfileExposure);
}
