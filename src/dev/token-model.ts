import type { Proper } from "./proper.ts";

/** What the old refresh token is worth after a refresh (requirements.md section 4). */
export type RotationRule = "none" | "reusable" | "strict";

interface Family {
  readonly id: number;
  revoked: boolean;
  /** The one token that is still good under strict rotation. */
  current: string;
}

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/** Every token that was issued and what became of it; tokens are numbered, so a test can name them. */
export class TokenModel {
  rotation: RotationRule = "strict";
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
  readonly #families = new Map<string, Family>();
  readonly #used = new Set<string>();
  #count = 0;

  /** Whether a refresh token would be accepted now. */
  isGood(refreshToken: string): boolean {
    const family = this.#families.get(refreshToken);
    return family !== undefined && !family.revoked && (this.rotation !== "strict" || family.current === refreshToken);
  }

  /** How many families a replay or a revocation has ended. */
  get revoked(): number {
    return new Set([...this.#families.values()].filter((family) => family.revoked)).size;
  }

  /** A refresh token of a new grant, for imports. */
  grant(): string {
    return this.#pair().refresh_token;
  }

  /** Ends a grant at the provider. */
  end(refreshToken: string): void {
    const family = this.#families.get(refreshToken);
    if (family) family.revoked = true;
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

  #refresh(token: string): Proper {
    const family = this.#families.get(token);
    if (!family || family.revoked) return refusal("invalid_grant");
    if (this.rotation === "none") return this.#ok(this.#access());
    if (this.rotation === "strict" && family.current !== token) {
      this.replays += 1;
      family.revoked = true;
      return refusal("invalid_grant");
    }
    return this.#ok(this.#pair(family));
  }

  #pair(family?: Family) {
    this.#count += 1;
    const refreshToken = `refresh-token-${this.#count}`;
    const owner = family ?? { id: this.#count, revoked: false, current: refreshToken };
    owner.current = refreshToken;
    this.#families.set(refreshToken, owner);
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
