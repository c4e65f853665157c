import type { CodePending } from "../../credential/index.ts";
import { readUserCode, type Session, sessionOf } from "../../session/index.ts";
import type { Row } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { type LoginRequest, UNKNOWN_ADDRESS, type Visitor } from "../sessions.ts";
import { openContent, openCredential } from "./records.ts";
import { openSession } from "./session-records.ts";

/** What a user code leads to. */
export interface PageLogin {
  /** Name of the session's credential. */
  readonly credential: string;
  readonly expiresAt: number;
}

/** A keyed hash: a copy of the database confirms no guess, and 34 bits are quickly guessed. */
export function userCodeKey(context: Context, mount: string, code: string) {
  return { mount, kind: "flow", name: `user-code/${context.seal.fingerprint(code)}` } as const;
}

/** A pending login of the broker's page, with the rows that end with the decision. */
export interface TypedLogin {
  readonly request: LoginRequest;
  readonly codeRow: Row;
  readonly credential: Row;
  readonly state: CodePending;
}

/** The login of a code that somebody typed; undefined for one that is unknown, was decided, or has run out. */
export async function findTypedLogin(
  context: Context,
  mount: string,
  visitor: Visitor,
  typed: string,
): Promise<TypedLogin | undefined> {
  const code = readUserCode(typed);
  const codeRow = code === undefined ? undefined : await context.store.read(userCodeKey(context, mount, code));
  const login = codeRow && openContent<PageLogin>(context, codeRow);
  if (code === undefined || !codeRow || !login || login.expiresAt <= context.clock.now()) return undefined;
  const session = await openSessionOf(context, login.credential);
  const credential = await context.store.read({ mount, kind: "creds", name: login.credential });
  const state = credential && openCredential(context, credential);
  if (!session || !credential || state?.status !== "pending" || state.flow !== "code") return undefined;
  const addresses = [session.address, ...(session.joinedFrom ?? [])];
  const elsewhere = addresses.filter((address) => address !== visitor.address || address === UNKNOWN_ADDRESS);
  // Whoever joins after the page was shown must be seen before the decision.
  const token = context.seal.fingerprint(`decide ${codeRow.id} ${visitor.browser} ${addresses.join(" ")}`);
  const request = { code, session, addresses, elsewhere, token };
  return { request, codeRow, credential, state };
}

async function openSessionOf(context: Context, credential: string): Promise<Session | undefined> {
  const row = await context.store.readById(sessionOf(credential));
  const session = row?.kind === "session" ? openSession(context, row) : undefined;
  if (!session || !("phase" in session) || session.phase !== "open") return undefined;
  const { renewal, joinedFrom: _, ...rest } = session;
  // What is asked for now, and from where.
  return renewal?.credential === credential ? { ...rest, scopes: renewal.scopes, address: renewal.address } : session;
}
