import { createHash, randomBytes } from "node:crypto";
import type { Proper } from "../proper.ts";
import { type Clients, listOf } from "./clients.ts";
import type { Profile } from "./profile.ts";
import { Refusal } from "./refusal.ts";
import { type RequestedScopes, readScopes } from "./scopes.ts";
import { matrixError } from "./wire.ts";

interface Code {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly asked: RequestedScopes;
  readonly person: string;
  readonly endsAt: number;
  redeemed?: { readonly at: number; readonly accessToken: string };
}

interface Redemption {
  start(asked: RequestedScopes, person: string): Proper["body"];
  end(accessToken: string): void;
}

/** Authorization codes (MSC2964); the person allows whatever is asked for, at once. */
export class CodeFlow {
  readonly #profile: Profile;
  readonly #now: () => number;
  readonly #codes = new Map<string, Code>();

  /** `now` in epoch milliseconds. */
  constructor(profile: Profile, now: () => number) {
    this.#profile = profile;
    this.#now = now;
  }

  /** The redirect with the code; a request that cannot be answered at its redirect URI is answered here. */
  authorize(target: string, clients: Clients, person: string): Proper {
    const query = new URL(target, "http://homeserver.invalid").searchParams;
    const client = clients.find(query.get("client_id") ?? "");
    const redirectUri = query.get("redirect_uri") ?? "";
    const registered = listOf(client?.metadata.redirect_uris, []);
    if (!client || !registered.includes(withoutPort(redirectUri))) {
      return matrixError(400, "M_INVALID_PARAM", "Unknown client or redirect URI");
    }
    const state = query.get("state") ?? "";
    if (query.get("code_challenge_method") !== "S256") return back(query, { error: "invalid_request", state });
    const asked = readScopes(query.get("scope") ?? "", this.#profile.scopes);
    if (asked.deadEnd) return matrixError(403, "M_FORBIDDEN", "The policy refuses this request");
    const code = randomBytes(16).toString("hex");
    const endsAt = this.#now() + this.#profile.codeFlow.life * 1000;
    const challenge = query.get("code_challenge") ?? "";
    this.#codes.set(code, { clientId: client.id, redirectUri, challenge, asked, person, endsAt });
    return back(query, { code, state });
  }

  /** Throws `Refusal`. */
  redeem(form: URLSearchParams, clientId: string, { start, end }: Redemption): Proper["body"] {
    const code = this.#codes.get(form.get("code") ?? "");
    if (!code || code.clientId !== clientId) throw new Refusal("invalid_grant", "no such code");
    const { replayEndsSessionAfter = Number.POSITIVE_INFINITY } = this.#profile.codeFlow;
    if (code.redeemed) {
      if (this.#now() - code.redeemed.at > replayEndsSessionAfter * 1000) end(code.redeemed.accessToken);
      throw new Refusal("invalid_grant", "the code was used already");
    }
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const meant = challenge === code.challenge && form.get("redirect_uri") === code.redirectUri;
    if (!meant || code.endsAt <= this.#now()) throw new Refusal("invalid_grant", "the code cannot be used");
    const answer = start(code.asked, code.person);
    code.redeemed = { at: this.#now(), accessToken: String(answer.access_token) };
    return answer;
  }
}

/** Any port of a loopback URI is accepted (RFC 8252 section 7.3). */
function withoutPort(redirectUri: string): string {
  return redirectUri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)):\d+/, "$1");
}

function back(query: URLSearchParams, members: Readonly<Record<string, string>>): Proper {
  const separator = query.get("response_mode") === "fragment" ? "#" : "?";
  const location = `${query.get("redirect_uri")}${separator}${new URLSearchParams(members)}`;
  return { status: 302, body: {}, headers: { location } };
}
