import type { Fields } from "../../mcp/message.ts";
import { addressProblem, type Mac, type Need, type PendingLogin } from "../../mcp/sign-in-calls.ts";
import { endsWithin, systemClock } from "../../process/clock.ts";
import { failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import type { BridgeFlags } from "./bridge-flags.ts";
import type { LoginUnderWay } from "./server/bridge-types.ts";
import type { Door } from "./server/door.ts";

/** MCP-S3: as long as one call waits for a person. Milliseconds. */
const LONGEST_WAIT_MS = 45_000;

/** MCP-L5: begun by a call that needs it, never by a timer, and one at a time; the broker joins those of other bridges. */
export class SigningIn {
  readonly #door: Door;
  readonly #flags: BridgeFlags;
  readonly #onApproved: (login: PendingLogin | undefined) => void;
  #underWay: Promise<LoginUnderWay> | undefined;
  readonly #over = new AbortController();
  #scopes = "";
  #crypto: { readonly mac: Mac; readonly same: (a: string, b: string) => boolean } | undefined;
  /** Whose login it was the last time. */
  account: string | undefined;
  /** Why the last login came to nothing, until another one is begun. */
  failure: string | undefined;

  constructor(door: Door, flags: BridgeFlags, onApproved: (login: PendingLogin | undefined) => void) {
    this.#door = door;
    this.#flags = flags;
    this.#onApproved = onApproved;
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  get isHeld(): boolean {
    return this.#door.held() !== undefined;
  }

  /** Begins or joins a login; another one where more scopes are wanted now. */
  async need(scopes: readonly string[] = [], reason = ""): Promise<Need> {
    const before = this.failure;
    const more = { ...(scopes.length > 0 && { scopes }), ...(before !== undefined && { before }) };
    try {
      const { login } = await this.#begin(scopes);
      const problem = login && addressProblem(login);
      if (problem !== undefined) return { ...more, problem };
      const approved = reason === "token_refused" ? NOT_TAKEN : "it has just been approved: call the tool again";
      return login ? { ...more, login } : { ...more, problem: approved };
    } catch (error) {
      const { message, next } = failureOf(error);
      return { ...more, problem: next ? `${message}; a person can run: ${shellWords(next)}` : message };
    }
  }

  #begin(scopes: readonly string[]): Promise<LoginUnderWay> {
    const wanted = [...scopes].sort().join(" ");
    if (this.#underWay && (wanted === "" || wanted === this.#scopes)) return this.#underWay;
    this.#scopes = wanted;
    this.failure = undefined;
    const underWay = import("./begin-login.ts").then(({ beginLogin }) =>
      beginLogin(this.#door, this.#flags, scopes, this.#over.signal),
    );
    this.#underWay = underWay;
    const over = () => {
      if (this.#underWay === underWay) this.#underWay = undefined;
    };
    underWay.then(({ login, approved }) => {
      approved.then(
        (account) => {
          this.account = account;
          over();
          this.#door.forget();
          this.#onApproved(login);
        },
        (error: unknown) => {
          if (this.#underWay === underWay) this.failure = failureOf(error).message;
          over();
        },
      );
    }, over);
    return underWay;
  }

  /** Whether the login that is under way is approved in time; false too when it came to nothing, or the wait was cancelled. */
  async wait(signal: AbortSignal): Promise<boolean> {
    const underWay = await this.#underWay?.catch(() => undefined);
    if (!underWay) return this.#door.held() !== undefined;
    const isApproved = underWay.approved.then(
      () => true,
      () => false,
    );
    const cancelled = new Promise<boolean>((resolve) => {
      signal.addEventListener("abort", () => resolve(false), { once: true });
      // The answer may have come at once.
      if (signal.aborted) resolve(false);
    });
    const ended = Promise.race([isApproved, cancelled]);
    return (await endsWithin(systemClock, ended, LONGEST_WAIT_MS)) && (await ended);
  }

  /** Nobody waits here any more; the login itself goes on at the broker. */
  end(): void {
    this.#over.abort();
  }

  /** What a call is bound to its login with; a key of this process. */
  async crypto() {
    this.#crypto ??= (await import("./state-mac.ts")).stateMac();
    return this.#crypto;
  }
}

const NOT_TAKEN =
  "the server does not take the login that was just approved: its operator knows why, or call the tool again in a minute for another login";

/** MCP-S3: signs of life while one call waits, for who asked for them. */
export function progressOf(token: unknown, seconds: number): Fields {
  const params = { progressToken: token, progress: seconds, message: "waiting for the person to sign in" };
  return { jsonrpc: "2.0", method: "notifications/progress", params };
}
