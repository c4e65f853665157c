import { createHash, randomBytes } from "node:crypto";
import type { ErrorCode, Profile } from "./profile.ts";
import { Refusal } from "./refusal.ts";
import { registrationProblem } from "./registration-rules.ts";

type Members = Readonly<Record<string, unknown>>;

export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

export interface Client {
  readonly id: string;
  readonly metadata: Members;
  readonly grants: readonly string[];
}

/** Who has registered (RFC 7591). */
export class Clients {
  readonly #clients = new Map<string, Client>();
  readonly #profile: Profile;

  constructor(profile: Profile) {
    this.#profile = profile;
  }

  get count(): number {
    return this.#clients.size;
  }

  find(id: string): Client | undefined {
    return this.#clients.get(id);
  }

  /** Registers a client; its answer. Throws `Refusal`. */
  register(metadata: Members, offered: readonly string[]): Members {
    const problem = registrationProblem(metadata, this.#profile.registration);
    if (problem) throw problem;
    const asked = listOf(metadata.grant_types, ["authorization_code"]);
    const grants = asked.filter((grant) => offered.includes(grant));
    const id = this.#id(metadata);
    this.#clients.set(id, { id, metadata, grants });
    return { ...metadata, client_id: id, grant_types: grants };
  }

  /** The client that a form names, if it may use this grant. Throws `Refusal`. */
  authenticated(form: URLSearchParams, grant: string): Client {
    const client = this.#clients.get(form.get("client_id") ?? "");
    if (!client) throw new Refusal("invalid_client", "unknown client_id");
    if (this.#profile.registration.enforced) {
      if (client.metadata.token_endpoint_auth_method !== "none") throw unauthorized("method");
      if (!client.grants.includes(grant)) throw unauthorized("grant");
    }
    return client;
  }

  /** Whether a client gets refresh tokens. */
  refreshes({ grants }: Client): boolean {
    return !this.#profile.registration.refreshTokenByGrant || grants.includes("refresh_token");
  }

  #id(metadata: Members): string {
    const encoding = this.#profile.registration.clientId;
    if (encoding === "random") return randomBytes(12).toString("base64url");
    const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    return createHash("sha256").update(JSON.stringify(sorted)).digest(encoding);
  }
}

export function listOf(value: unknown, otherwise: readonly string[]): readonly string[] {
  return Array.isArray(value) ? value.map(String) : otherwise;
}

function unauthorized(what: string): Refusal {
  const code: ErrorCode = "unauthorized_client";
  return new Refusal(code, `the client did not register this ${what}`);
}
