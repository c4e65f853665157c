import { resume, type Session, type SessionData } from "../../client/index.ts";
import { environment } from "../frame/environment.ts";
import { failureOf } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { type KeptSession, readSessions } from "../kept/sessions-file.ts";
import { brokerAddress, connectionTo } from "./broker.ts";
import { findLogin, loginWords, namedBroker } from "./find-login.ts";
import { timedFetch } from "./timed-fetch.ts";

/** A session that a command works with, and how it is called here. */
export interface HeldSession {
  readonly name: string;
  readonly session: Session;
  /** Absent for one that came by COATCHECK_SESSION. */
  readonly kept?: KeptSession;
  /** The command that signs in again the way it was done. */
  readonly login: readonly string[];
}

/** The session of that name, of that server, or the only one; COATCHECK_SESSION goes before what is kept. */
export async function heldSession(out: Output, name: string | undefined, addr?: string): Promise<HeldSession> {
  const given = environment.COATCHECK_SESSION;
  if (given && name === undefined) {
    const session = await open(out, given, brokerAddress(addr));
    return { name: "COATCHECK_SESSION", session, login: ["coatcheck", "login"] };
  }
  const found = findLogin(readSessions(), name, namedBroker(addr));
  const session = await open(out, found.kept.session, found.kept.broker);
  return { ...found, session, login: loginWords(found) };
}

async function open(out: Output, id: string, broker: string): Promise<Session> {
  const connection = await connectionTo(broker, out.verbose);
  return resume(id, { ...connection, fetch: timedFetch(connection.fetch ?? globalThis.fetch) });
}

/** A call of the session; what it refuses names the command that signs in again. */
export async function ask<T>({ login }: Pick<HeldSession, "login">, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw failureOf(error, login);
  }
}

/** What the account of an active session is called in files and answers. */
export function accountOf({ account }: Pick<SessionData, "account">): string | undefined {
  return account?.name ?? account?.subject;
}
