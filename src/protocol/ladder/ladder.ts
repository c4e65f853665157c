import type { AuthorizationServer } from "../client.ts";
import type { FoundResource } from "../resource/resource.ts";

/**
 * How the authorization server of an API server is found when only that server's name is known, as data (Matrix: a
 * homeserver's; MSC2965 and the drafts before it).
 */
export interface Ladder {
  readonly kind: "homeserver";
  /** What such an API server is called. */
  readonly noun: string;
  /** Says where the API of a name is (a member path). */
  readonly wellKnown: { readonly path: string; readonly baseUrl: MemberPath };
  /** What every such API server answers: an object with this list. */
  readonly probe: { readonly path: string; readonly list: string };
  /** Newest first. */
  readonly rungs: readonly Rung[];
  /** The login from before OAuth; asked only to tell what there is instead. */
  readonly older: { readonly path: string; readonly list: string; readonly member: string };
  /** `errcode` under 400 that means "no such path here". */
  readonly unrecognized: string;
}

export type MemberPath = readonly string[];

/** One place where the metadata, or the issuer they belong to, may be. */
export interface Rung {
  readonly name: string;
  readonly path: string;
  /** Below the address of the name instead of the API's. */
  readonly atName?: true;
  /** Set where the answer names an issuer only: where in it; the first that is there counts. */
  readonly issuer?: readonly MemberPath[];
  /** Which spelling of the provider's own scopes goes with it. */
  readonly spelling: Spelling;
}

export type Spelling = "stable" | "unstable";

/** An authorization server that was found. */
export interface Located {
  /** Of the API, without final slash. */
  readonly baseUrl: string;
  readonly rung: string;
  readonly spelling: Spelling;
  readonly metadata: AuthorizationServer;
  /** Of an API that says itself what protects it. */
  readonly resource?: FoundResource;
  /** What the metadata lack, though not every grant needs it. */
  readonly warnings: readonly string[];
  /** Seconds (META-09). */
  readonly lifetime: number;
}
