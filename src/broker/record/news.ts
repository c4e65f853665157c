import {
  type Credential,
  endsSoonAt,
  type Identity,
  type Issued,
  isRenewable,
  type PermanentReason,
  type Settings,
} from "../../credential/index.ts";
import { belongsToSession, type Session, sessionEndsSoonAt, sessionOf } from "../../session/index.ts";
import type { Beside, Key, RowContent } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { clientsLeft } from "./own-client.ts";
import { type CredentialContent, credentialRow, plainRow } from "./records.ts";

/**
 * What operators' endpoints are told (docs/webhooks.md). It is a row of the queue that is written with the change it tells of, or
 * with the one that makes it come; so neither is there without the other. No endpoint, no row.
 */

/** Whose login it is. */
export interface Subject {
  readonly mount: string;
  /** Its name in `creds`. */
  readonly credential: string;
  /** Of a program's login. */
  readonly session?: { readonly id: string; readonly label?: string };
  readonly server: string;
  readonly account?: Identity;
}

/** What became of the tokens of a login that was ended. */
export type RevocationResult = "revoked" | "unproved" | "refused" | "given_up";

/** Something that has happened. Holds no secret and no foreign text. Times are epoch milliseconds. */
export type News = { readonly at: number; readonly about: Subject } & (
  | { readonly type: "login.needs_person"; readonly reason: PermanentReason }
  | { readonly type: "login.ends_soon"; readonly endsAt: number; readonly because: "refresh_token" | "session" }
  | { readonly type: "login.revoked"; readonly result: RevocationResult }
);

/**
 * Something that will happen unless things change: whoever is due for it looks again. `end`: the login ends, whatever is
 * refreshed; `lapse`: its access token, which no refresh renews; `session`: the program's session.
 */
export interface Watch {
  readonly watch: "end" | "lapse" | "session";
  readonly mount: string;
  /** Of the credential's row, or of the session's. */
  readonly id: string;
}

export function subjectOf({ mount, name }: Pick<Key, "mount" | "name">, { grant, ...state }: Credential): Subject {
  const login = state.status === "failed" ? state.last : state;
  const account = login && "identity" in login ? login.identity : undefined;
  const label = grant.session?.label;
  return {
    mount,
    credential: name,
    server: grant.server,
    ...(belongsToSession(name) && { session: { id: sessionOf(name), ...(label && { label }) } }),
    ...(account && { account }),
  };
}

/** The row of what has happened: due now. */
export function newsRow(context: Pick<Context, "seal">, news: News): Beside {
  const id = newId();
  const place = { mount: news.about.mount, kind: "news", name: id, id } as const;
  return plainRow(context, place, news, { task: "tell", dueAt: news.at });
}

/** The row of what will happen; takes the place of the one there is for the same. */
function watchRow(context: Pick<Context, "seal">, watch: Watch, dueAt: number): Beside {
  const { mount } = watch;
  const place = { mount, kind: "news", name: `${watch.watch}/${watch.id}`, id: newId() } as const;
  return plainRow(context, place, watch, { task: "tell", dueAt });
}

type Place = Pick<Key, "mount" | "name"> & { readonly id: string };

/** The row of a credential that was `before`, what is to be told of its change, and what is left of the login that it has `replaced`. */
export function changedRow(
  context: Context,
  place: Place,
  before: Credential | undefined,
  content: CredentialContent,
  settings: Settings,
  replaced = before,
): RowContent {
  const row = credentialRow(context, place, content, settings);
  const { credential: next } = content;
  if (next === before) return row;
  const login = before?.status === "issued" ? before : undefined;
  const news =
    context.webhooks.length === 0
      ? []
      : [...deathOf(context, place, login, next), ...endOf(context, place, login, next)];
  const beside = [...clientsLeft(context, place.mount, replaced, next), ...news];
  return { ...row, ...(beside.length > 0 && { beside }) };
}

/** What is to be written beside a program's session when it begins, and when the settings change its end. */
export function besideSession(
  context: Context,
  { mount, id }: Pick<Key, "mount"> & { readonly id: string },
  session: Session,
  settings: Settings,
): { readonly beside?: readonly Beside[] } {
  const dueAt = context.webhooks.length === 0 ? undefined : sessionEndsSoonAt(session, settings);
  return dueAt === undefined ? {} : { beside: [watchRow(context, { watch: "session", mount, id }, dueAt)] };
}

/** A login that stood has ended. One that never came about is known to whoever began it. */
function deathOf(context: Context, place: Place, before: Issued | undefined, next: Credential): readonly Beside[] {
  if (!before || before.trouble?.kind === "dead") return [];
  const dead = next.status === "failed" ? next : next.status === "issued" ? next.trouble : undefined;
  if (!dead || ("kind" in dead && dead.kind !== "dead")) return [];
  const about = subjectOf(place, { ...before, ...next });
  return [newsRow(context, { type: "login.needs_person", at: context.clock.now(), about, reason: dead.reason })];
}

/** An end that moved by less is the same. Milliseconds. */
const SAME_END_MS = 3_600_000;

function endOf(
  context: Context,
  { mount, id }: Place,
  before: Issued | undefined,
  next: Credential,
): readonly Beside[] {
  if (next.status !== "issued" || next.trouble?.kind === "dead") return [];
  const { refreshEnd, expiresAt } = next;
  const known = before?.refreshEnd?.final ? before.refreshEnd.at : Number.NEGATIVE_INFINITY;
  const isNew = refreshEnd?.final && Math.abs(refreshEnd.at - known) > SAME_END_MS;
  const lapses = !isRenewable(next) && expiresAt !== undefined && before?.expiresAt !== expiresAt;
  return [
    ...(isNew ? [watchRow(context, { watch: "end", mount, id }, endsSoonAt(refreshEnd))] : []),
    ...(lapses ? [watchRow(context, { watch: "lapse", mount, id }, expiresAt)] : []),
  ];
}
