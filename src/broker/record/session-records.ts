import { hash, randomBytes } from "node:crypto";
import { publicId, type Session, sessionId } from "../../session/index.ts";
import type { Row, RowContent } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow, type Sealing } from "./records.ts";

/** Another secret of a session: a second program that joined its login. */
export interface Alias {
  /** Public id of the session. */
  readonly alias: string;
}

/** 256 random bits. */
export function newSecret(): string {
  return sessionId(randomBytes(32).toString("base64url"));
}

export function newPublicId(): string {
  return publicId(newId());
}

/** Only this is stored of a session id: its SHA-256 is the row's name. No salt and no slow hash: 256 bits are random. */
export function sessionKey(mount: string, secret: string) {
  return { mount, kind: "session", name: hash("sha256", secret, "base64url") } as const;
}

type Place = { readonly mount: string; readonly name: string; readonly id: string };

export function sessionRow(context: Sealing, place: Place, session: Session, dueAt: number | null): RowContent {
  const due = { server: session.server, task: "expire", ...(dueAt !== null && { dueAt }) } as const;
  return plainRow(context, { ...placeOf(place), kind: "session" }, session, due);
}

export function aliasRow(context: Context, place: Place, alias: Alias, dueAt: number): RowContent {
  return plainRow(context, { ...placeOf(place), kind: "session" }, alias, { task: "expire", dueAt });
}

/** What the seal binds, and no more of a row. */
function placeOf({ mount, name, id }: Place): Place {
  return { mount, name, id };
}

/** Throws `CannotOpen`. */
export function openSession(context: Context, row: Row): Session | Alias {
  return openContent<Session | Alias>(context, row);
}
