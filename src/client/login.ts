import { type Prompt, promptOf } from "./prompt.ts";
import type { ReadyOptions } from "./ready.ts";
import { resume, type Session, type SessionOptions } from "./session.ts";
import { call, connect } from "./transport.ts";
import type { SessionParameters, SessionStarted } from "./wire.ts";

export interface StartOptions extends SessionOptions, SessionParameters {
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
