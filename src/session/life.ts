import { type Credential, endsSoonAt, type Settings } from "../credential/index.ts";
import type { Session } from "./session.ts";

const HOUR_MS = 3_600_000;

/** A start that nobody finished has died with its process: longer than any operation lasts (120 s). Milliseconds. */
export const START_MS = 150_000;

/** When it ends unless it is used, and when in any case; undefined = never for that reason. */
export interface Ends {
  readonly idleAt?: number;
  readonly at?: number;
}

export function endsOf({ createdAt, lastUsedAt }: Session, settings: Settings): Ends {
  const { sessionIdleSeconds: idle, sessionLifetimeSeconds: life } = settings;
  return { ...(idle > 0 && { idleAt: lastUsedAt + idle * 1000 }), ...(life > 0 && { at: createdAt + life * 1000 }) };
}

/** When its end is soon, whoever uses it; undefined = it has no such end. Epoch milliseconds. */
export function sessionEndsSoonAt(session: Session, settings: Settings): number | undefined {
  const { at } = endsOf(session, settings);
  return at === undefined ? undefined : endsSoonAt({ at, life: settings.sessionLifetimeSeconds });
}

/** When somebody must look at a session again (then it may be over); null = never by itself. */
export function sessionDue(session: Session, credential: Credential, settings: Settings): number | null {
  const { idleAt, at } = endsOf(session, settings);
  const due = [idleAt, at, failedLoginEnds(credential)].filter((moment) => moment !== undefined);
  return due.length === 0 ? null : Math.min(...due);
}

/** Whether it has ended; then its grant is revoked and nothing of it is answered. */
export function isOver(session: Session, credential: Credential, settings: Settings, now: number): boolean {
  const due = sessionDue(session, credential, settings);
  return due !== null && due <= now && credential.status !== "pending";
}

/** A login that came to nothing is told for an hour. A pending one is looked at when it must have ended. */
function failedLoginEnds(credential: Credential): number | undefined {
  if (credential.status === "pending") return credential.expiresAt + HOUR_MS;
  return credential.status === "failed" && !credential.last ? credential.failedAt + HOUR_MS : undefined;
}

/** When a use is written down again: when the last note is an hour old, or a twentieth of the idle life, not at each read. */
export function nextNote({ lastUsedAt }: Session, { sessionIdleSeconds: idle }: Settings): number {
  return lastUsedAt + Math.min(HOUR_MS, idle > 0 ? idle * 50 : HOUR_MS);
}

/** Until when a session that is used now needs no look at itself: nothing is to be noted, and it does not end. */
export function unheededUntil(session: Session, settings: Settings): number {
  const { idleAt, at } = endsOf(session, settings);
  return Math.min(...[nextNote(session, settings), idleAt, at].filter((moment) => moment !== undefined));
}
