import { CoatcheckError } from "./errors.ts";
import { moment, pause, secondsSince } from "./time.ts";
import type { SessionData } from "./wire.ts";

export interface ReadyOptions {
  readonly signal?: AbortSignal;
  /** Seconds after which the waiting ends even if the broker stays away; its answers say it too. */
  readonly expiresIn?: number;
  /** Told each time the broker is lost while waiting; the waiting goes on. */
  readonly onTrouble?: (error: CoatcheckError) => void;
  /** Told at each answer that says that the person has not decided yet; at least every half minute. */
  readonly onPending?: (state: SessionData) => void;
}

/** Longest that one request waits for a change. Seconds. */
const LONG_POLL_S = 30;

/** Pauses while the broker is away: doubled from the first to the second. Milliseconds. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** Between two answers that nothing has changed, where something on the way does not let a request wait. Seconds. */
const LEAST_INTERVAL_S = 1;
export const USUAL_INTERVAL_S = 5;

type Status = (options: { readonly wait: number; readonly signal?: AbortSignal }) => Promise<SessionData>;

/** A broker that is away does not end a login before its code has run out: until then it may be back. */
export async function waitUntilReady(status: Status, options: ReadyOptions = {}): Promise<SessionData> {
  const { signal, onTrouble, onPending } = options;
  const code = countDown(options.expiresIn);
  let wait = 0;
  for (let lost = FIRST_PAUSE_MS; ; ) {
    signal?.throwIfAborted();
    const asked = moment();
    const isLast = code.left() === 0;
    try {
      const state = await status({ wait, ...(signal && { signal }) });
      if (state.status === "active") return state;
      if (state.status !== "pending") throw loginError(state);
      code.restart(state.expires_in);
      onPending?.(state);
      const interval = Math.max(state.interval ?? USUAL_INTERVAL_S, LEAST_INTERVAL_S) - secondsSince(asked);
      if (wait > 0 && interval > 0) await pause(Math.min(interval, code.left() + LEAST_INTERVAL_S) * 1_000, signal);
      wait = Math.min(LONG_POLL_S, Math.ceil(code.left()) + 1);
      lost = FIRST_PAUSE_MS;
    } catch (error) {
      if (!(error instanceof CoatcheckError) || error.fixedBy !== "time") throw error;
      if (isLast) throw expiredCode(error);
      onTrouble?.(error);
      await pause(Math.min(Math.max((error.retryAfter ?? 0) * 1_000, lost), code.left() * 1_000), signal);
      lost = Math.min(lost * 2, LONGEST_PAUSE_MS);
      wait = 0;
    }
  }
}

/** Seconds that a code lives on, as was said last. */
function countDown(expiresIn = Number.POSITIVE_INFINITY) {
  let [from, seconds] = [moment(), expiresIn];
  return {
    left: () => Math.max(0, seconds - secondsSince(from)),
    restart: (said: number | undefined) => {
      if (said !== undefined) [from, seconds] = [moment(), said];
    },
  };
}

function expiredCode(cause: CoatcheckError): CoatcheckError {
  const message = `the code expired while the broker could not be reached (${cause.message})`;
  return new CoatcheckError("expired_token", message, { cause });
}

const ENDED: Readonly<Record<string, readonly [code: string, message: string]>> = {
  denied: ["access_denied", "the person denied the login"],
  expired: ["expired_token", "the code expired before anybody approved the login"],
  failed: ["rejected", "the login failed"],
};

function loginError(state: SessionData): CoatcheckError {
  const [code, message] = ENDED[state.status] ?? ["rejected", "the login failed"];
  return new CoatcheckError(state.reason ?? code, state.error_description ?? message);
}
