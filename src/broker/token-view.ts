import { endsSoon, type Issued, isRenewable, remainingSeconds } from "../credential/index.ts";

export interface TokenView {
  readonly server: string;
  readonly accessToken: string;
  readonly type: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  /** Whole seconds, rounded down. */
  readonly remainingSeconds?: number;
  readonly scopes: readonly string[];
  readonly extraData: Readonly<Record<string, unknown>>;
  readonly maximumExpirySeconds?: number;
  readonly providerOptions: Readonly<Record<string, string>>;
  /** `self` only. */
  readonly tokenUrlParams?: Readonly<Record<string, string>>;
  /** `sts` only. */
  readonly issuedTokenType?: string;
  readonly warnings: readonly string[];
}

/** What a reader gets: the access token and what to know about it; the refresh token is not in it. */
export function tokenView(state: Issued, now: number): TokenView {
  const remaining = remainingSeconds(state, now);
  const { maximumExpirySeconds, providerOptions, server } = state.grant;
  return {
    server,
    accessToken: state.accessToken,
    type: state.tokenType,
    scopes: state.scopes,
    extraData: state.extraData,
    providerOptions,
    warnings: warningsOf(state, now),
    ...(state.expiresAt !== undefined && { expiresAt: state.expiresAt }),
    ...(remaining !== undefined && { remainingSeconds: remaining }),
    ...(maximumExpirySeconds !== undefined && { maximumExpirySeconds }),
  };
}

/** oauthapp.md 5.2, Warnings: the first trouble that applies, then what is always worth saying. */
function warningsOf(state: Issued, now: number): readonly string[] {
  return [...troubleWarning(state), ...endWarning(state, now), ...state.notices];
}

/** Said where a login is shown, and once where only its tokens are read: it will be so the next time too (FC-07). */
export function scopeWarning({ lackingScopes = [] }: Issued): readonly string[] {
  return lackingScopes.length === 0 ? [] : [`granted scopes lack: ${lackingScopes.join(", ")}`];
}

/** FC-04: whoever reads of it has time to sign in again. */
function endWarning(state: Issued, now: number): readonly string[] {
  if (!state.refreshEnd || !endsSoon(state, now)) return [];
  const at = timeText(state.refreshEnd.at);
  return [`the provider ends this login at ${at}, and refreshing does not extend it: sign in again before then`];
}

/** Before the end of a token that nothing renews. Milliseconds. */
const LAST_MS = 300_000;

/** MCP-T5: said where a login is shown, in time for the next one. */
export function lastTokenWarning(state: Issued, now: number): readonly string[] {
  const { expiresAt } = state;
  if (isRenewable(state) || expiresAt === undefined || now < expiresAt - LAST_MS) return [];
  return [
    `this login ends at ${timeText(expiresAt)}, because the server gave no refresh token: sign in again before then`,
  ];
}

function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

function troubleWarning({ trouble }: Issued): readonly string[] {
  if (!trouble) return [];
  if (trouble.kind === "operator" && trouble.reason.startsWith("server_")) return [trouble.text];
  if (trouble.kind === "dead" || trouble.kind === "operator") return [`token will expire: ${trouble.text}`];
  const times = trouble.attempts === 1 ? "1 attempt" : `${trouble.attempts} attempts`;
  return [`${times} to refresh this token failed, most recently: ${trouble.text}`];
}
