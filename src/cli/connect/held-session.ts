import { CoatcheckError, resume, type Session } from "../../client/index.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, refused } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { type KeptSession, readSessions, type Sessions } from "../kept/sessions-file.ts";
import { brokerAddress, connectionTo } from "./broker.ts";
import { timedFetch } from "./timed-fetch.ts";
import { sayRequests } from "./verbose-fetch.ts";

/** A session that a command works with, and how it is called here. */
export interface Held {
  readonly name: string;
  readonly session: Session;
  /** Absent for one that came by COATCHECK_SESSION. */
  readonly kept?: KeptSession;
  /** The command that signs in again the way it was done. */
  readonly login: readonly string[];
}

/** The session of that name, of that server, or the only one; COATCHECK_SESSION goes before what is kept. */
export async function heldSession(out: Output, name: string | undefined, addr?: string): Promise<Held> {
  const given = environment.COATCHECK_SESSION;
  if (given && name === undefined) {
    return open(out, {
      name: "COATCHECK_SESSION",
      id: given,
      address: brokerAddress(addr),
      login: ["coatcheck", "login"],
    });
  }
  const { kept, ...found } = findSession(readSessions(), name, namedBroker(addr));
  const login = loginCommand({ ...found, kept });
  const held = await open(out, { name: found.name, id: kept.session, address: kept.broker, login });
  return { ...held, kept };
}

/** Where a broker is named by flag or environment, which go before what is kept. */
export interface NamedBroker {
  readonly address: string;
  readonly by: "--addr" | "COATCHECK_ADDR";
}

export function namedBroker(addr: string | undefined): NamedBroker | undefined {
  if (addr !== undefined) return { address: addr, by: "--addr" };
  const address = environment.COATCHECK_ADDR;
  return address ? { address, by: "COATCHECK_ADDR" } : undefined;
}

/** With a broker that is named only its own logins count: a session id is a secret, which no other broker may see. */
export function loginsAt(sessions: Sessions, broker: NamedBroker | undefined): Sessions {
  if (!broker) return sessions;
  const plain = (address: string) => URL.parse(address)?.href ?? address;
  const own = Object.entries(sessions).filter(([, kept]) => plain(kept.broker) === plain(broker.address));
  return Object.fromEntries(own);
}

export interface Found {
  readonly name: string;
  readonly kept: KeptSession;
}

export function findSession(sessions: Sessions, name: string | undefined, broker?: NamedBroker): Found {
  const candidates = matching(loginsAt(sessions, broker), name);
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  if (only) {
    const names = candidates.map((one) => one.name).join(", ");
    throw new CliError("ambiguous", `there are several logins, name one: ${names}`, { exit: EXIT.usage });
  }
  const next = ["coatcheck", "login", ...(name === undefined ? [] : [name])];
  const message = name === undefined ? "nobody is signed in" : `there is no login "${name}"`;
  const isElsewhere = broker && matching(sessions, name).length > 0;
  const where = isElsewhere
    ? ` at ${broker.address} (${broker.by}), and logins of other brokers are not used there`
    : "";
  throw new CliError("login_required", `${message}${where}`, {
    exit: EXIT.login,
    next: broker?.by === "--addr" ? [...next, "--addr", broker.address] : next,
  });
}

/** All, the one of that name, or those of that server. */
function matching(sessions: Sessions, name: string | undefined): readonly Found[] {
  const all = Object.entries(sessions).map(([key, kept]) => ({ name: key, kept }));
  const byName = all.filter((one) => one.name === name);
  if (name === undefined) return all;
  return byName.length > 0 ? byName : all.filter(({ kept }) => kept.server === name);
}

/** What makes this login again: the same server, scopes, flow and name. */
export function loginCommand({
  name,
  kept,
}: {
  readonly name: string;
  readonly kept: Pick<KeptSession, "server" | "scopes" | "flow">;
}): readonly string[] {
  return [
    ...["coatcheck", "login", kept.server],
    ...(name === kept.server ? [] : ["--name", name]),
    ...(kept.scopes.length > 0 ? ["--scopes", kept.scopes.join(",")] : []),
    ...(kept.flow === "page" ? ["--web"] : []),
  ];
}

interface Opening {
  readonly name: string;
  readonly id: string;
  readonly address: string;
  readonly login: readonly string[];
}

async function open(out: Output, { name, id, address, login }: Opening): Promise<Held> {
  const connection = await connectionTo(address, sayRequests(out.verbose));
  const fetch = timedFetch(connection.fetch ?? globalThis.fetch);
  return { name, session: resume(id, { ...connection, fetch }), login };
}

/** A call of the session; what it refuses names the command that signs in again. */
export async function ask<T>({ login }: Pick<Held, "login">, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof CoatcheckError ? refused(error, login) : error;
  }
}
