import { CoatcheckError } from "./errors.ts";
import { type Prompt, promptOf } from "./prompt.ts";
import { type ReadyOptions, waitUntilReady } from "./ready.ts";
import { type Connection, call } from "./transport.ts";
import type { SessionData } from "./wire.ts";

export interface RenewOptions {
  /** Scopes to ask for beside those that were asked for before. */
  readonly scopes?: readonly string[];
  readonly signal?: AbortSignal;
}

/** A login that takes the place of a session's. */
export interface Renewal {
  /** What to show; absent when the login was approved just now. */
  readonly prompt?: Prompt;
  /** Waits until the person has decided, as `session.ready()` does; afterwards tokens are of the new login. */
  ready(options?: ReadyOptions): Promise<SessionData>;
}

/**
 * An API wants scopes that the token does not have (RFC 6750 3.1). The program shows `prompt`, awaits `ready()` and repeats
 * its request; `session.fetch` has begun the login, or joined one that waits.
 *
 * @example
 * ```ts
 * try {
 *   return await session.fetch(url);
 * } catch (error) {
 *   if (!(error instanceof StepUpError) || !error.prompt) throw error;
 *   console.error(`Open ${error.prompt.verificationUri} and type ${error.prompt.userCode}`);
 *   await error.ready();
 *   return await session.fetch(url);
 * }
 * ```
 */
export class StepUpError extends CoatcheckError {
  /** What the API asks for; empty where it does not say. */
  readonly scopes: readonly string[];
  /** Absent: no login could be begun; `cause` says why. */
  readonly prompt?: Prompt;
  readonly #renewal: Renewal | undefined;

  constructor(scopes: readonly string[], renewal: Renewal | undefined, cause?: unknown) {
    const wanted = scopes.length > 0 ? ` (${scopes.join(" ")})` : "";
    const { verificationUri = "", userCode = "" } = renewal?.prompt ?? {};
    const how = verificationUri === "" ? "" : `: open ${verificationUri}${userCode && `, code ${userCode}`}`;
    super("insufficient_scope", `the API wants more scopes than the login has${wanted}${how}`, { status: 403, cause });
    this.scopes = scopes;
    this.#renewal = renewal;
    if (renewal?.prompt) this.prompt = renewal.prompt;
  }

  /** Waits until the person has decided; throws this error where no login could be begun. */
  async ready(options?: ReadyOptions): Promise<SessionData> {
    if (!this.#renewal) throw this;
    return this.#renewal.ready(options);
  }
}

interface RenewedSession {
  readonly status: (options: { readonly wait: number; readonly signal?: AbortSignal }) => Promise<SessionData>;
  /** Told when a login was approved. */
  renewed(): void;
}

/** The login that waits, as a session's own would be read. */
const loginOf = (state: SessionData): SessionData => ({ ...state, ...state.login });

export function createRenewal(connection: Connection, bearer: string, { status, renewed }: RenewedSession) {
  return async ({ scopes = [], signal }: RenewOptions = {}): Promise<Renewal> => {
    const body = { scopes };
    const path = "session/login";
    const asked = { method: "POST", path, bearer, body, ...(signal && { signal }) } as const;
    const login = loginOf(await call<SessionData>(connection, asked));
    return {
      ...(login.verification_uri !== undefined && { prompt: promptOf(login) }),
      ready: async (options) => {
        const ready = await waitUntilReady(async (waiting) => loginOf(await status(waiting)), options);
        renewed();
        return ready;
      },
    };
  };
}
