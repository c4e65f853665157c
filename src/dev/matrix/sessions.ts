import type { Proper } from "../proper.ts";
import type { Profile } from "./profile.ts";
import { Refusal } from "./refusal.ts";

/** One login of one account. */
export interface Session {
  readonly clientId: string;
  readonly person: string;
  readonly scopes: readonly string[];
  readonly device?: string;
  ended: boolean;
  /** The newest refresh token. */
  refreshToken?: string;
}

interface AccessToken {
  readonly session: Session;
  readonly endsAt: number;
  ended: boolean;
  /** When the homeserver last asked about it and found it good: from then on it has been used. */
  goodAt?: number;
}

interface RefreshToken {
  readonly session: Session;
  readonly accessToken: string;
  ended: boolean;
  consumed?: { readonly at: number; readonly successor: string };
}

export type NewSession = Omit<Session, "ended" | "refreshToken">;

/** Every token that was issued and what became of it; they are numbered, so that a test can name them. */
export class Sessions {
  readonly #profile: Profile;
  readonly #now: () => number;
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  #count = 0;
  /** Consumed refresh tokens that came again and were not accepted. */
  replays = 0;

  /** `now` in epoch milliseconds. */
  constructor(profile: Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
  }

  /** The token answer of a new login. Throws `Refusal`. */
  start(wanted: NewSession, withRefresh: boolean): Proper["body"] {
    if (this.#profile.scopes.newDevicesOnly && this.#hasDevice(wanted)) {
      throw new Refusal("invalid_scope", "a device with this id exists already");
    }
    const session: Session = { ...wanted, ended: false };
    const scope = { scope: session.scopes.join(" ") };
    if (withRefresh) return { ...this.#pair(session), ...scope };
    return { ...this.#accessToken(session), ...scope };
  }

  /** A refresh (MSC2964). Throws `Refusal`. */
  refresh(value: string, clientId: string): Proper["body"] {
    const token = this.#refresh.get(value);
    if (!token || token.ended || token.session.ended) throw unknownToken();
    this.#checkClient(token.session, clientId);
    const answer = token.consumed ? this.#replayed(token, token.consumed) : this.#rotate(token);
    const scope = this.#profile.refresh.scope && { scope: token.session.scopes.join(" ") };
    return { ...answer, ...scope };
  }

  /** Whether a refresh token would be accepted now. */
  isGood(value: string): boolean {
    const token = this.#refresh.get(value);
    if (!token || token.ended || token.session.ended) return false;
    return !token.consumed || this.#retryable(token, token.consumed);
  }

  /** Whether a refresh token has obtained another one already. */
  wasUsed(value: string): boolean {
    return this.#refresh.get(value)?.consumed !== undefined;
  }

  /** Every access token that was issued has expired. */
  expireAll(): void {
    for (const token of this.#access.values()) {
      token.ended = true;
      // It has been used all the same.
      if (token.goodAt !== undefined) token.goodAt = Number.NEGATIVE_INFINITY;
    }
  }

  /** Every device has been signed out. */
  endAll(): void {
    for (const { session } of this.#access.values()) session.ended = true;
    this.expireAll();
  }

  /** Ends the session of a token (RFC 7009, MSC4254); false when there is none such. */
  revoke(value: string, hint: string | null): boolean {
    const hintDecides = this.#profile.revocation.hintDecides && hint !== null;
    const refresh = hintDecides && hint !== "refresh_token" ? undefined : this.#refresh.get(value);
    const access = hintDecides && hint !== "access_token" ? undefined : this.#live(value);
    const session = refresh?.session ?? access?.session;
    if (!session || session.ended || refresh?.ended) return false;
    session.ended = true;
    return true;
  }

  /** The session of a token ends at the server. */
  end(value: string): void {
    const session = this.of(value);
    if (session) session.ended = true;
  }

  /** The session of any token, whoever asks. */
  of(value: string): Session | undefined {
    return (this.#refresh.get(value) ?? this.#access.get(value))?.session;
  }

  /** Whom the homeserver takes an access token for; asking is using it. */
  use(value: string): Session | undefined {
    const token = this.#access.get(value);
    if (!token || token.endsAt <= this.#now()) return undefined;
    const { introspectionCache } = this.#profile.homeserver;
    if (token.goodAt !== undefined && token.goodAt + introspectionCache * 1000 > this.#now()) return token.session;
    if (!this.#live(value)) return undefined;
    token.goodAt = this.#now();
    return token.session;
  }

  #live(value: string): AccessToken | undefined {
    const token = this.#access.get(value);
    return token && !token.ended && !token.session.ended && token.endsAt > this.#now() ? token : undefined;
  }

  #hasDevice({ person, device }: NewSession): boolean {
    const sessions = [...this.#access.values()].map(({ session }) => session);
    return sessions.some((one) => !one.ended && one.person === person && one.device === device);
  }

  #checkClient(session: Session, clientId: string): void {
    const rule = this.#profile.refresh.clientId;
    if (rule === "ignored" || session.clientId === clientId) return;
    if (rule === "crash") throw new Refusal("server_error", "refresh token client id mismatch");
    throw unknownToken();
  }

  /** Worth something although consumed. */
  #retryable({ session }: RefreshToken, { at, successor }: NonNullable<RefreshToken["consumed"]>): boolean {
    const { rotation } = this.#profile.refresh;
    if (rotation.kind === "strict") return false;
    if (rotation.kind === "grace") {
      return session.refreshToken === successor && this.#now() - at <= rotation.seconds * 1000;
    }
    const next = this.#refresh.get(successor);
    return next !== undefined && !next.consumed && this.#access.get(next.accessToken)?.goodAt === undefined;
  }

  #replayed(token: RefreshToken, consumed: NonNullable<RefreshToken["consumed"]>): Proper["body"] {
    const { rotation, replayDeletesDevice } = this.#profile.refresh;
    if (!this.#retryable(token, consumed)) {
      this.replays += 1;
      if (replayDeletesDevice) token.session.ended = true;
      throw unknownToken();
    }
    if (rotation.kind === "grace") {
      return { ...this.#accessToken(token.session), refresh_token: consumed.successor };
    }
    const lost = this.#refresh.get(consumed.successor);
    if (lost) lost.ended = true;
    return this.#rotate(token);
  }

  #rotate(token: RefreshToken): Proper["body"] {
    const pair = this.#pair(token.session);
    token.consumed = { at: this.#now(), successor: pair.refresh_token };
    return pair;
  }

  #pair(session: Session) {
    const access = this.#accessToken(session);
    this.#count += 1;
    const value = `refresh-token-${this.#count}`;
    this.#refresh.set(value, { session, accessToken: access.access_token, ended: false });
    session.refreshToken = value;
    return { ...access, refresh_token: value };
  }

  /** All three servers end the session's former access token with it. */
  #accessToken(session: Session) {
    for (const token of this.#access.values()) if (token.session === session) token.ended = true;
    this.#count += 1;
    const value = `access-token-${this.#count}`;
    const { accessLife } = this.#profile.refresh;
    this.#access.set(value, { session, endsAt: this.#now() + accessLife * 1000, ended: false });
    return { access_token: value, token_type: "Bearer", expires_in: accessLife };
  }
}

function unknownToken(): Refusal {
  return new Refusal("invalid_grant", "the refresh token is not valid");
}
