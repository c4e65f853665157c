import { StoreUnavailable, StoreUnusable } from "../port.ts";
import type { DatabaseTarget } from "./url.ts";

/**
 * https://www.postgresql.org/docs/current/errcodes-appendix.html: classes and codes that pass, or that an operator mends
 * while we run: no connection, transaction in doubt, no room, somebody stops or stopped it, disk, rights and names.
 * Whatever is one of them, the caller keeps what it has; a right that was taken away must not cost a refresh token.
 */
const PASSING = /^(08|53|57|58|28|3D|40|25006$|25P0|55P03$|42501$|42P01$|42883$|3F000$)/;

/** Data or index corrupted. */
const BROKEN = /^XX00[12]$/;

/** The whole statement may be repeated: serialization failure, deadlock. */
const REPEATABLE = /^40(001|P01)$/;

/** Of Node (DNS, TCP, Unix socket). */
const UNREACHABLE =
  /^E(CONN\w+|PIPE|TIMEDOUT|NOTFOUND|AI_\w+|HOSTUNREACH|HOSTDOWN|NETUNREACH|ADDRNOTAVAIL|NOENT|ACCES)$/;

/** Of the driver, which gives these no code. */
const DRIVER = /^(Connection terminated|timeout exceeded|Query read timeout|Client (has encountered|was closed))/;

/** Of TLS: an unknown authority, another name, too old, none offered. */
const TLS =
  /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)|^The server does not support SSL|^There was an error establishing an SSL/;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What names the user, which is nobody's business: only its code is repeated. */
const NAMES_USER = /^(28|53300$)/;

function describe(error: Error): string {
  const code = codeOf(error);
  // When several addresses of one name are tried in vain, there is a code and no message.
  return NAMES_USER.test(code) ? `SQLSTATE ${code}` : error.message || code;
}

export function isRepeatable(error: unknown): boolean {
  return REPEATABLE.test(codeOf(error));
}

/**
 * Whether the connection can be used after this error. An error of the statement leaves it as it was; anything else may
 * not, and a server that takes no writes is to be looked up again, since after a failover its name leads elsewhere.
 */
export function staysUsable(error: unknown): boolean {
  return error instanceof Error && "severity" in error && error.severity === "ERROR" && codeOf(error) !== "25006";
}

/** An error of the driver or the database in the port's words; anything else as it is. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable || error instanceof StoreUnusable) return error;
  const code = codeOf(error);
  if (BROKEN.test(code)) {
    const text = "the database is damaged: stop, and restore a backup";
    return new StoreUnusable(`${text} (${describe(error)})`, { cause: error });
  }
  const passing = "severity" in error ? PASSING.test(code) : UNREACHABLE.test(code) || isTrouble(error, code);
  if (!passing) return error;
  return new StoreUnavailable(`the database cannot be used right now: ${describe(error)}`, { cause: error });
}

function isTrouble({ message }: Error, code: string): boolean {
  return DRIVER.test(message) || TLS.test(code) || TLS.test(message) || message.startsWith("SASL");
}

/** At the start an operator is there to mend it: one sentence that says how, without user and password. */
export function startError(error: unknown, { host, port, database }: DatabaseTarget): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnusable) return error;
  const where = host.startsWith("/") ? host : `${host}:${port}`;
  const say = (text: string) => new StoreUnusable(text, { cause: error });
  const code = codeOf(error);
  if (code === "28P01" || error.message.startsWith("SASL")) {
    return say(`the database at ${where} refused the user or the password: check both in the database's URL`);
  }
  if (code === "28000")
    return say(`the database at ${where} does not allow this user to connect from this host: check its pg_hba.conf`);
  if (code === "3D000") {
    return say(`there is no database "${database ?? ""}" at ${where}: create it, or correct its name in the URL`);
  }
  if (code === "42501") {
    return say(
      "the database user lacks a permission: allow it to create tables in its schema, or run `coatcheck migrate` as a user that may",
    );
  }
  if (TLS.test(code) || TLS.test(error.message)) {
    return say(
      `no trusted TLS connection to the database at ${where} (${code || error.message}): check sslmode and sslrootcert`,
    );
  }
  if (UNREACHABLE.test(code)) {
    return new StoreUnavailable(`the database at ${where} cannot be reached (${code}): start it, or correct its URL`, {
      cause: error,
    });
  }
  return storeError(error);
}
