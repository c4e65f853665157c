import {
  type Credential,
  type HistoryEntry,
  type Issued,
  isLookedAt,
  lookedAt,
  type Plan,
  plan,
  type Settings,
} from "../../credential/index.ts";
import type { HttpResponse } from "../../protocol/response/http-response.ts";
import { CannotOpen, type Place as SealPlace } from "../../seal/port.ts";
import type { Key, Kind, Row, RowContent } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import type { Ready } from "../process/ready.ts";
import { facetsOf } from "./facets.ts";
import { laneNameOf } from "./grant.ts";

/**
 * The only place that sees plain and sealed side by side (invariant 11): everything stored is made here and opened here.
 * Content is JSON; its place (mount, kind, id, name) is part of the seal, so a blob opens only in its own row.
 */

/** What a `self` row holds: a credential that was issued to the client itself. */
export interface SelfContent {
  readonly credential: Issued;
  readonly tokenUrlParams: Readonly<Record<string, string>>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Place = Key & { readonly id: string };
export type Sealing = Pick<Context, "seal">;

/** Under the key of the row's mount, which is given where its place does not name it. */
function sealAt({ seal }: Sealing, place: SealPlace, value: unknown, mount?: string): Uint8Array {
  const keyId = mount === undefined ? undefined : seal.keyFor(mount);
  return seal.seal(encoder.encode(JSON.stringify(value)), place, keyId);
}

/** Throws `CannotOpen`. */
function openAt<T>(context: Sealing, place: SealPlace, sealed: Uint8Array): T {
  return JSON.parse(decoder.decode(context.seal.open(sealed, place)));
}

export function sealContent(context: Sealing, place: Place, value: unknown): Uint8Array {
  return sealAt(context, contentPlace(place), value);
}

/** Throws `CannotOpen`. */
export function openContent<T>(context: Sealing, row: Row): T {
  return openAt(context, contentPlace(row), row.sealed);
}

/**
 * The same of a row that is read again and again (a server's by each write, login and refresh there; a session's by each of its
 * calls): opened once in ten seconds, while the store knows that it is unchanged. Throws `CannotOpen`.
 */
export function openOften<T extends object>(context: Context, row: Row): T {
  const { readyContents } = context.caches;
  return readyContents.of(row) ?? keptOpen(context, readyContents, row, openContent<T>(context, row));
}

function keptOpen<T>({ store }: Context, ready: Ready<T>, row: Row, opened: T): T {
  if (store.current(row)() === row) ready.keep(row, opened, Number.POSITIVE_INFINITY);
  return opened;
}

function contentPlace(place: Place): SealPlace {
  return { ...placeOf(place), field: "content" };
}

function placeOf({ mount, kind, id, name }: Place) {
  return { mount, kind, id, name };
}

/** Escrow outlives a move of its row (a delete renames it, and never leaves its mount), so only the id is part of its place. */
function escrowPlace(id: string) {
  return { mount: "", kind: "escrow", id, name: "", field: "answer" };
}

/** A raw answer with the moment its request was sent (epoch milliseconds): lives are counted from there. */
export interface Escrowed {
  readonly answer: HttpResponse;
  readonly requestedAt: number;
}

export function sealEscrow(context: Context, { id, mount }: Pick<Row, "id" | "mount">, escrowed: Escrowed): Uint8Array {
  return sealAt(context, escrowPlace(id), escrowed, mount);
}

export function openEscrow(context: Context, row: Row): Escrowed | undefined {
  return row.escrow === null ? undefined : openAt(context, escrowPlace(row.id), row.escrow);
}

/** The rescue journal's own place: a blob of it opens nowhere in the store. */
function rescuePlace(id: string) {
  return { mount: "", kind: "rescue", id, name: "", field: "answer" };
}

interface OfRow extends Escrowed {
  readonly row: Pick<Row, "id" | "mount">;
}

export function sealRescued<T extends OfRow>(context: Context, rescued: T): Uint8Array {
  return sealAt(context, rescuePlace(rescued.row.id), rescued, rescued.row.mount);
}

/** Undefined when it cannot be opened. */
export function openRescued<T>(context: Context, id: string, sealed: Uint8Array): T | undefined {
  try {
    return openAt(context, rescuePlace(id), sealed);
  } catch (error) {
    if (error instanceof CannotOpen) return undefined;
    throw error;
  }
}

/** A blob of its place under its mount's key, or undefined when it is that already. Throws `CannotOpen`. */
function resealed({ seal }: Sealing, sealed: Uint8Array, place: SealPlace, mount: string): Uint8Array | undefined {
  const keyId = seal.keyFor(mount);
  return seal.keyOf(sealed) === keyId ? undefined : seal.seal(seal.open(sealed, place), place, keyId);
}

/** A row's content, sealed anew where another key than its mount's sealed it. Throws `CannotOpen`. */
export function resealedContent(context: Sealing, row: Row): Uint8Array | undefined {
  return resealed(context, row.sealed, contentPlace(row), row.mount);
}

/** The same for the answer in escrow. */
export function resealedEscrow(context: Sealing, row: Row): Uint8Array | undefined {
  return row.escrow === null ? undefined : resealed(context, row.escrow, escrowPlace(row.id), row.mount);
}

/** The same for an answer in the rescue journal, which says itself of which mount it is. */
export function resealedRescue(context: Sealing, { id, sealed }: Pick<Row, "id" | "sealed">): Uint8Array | undefined {
  const place = rescuePlace(id);
  return resealed(context, sealed, place, openAt<OfRow>(context, place, sealed).row.mount);
}

/** What a `creds` row holds: the credential, and how it came to be so. */
export interface CredentialContent {
  readonly credential: Credential;
  readonly history: readonly HistoryEntry[];
}

/** Of a `creds` or a `self` row. Throws `CannotOpen`. */
export function openCredential(context: Context, row: Row): Credential {
  return openContent<Pick<CredentialContent, "credential">>(context, row).credential;
}

/**
 * The login of a session, opened as seldom as by `openOften`, to be looked at and never to be stored: it is kept without its refresh
 * token, which lies in memory only while it is used. One that waits or has failed is opened each time. Throws `CannotOpen`.
 */
export function openLogin(context: Context, row: Row): Credential {
  const { readyLogins } = context.caches;
  const ready = readyLogins.of(row);
  if (ready) return ready;
  const state = openCredential(context, row);
  return state.status === "issued" ? keptOpen(context, readyLogins, row, lookedAt(state)) : state;
}

export function openHistory(context: Context, row: Row): readonly HistoryEntry[] {
  return openContent<CredentialContent>(context, row).history;
}

/** The row of a credential, with its due time: the queue is an index over these rows. */
export function credentialRow(
  context: Sealing,
  place: { mount: string; name: string; id: string },
  { credential, history }: CredentialContent,
  settings: Settings,
): RowContent {
  const key = { mount: place.mount, kind: "creds", name: place.name, id: place.id } as const;
  if (credential.status === "issued" && isLookedAt(credential)) throw new Error("stored from what was only looked at");
  const next: Plan = plan(credential, settings);
  const refreshToken = credential.status === "issued" ? credential.refreshToken : undefined;
  return {
    ...key,
    server: laneNameOf(credential.grant),
    task: next.task,
    dueAt: next.dueAt === null ? null : Math.ceil(next.dueAt),
    lineage: refreshToken === undefined ? null : context.seal.fingerprint(refreshToken),
    sealed: sealContent(context, key, { credential, history } satisfies CredentialContent),
    facets: facetsOf(context, place.mount, credential),
  };
}

/** A row of the client's own token; it is not due by itself. */
export function selfRow(
  context: Sealing,
  { mount, name, id }: { readonly mount: string; readonly name: string; readonly id: string },
  content: SelfContent,
): RowContent {
  const { credential } = content;
  const row = plainRow(context, { mount, kind: "self", name, id }, content, { server: credential.grant.server });
  return { ...row, facets: facetsOf(context, mount, credential) };
}

/** A row that is due at one known time, or never. */
export function plainRow(
  context: Sealing,
  place: { mount: string; kind: Kind; name: string; id: string },
  value: unknown,
  due: { server?: string; task?: RowContent["task"]; dueAt?: number; lineage?: string | null } = {},
): RowContent {
  return {
    ...placeOf(place),
    server: due.server ?? null,
    task: due.task ?? null,
    dueAt: due.dueAt === undefined ? null : Math.ceil(due.dueAt),
    lineage: due.lineage ?? null,
    sealed: sealContent(context, place, value),
  };
}
