import { resume, type Session, type SessionData } from "../../client/index.ts";
import { environment } from "../frame/environment.ts";
import { CliError, EXIT, failureOf } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { type KeptSession, keepFinished, readSessions } from "../kept/sessions-file.ts";
import { brokerAddress, connectionTo } from "./broker.ts";
import { findLogin, type KeptLogin, loginWords, namedBroker } from "./find-login.ts";
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
  const given = environment().COATCHECK_SESSION;
  if (given && name === undefined) {
    const session = await open(out, given, brokerAddress(addr));
    return { name: "COATCHECK_SESSION", session, login: ["coatcheck", "login"] };
  }
  const found = await inPlace(out, findLogin(readSessions(), name, namedBroker(addr)));
  const session = await open(out, found.kept.session, found.kept.broker);
  return { ...found, session, login: loginWords(found) };
}

async function open(out: Output, id: string, broker: string): Promise<Session> {
  const connection = await connectionTo(broker, out.verbose);
  return resume(id, { ...connection, fetch: timedFetch(connection.fetch ?? globalThis.fetch) });
}

/** How a login goes that was left to a person: as the broker sees it, or that it cannot be asked. */
export interface LeftLogin {
  /** `ended`: the broker does not know it any more; `unknown`: the broker does not answer. */
  readonly status: SessionData["status"] | "ended" | "unknown";
  readonly account?: string;
  readonly subject?: string;
  /** It has a refresh token, and no refresh has failed last. */
  readonly refreshable?: boolean;
}

export async function leftLogin(out: Output, { session, broker }: KeptSession): Promise<LeftLogin> {
  try {
    const state = await (await open(out, session, broker)).status();
    const account = accountOf(state);
    const refreshable = state.refreshable === true && state.reason === undefined;
    const subject = state.account?.subject;
    const who = { ...(account !== undefined && { account }), ...(subject !== undefined && { subject }) };
    return { status: state.status, refreshable, ...who };
  } catch (error) {
    return { status: failureOf(error).exit === EXIT.login ? "ended" : "unknown" };
  }
}

/** What the broker will give no token for again. */
const OVER: ReadonlySet<LeftLogin["status"]> = new Set(["denied", "expired", "failed", "ended"]);

/** How it ended, where it is over. */
export function overText({ status }: LeftLogin): KeptSession["over"] {
  return OVER.has(status) ? (status as KeptSession["over"]) : undefined;
}

/** A login that was approved while nobody here waited for it takes the place of one that is over. */
export async function inPlace(out: Output, { name, kept }: KeptLogin): Promise<KeptLogin> {
  const { next } = kept;
  if (!next || !OVER.has((await leftLogin(out, kept)).status)) return { name, kept };
  const left = await leftLogin(out, next);
  if (left.status !== "active") return { name, kept };
  const approved = approvedLogin(next, left);
  keepFinished(name, approved);
  return { name, kept: approved };
}

/** How a login is kept once it is approved: of whom it is, and nothing of what was waited for. */
export function approvedLogin(kept: KeptSession, { account, subject }: Pick<KeptSession, "account" | "subject">) {
  const { pending: _pending, expected: _expected, ...rest } = kept;
  return { ...rest, ...(account !== undefined && { account }), ...(subject !== undefined && { subject }) };
}

const LEFT: Readonly<Record<LeftLogin["status"], string>> = {
  pending: "waiting for approval",
  active: "approved",
  denied: "denied",
  expired: "expired before it was approved",
  failed: "failed",
  ended: "ended",
  unknown: "not finished, and its broker does not answer",
};

export function leftText({ status }: LeftLogin): string {
  return LEFT[status];
}

/** Of a session that came by the environment: no login here mends it, and it goes before those that are kept. */
export const GIVEN_UNKNOWN =
  "the broker has ended the session in COATCHECK_SESSION or never knew it: unset COATCHECK_SESSION to use the logins on this machine, or set it to a session that is valid there";

/** A call of the session; what it refuses names the command that signs in again, or waits for who has not decided yet. */
export async function ask<T>({ name, kept, login }: Omit<HeldSession, "session">, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const failure = failureOf(error, login);
    if (!kept && failure.code === "invalid_session")
      throw new CliError(failure.code, GIVEN_UNKNOWN, { exit: failure.exit });
    if (failure.exit !== EXIT.pending || !kept) throw failure;
    const { code, message, exit } = failure;
    throw new CliError(code, message, { exit, next: resumeWords(name) });
  }
}

export function resumeWords(name: string): readonly string[] {
  return ["coatcheck", "login", "--resume", name];
}

/** What the account of an active session is called in files and answers. */
export function accountOf({ account }: Pick<SessionData, "account">): string | undefined {
  return account?.name ?? account?.subject;
}
