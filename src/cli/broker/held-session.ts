import { CoatcheckError, resume, type Session } from "../../client/index.ts";
import { environment } from "../environment.ts";
import { CliError, EXIT, refused } from "../fail.ts";
import { type KeptSession, readSessions, type Sessions } from "../files/sessions-file.ts";
import type { Output } from "../output.ts";
import { brokerAddress, connectionTo } from "./broker.ts";
import { verboseFetch } from "./verbose-fetch.ts";

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
  const found = findSession(readSessions(), name);
  const address = addr ?? found.kept.broker;
  const held = await open(out, { name: found.name, id: found.kept.session, address, login: loginCommand(found) });
  return { ...held, kept: found.kept };
}

export interface Found {
  readonly name: string;
  readonly kept: KeptSession;
}

export function findSession(sessions: Sessions, name: string | undefined): Found {
  const all = Object.entries(sessions).map(([key, kept]) => ({ name: key, kept }));
  const byName = all.filter((one) => one.name === name);
  const candidates =
    name === undefined ? all : byName.length > 0 ? byName : all.filter(({ kept }) => kept.server === name);
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  if (only) {
    const names = candidates.map((one) => one.name).join(", ");
    throw new CliError("ambiguous", `there are several logins, name one: ${names}`, { exit: EXIT.usage });
  }
  const next = ["coatcheck", "login", ...(name === undefined ? [] : [name])];
  const message = name === undefined ? "nobody is signed in" : `there is no login "${name}"`;
  throw new CliError("login_required", message, { exit: EXIT.login, next });
}

/** What makes this login again: the same server, scopes, flow and name. */
export function loginCommand({ name, kept }: Found): readonly string[] {
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
  const connection = await connectionTo(address);
  const fetch = connection.fetch ?? globalThis.fetch;
  const spoken = out.verbose ? { ...connection, fetch: verboseFetch(fetch, out.note) } : connection;
  return { name, session: resume(id, spoken), login };
}

/** A call of the session; what it refuses names the command that signs in again. */
export async function ask<T>({ login }: Pick<Held, "login">, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw error instanceof CoatcheckError ? refused(error, login) : error;
  }
}
