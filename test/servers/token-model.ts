import type { Proper } from "../../src/dev/proper.ts";

/** What the old refresh token is worth after a refresh (requirements.md section 4). */
export type RotationRule = "none" | "reusable" | "grace" | "until-successor-used" | "strict";

interface Family {
  revoked: boolean;
}

interface RefreshToken {
  readonly family: Family;
  readonly parent: RefreshToken | undefined;
  /** What its latest use brought. */
  successor: RefreshToken | undefined;
  /** Its first use, milliseconds. */
  usedAt: number | undefined;
}

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** Every token that was issued and what became of it; tokens are numbered, so a test can name them. */
export class TokenModel {
  rotation: RotationRule = "strict";
  /** How long a used token stays good under `grace`. Seconds. */
  grace = 30;
  /** Seconds; undefined = none said. */
  accessLife: number | undefined = 3600;
  /** Whether the person at the device page has approved. */
  approved = false;
  interval: number | undefined = 5;
  deviceLife: number = 600;
  /** Members merged into every successful token answer. */
  extra: Record<string, unknown> = {};
  /** Refresh tokens that were presented although consumed. */
  replays = 0;
  readonly #now: () => number;
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #used = new Set<string>();
  #count = 0;

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a refresh token would be accepted now. */
  isGood(refreshToken: string): boolean {
    const token = this.#refreshTokens.get(refreshToken);
    return token !== undefined && !token.family.revoked && this.#allows(token);
  }

  /** How many families a replay or a revocation has ended. */
  get revoked(): number {
    return new Set([...this.#refreshTokens.values()].map(({ family }) => family).filter(({ revoked }) => revoked)).size;
  }

  /** A refresh token of a new grant, for imports. */
  grant(): string {
    return this.#pair().refresh_token;
  }

  /** Ends a grant at the provider. */
  end(refreshToken: string): void {
    const token = this.#refreshTokens.get(refreshToken);
    if (token) token.family.revoked = true;
  }

  startDevice(issuer: string): Record<string, unknown> {
    this.#count += 1;
    return {
      device_code: `device-code-${this.#count}`,
      user_code: `USER-${this.#count}`,
      verification_uri: `${issuer}/activate`,
      verification_uri_complete: `${issuer}/activate?user_code=USER-${this.#count}`,
      expires_in: this.deviceLife,
      ...(this.interval !== undefined && { interval: this.interval }),
    };
  }

  token(form: URLSearchParams): Proper {
    switch (form.get("grant_type")) {
      case DEVICE_CODE:
        return this.approved ? this.#once(form.get("device_code")) : refusal("authorization_pending");
      case "authorization_code":
        return this.#once(form.get("code"));
      case "refresh_token":
        return this.#refresh(form.get("refresh_token") ?? "");
      case "client_credentials":
        return this.#ok(this.#access());
      case TOKEN_EXCHANGE:
        return this.#ok({ ...this.#access(), issued_token_type: ACCESS_TOKEN });
      default:
        return refusal("unsupported_grant_type");
    }
  }

  revoke(form: URLSearchParams): Proper {
    this.end(form.get("token") ?? "");
    return { status: 200, body: {} };
  }

  #once(value: string | null): Proper {
    if (value === null || this.#used.has(value)) return refusal("invalid_grant");
    this.#used.add(value);
    return this.#ok(this.#pair());
  }

  #refresh(value: string): Proper {
    const token = this.#refreshTokens.get(value);
    if (!token || token.family.revoked) return refusal("invalid_grant");
    if (this.rotation === "none") return this.#ok(this.#access());
    if (!this.#allows(token)) {
      this.replays += 1;
      // Who waits for the successor's use knows then that both ends have it: what is older is refused, and harms nobody.
      token.family.revoked = this.rotation !== "until-successor-used";
      return refusal("invalid_grant");
    }
    token.usedAt ??= this.#now();
    return this.#ok(this.#pair(token));
  }

  #allows(token: RefreshToken): boolean {
    switch (this.rotation) {
      case "strict":
        return token.usedAt === undefined;
      case "grace":
        return token.usedAt === undefined || this.#now() - token.usedAt <= this.grace * 1000;
      case "until-successor-used":
        // A second answer takes the place of the first.
        return (!token.parent || token.parent.successor === token) && token.successor?.usedAt === undefined;
      default:
        return true;
    }
  }

  #pair(parent?: RefreshToken) {
    this.#count += 1;
    const refreshToken = `refresh-token-${this.#count}`;
    const token = { family: parent?.family ?? { revoked: false }, parent, successor: undefined, usedAt: undefined };
    if (parent) parent.successor = token;
    this.#refreshTokens.set(refreshToken, token);
    return { ...this.#access(), refresh_token: refreshToken };
  }

  #access() {
    this.#count += 1;
    return {
      access_token: `access-token-${this.#count}`,
      token_type: "Bearer",
      ...(this.accessLife !== undefined && { expires_in: this.accessLife }),
    };
  }

  #ok(members: Record<string, unknown>): Proper {
    return { status: 200, body: { ...members, ...this.extra } };
  }
}

function refusal(error: string): Proper {
  return { status: 400, body: { error } };
}
