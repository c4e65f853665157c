import fc from "fast-check";
import type {
  CodePending,
  Credential,
  DevicePending,
  Event,
  Failed,
  Grant,
  Issued,
} from "../../src/credential/index.ts";
import type { OAuthError, TokenOutcome } from "../../src/protocol/response/outcome.ts";

/** Example states and arbitrary ones, for tests of the credential's life. */
export const NOW = Date.UTC(2026, 10, 22, 12);

export const grant: Grant = { server: "as", scopes: ["read"], providerOptions: {} };

export const device: DevicePending = {
  status: "pending",
  flow: "device",
  grant,
  deviceCode: "dc-1",
  userCode: "WDJB-MJHT",
  verificationUri: "https://as.example/device",
  expiresAt: NOW + 600_000,
  interval: 5,
  unanswered: 0,
  answerLost: false,
  notBefore: NOW,
  startedAt: NOW,
};

export const link: CodePending = {
  status: "pending",
  flow: "code",
  grant,
  url: "https://as.example/authorize?state=s",
  expiresAt: NOW + 600_000,
  startedAt: NOW,
};

export const issued: Issued = {
  status: "issued",
  grant,
  accessToken: "at-1",
  tokenType: "Bearer",
  refreshToken: "rt-1",
  issuedAt: NOW,
  expiresAt: NOW + 3_600_000,
  scopes: ["read"],
  extraData: {},
  notices: [],
  jitter: 0,
};

export const failed: Failed = {
  status: "failed",
  grant,
  reason: "access_denied",
  text: "device code exchange failed: server rejected request: access_denied",
  failedAt: NOW,
};

export function oauthError(code: string, more: Partial<OAuthError> = {}): TokenOutcome & { kind: "refused" } {
  return { kind: "refused", error: { code, providerCode: code, ...more } };
}

export function refused(
  outcome: Exclude<TokenOutcome, { kind: "tokens" }>,
  doubt = false,
): Event & { type: "refused" } {
  return { type: "refused", outcome, text: `text of ${outcome.kind}`, doubt };
}

const codes = [
  "authorization_pending",
  "slow_down",
  "access_denied",
  "expired_token",
  "invalid_grant",
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "whatever",
];

export const anyOutcome: fc.Arbitrary<Exclude<TokenOutcome, { kind: "tokens" }>> = fc.oneof(
  fc
    .record({
      code: fc.constantFrom(...codes),
      interval: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    })
    .map(({ code, interval }) => oauthError(code, interval === undefined ? {} : { interval })),
  fc
    .record({
      status: fc.constantFrom(undefined, 404, 408, 425, 429, 503),
      retryAfter: fc.constantFrom(undefined, 1, 30, 3600),
    })
    .map(({ status, retryAfter }) => ({
      kind: "unavailable" as const,
      text: "authorization server unavailable",
      ...(status !== undefined && { status }),
      ...(retryAfter !== undefined && { retryAfter }),
    })),
  fc.constant({ kind: "ambiguous" as const, text: "no definite answer from the authorization server" }),
);

export const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ outcome: anyOutcome, doubt: fc.boolean() }).map(({ outcome, doubt }): Event => refused(outcome, doubt)),
  fc
    .record({
      accessToken: fc.constantFrom("at-2", ""),
      refreshToken: fc.constantFrom(undefined, "rt-1", "rt-2"),
      expiresIn: fc.constantFrom(undefined, 0, 5, 3600),
    })
    .map(({ accessToken, refreshToken, expiresIn }): Event => {
      const tokens = {
        accessToken,
        tokenType: "Bearer",
        ...(refreshToken !== undefined && { refreshToken }),
        ...(expiresIn !== undefined && { expiresIn }),
      };
      return { type: "issued", issue: { tokens, requestedAt: NOW } };
    }),
  fc.constantFrom(undefined, "rt-1", "rt-3").map((refreshToken): Event => {
    const tokens = { accessToken: "at-3", tokenType: "Bearer", ...(refreshToken !== undefined && { refreshToken }) };
    return { type: "late", issue: { tokens, requestedAt: NOW } };
  }),
  fc.constant<Event>({ type: "declined", error: { code: "access_denied", providerCode: "access_denied" }, text: "no" }),
  fc.constant<Event>({
    type: "identity-refused",
    reason: "id_token_invalid",
    text: "oidc: missing ID token in response",
  }),
  fc.constant<Event>({ type: "subject-changed", text: "somebody else" }),
  fc.constant<Event>({ type: "id-token-judged", notices: ["id_token could not be verified: oidc: no"] }),
  fc.constant<Event>({ type: "server-unusable", reason: "server_missing", text: "gone", doubt: false }),
  fc.constant<Event>({ type: "server-written" }),
  fc.constant<Event>({ type: "server-back" }),
  fc.constant<Event>({ type: "held", until: NOW + 60_000 }),
  fc.constant<Event>({ type: "lapsed" }),
  fc.constant<Event>({ type: "retry" }),
);

export const anyState: fc.Arbitrary<Credential> = fc.constantFrom<Credential>(
  device,
  { ...device, answerLost: true, unanswered: 3, interval: 15 },
  { ...device, suspended: { reason: "invalid_client", text: "suspended" } },
  link,
  issued,
  { ...issued, unverifiedIdToken: { text: "a.b.c", requestedAt: NOW, expiresAt: NOW + 300_000 } },
  { ...issued, trouble: { kind: "suspect", text: "once", attempts: 1, retryAt: NOW + 40_000, since: NOW } },
  {
    ...issued,
    trouble: {
      kind: "temporary",
      reason: "temporarily_unavailable",
      text: "t",
      attempts: 4,
      retryAt: NOW + 9_000,
      since: NOW,
      doubt: true,
    },
  },
  {
    ...issued,
    trouble: {
      kind: "operator",
      reason: "invalid_client",
      text: "o",
      attempts: 2,
      retryAt: NOW + 90_000,
      since: NOW,
      doubt: false,
    },
  },
  { ...issued, sibling: "rt-9" },
  {
    ...failed,
    reason: "lost_in_rotation",
    last: { ...issued, trouble: { kind: "dead", reason: "lost_in_rotation", text: "d", since: NOW } },
  },
  { ...issued, trouble: { kind: "dead", reason: "invalid_grant", text: "d", since: NOW } },
  failed,
);
