import { type ReadyOptions, USUAL_INTERVAL_S } from "./ready.ts";
import { resume, type Session } from "./session.ts";
import { type ConnectionOptions, call, connect } from "./transport.ts";
import type { PromptData, SessionParameters, SessionStarted } from "./wire.ts";

/** What a person needs: show the code and the address, both, always. */
export interface Prompt {
  /** Empty where the address alone is enough: a login by a person's own broker that comes back to `redirectUri`. */
  readonly userCode: string;
  readonly verificationUri: string;
  /** Where the browser comes back to, on the broker's machine; on another one its person pastes that address (`Session.handIn`). */
  readonly redirectUri?: string;
  /** With the code in it, where the provider offers that: for a QR code. */
  readonly verificationUriComplete?: string;
  /** The page is not on one of the provider's hosts: show this warning and do not open the page automatically. */
  readonly warning?: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Seconds between the broker's looks at the provider: so long an approval may take to be seen. */
  readonly interval: number;
}

export interface StartOptions extends ConnectionOptions, SessionParameters {
  /** An operator's token, for servers that do not let everybody start sessions. */
  readonly token?: string;
  readonly signal?: AbortSignal;
}

export interface LoginOptions extends StartOptions {
  /** Called once, as soon as there is something to show. */
  readonly onPrompt: (prompt: Prompt) => void;
  /** Called each time the broker is lost while waiting. */
  readonly onTrouble?: ReadyOptions["onTrouble"];
}

export interface Started {
  readonly session: Session;
  /** Identifies the session to operators; not a secret. */
  readonly id: string;
  readonly prompt: Prompt;
  /** A login of the same program that was pending already. */
  readonly joined: boolean;
}

/** Starts a login and does not wait: what the person needs is in `prompt`, and `session.ready()` waits. */
export async function start(options: StartOptions): Promise<Started> {
  const { server, scopes, label, flow, coalesce, expected_account, maximum_expiry_seconds, token, signal } = options;
  const started = await call<SessionStarted>(connect(options), {
    method: "POST",
    path: "sessions",
    body: { server, scopes, label, flow, coalesce, expected_account, maximum_expiry_seconds, options: options.options },
    ...(token !== undefined && { bearer: token }),
    ...(signal && { signal }),
  });
  return {
    session: resume(started.session_id, options),
    id: started.id,
    prompt: promptOf(started),
    joined: started.joined === true,
  };
}

/**
 * Signs a person in: starts a login, hands over what to show, waits until the person has decided.
 * Rejects with `CoatcheckError` (`access_denied`, `expired_token` …); an abort cancels the login at the broker.
 *
 * @example
 * ```ts
 * const session = await login({
 *   broker: "https://broker.example.com",
 *   server: "github",
 *   scopes: ["repo"],
 *   onPrompt: ({ verificationUri, userCode }) => console.error(`Open ${verificationUri} and type ${userCode}`),
 * });
 * const response = await session.fetch("https://api.github.com/user");
 * ```
 */
export async function login({ onPrompt, onTrouble, ...options }: LoginOptions): Promise<Session> {
  const { signal } = options;
  const { session, prompt } = await start(options);
  try {
    onPrompt(prompt);
    const { expiresIn } = prompt;
    await session.ready({ expiresIn, ...(signal && { signal }), ...(onTrouble && { onTrouble }) });
    return session;
  } catch (error) {
    if (signal?.aborted) await session.logout({ signal: AbortSignal.timeout(3_000) }).catch(() => {});
    throw error;
  }
}

/** What to show of a login that is pending already: of `session.status()` after a `resume`. */
export function promptOf(pending: PromptData): Prompt {
  const {
    user_code = "",
    verification_uri = "",
    verification_uri_complete,
    verification_warning,
    redirect_uri,
  } = pending;
  return {
    userCode: user_code,
    verificationUri: verification_uri,
    expiresIn: pending.expires_in ?? 0,
    interval: pending.interval ?? USUAL_INTERVAL_S,
    ...(verification_uri_complete !== undefined && { verificationUriComplete: verification_uri_complete }),
    ...(redirect_uri !== undefined && { redirectUri: redirect_uri }),
    ...(verification_warning !== undefined && { warning: verification_warning }),
  };
}
