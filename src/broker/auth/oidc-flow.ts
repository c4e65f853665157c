import type { AuthMount } from "../auth.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { openContent, plainRow } from "../record/records.ts";
import type { Claims } from "./claims.ts";
import { isOver, placeOf } from "./stored.ts";

/** What a login has brought that is handed on; it is good for its own client at that endpoint alone. */
export interface LoginGrant {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly tokenEndpoint: string;
}

/** Whoever signed in. */
export interface SignedIn {
  readonly claims: Claims;
  readonly grant?: LoginGrant;
}

/** A login of a person, from its beginning until somebody has its token. */
export interface Flow {
  readonly role: string;
  readonly mode: "client" | "direct" | "device";
  readonly redirectUri: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly clientNonce: string;
  readonly address: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Of a browser that has come back: its code, and what its page knows. */
  readonly returned?: { readonly code: string; readonly confirm: string };
  readonly signedIn?: SignedIn;
  /** Its refresh token goes on, by a handle of it. */
  readonly handsOn?: true;
  readonly device?: {
    readonly code: string;
    /** Seconds. */
    readonly interval: number;
    /** Epoch milliseconds. */
    readonly nextAt: number;
  };
}

/** `bao login` and `vault login` listen on their own machine, and pass on state and code alone, with a nonce of theirs (ST-190). */
export function isOfCommand({ mode, redirectUri, clientNonce }: Flow): boolean {
  return mode === "client" && clientNonce !== "" && URL.parse(redirectUri)?.protocol === "http:";
}

export interface KeptFlow {
  readonly id: string;
  readonly revision: number;
  readonly flow: Flow;
}

/** A person has so long. Milliseconds. */
const LIFE_MS = 600_000;

function keyOf(context: Context, mount: AuthMount, state: string) {
  return { mount: placeOf(mount), kind: "secret", name: `oidc/${context.seal.fingerprint(state)}` } as const;
}

export async function findFlow(context: Context, mount: AuthMount, state: string): Promise<KeptFlow | undefined> {
  const row = state === "" ? undefined : await context.store.read(keyOf(context, mount, state));
  if (!row || isOver(context, row)) return undefined;
  return { id: row.id, revision: row.revision, flow: openContent<Flow>(context, row) };
}

/** False where somebody else was faster. */
export function keepFlow(
  context: Context,
  mount: AuthMount,
  state: string,
  flow: Flow,
  before?: KeptFlow,
): Promise<boolean> {
  const place = { ...keyOf(context, mount, state), id: before?.id ?? newId() };
  const row = plainRow(context, place, flow, { task: "expire", dueAt: flow.createdAt + LIFE_MS });
  return context.store.write(row, before ? { id: before.id, revision: before.revision } : { absent: true });
}

/** Whoever ends it has what was in it. */
export function endFlow(context: Context, { id, revision }: KeptFlow): Promise<boolean> {
  return context.store.remove({ id, revision });
}
