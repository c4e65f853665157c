import type { Credential, Issued } from "./credential.ts";
import { isRenewable } from "./judge.ts";
import { refreshWindow, type Settings } from "./settings.ts";

/** What to do with a credential next, and when (epoch milliseconds); nothing when `task` is null. */
export type Plan =
  | { readonly task: "poll" | "expire" | "refresh" | "reap"; readonly dueAt: number }
  | { readonly task: null; readonly dueAt: null };

const NOTHING: Plan = { task: null, dueAt: null };

/** Jitter of a refresh: at most a tenth of the token's life and 5 minutes (oauthapp.md 8.2). */
const LARGEST_JITTER_MS = 300_000;

const DAY_MS = 86_400_000;

/** The one due time of a credential: the earliest thing that must happen by itself. */
export function plan(state: Credential, settings: Settings): Plan {
  switch (state.status) {
    case "pending":
      if (state.flow === "code" || state.suspended) return { task: "expire", dueAt: state.expiresAt };
      return { task: "poll", dueAt: Math.min(state.notBefore, state.expiresAt) };
    case "failed":
      return reapPlan(reapAt(settings, settings.reapRevokedSeconds, Math.max(state.failedAt, state.expiredAt ?? 0)));
    case "issued":
      return earlier(refreshPlan(state, settings), reapPlan(reapIssuedAt(state, settings)));
    default:
      return state satisfies never;
  }
}

function earlier(a: Plan, b: Plan): Plan {
  if (a.task === null) return b;
  if (b.task === null) return a;
  return a.dueAt <= b.dueAt ? a : b;
}

function refreshPlan(state: Issued, settings: Settings): Plan {
  const dueAt = refreshAt(state, settings);
  return dueAt === undefined ? NOTHING : { task: "refresh", dueAt };
}

/** When the background refreshes; undefined = never by itself. */
function refreshAt(state: Issued, settings: Settings): number | undefined {
  const { trouble } = state;
  if (state.refreshToken === undefined || trouble?.kind === "dead") return undefined;
  // A doubt is resolved whatever the interval says: waiting only ends a provider's grace.
  const doubt = trouble && "doubt" in trouble && trouble.doubt;
  if (settings.refreshCheckIntervalSeconds === 0 && !doubt) return undefined;
  if (trouble) return trouble.retryAt;
  const { expiresAt, refreshEnd } = state;
  const window = refreshWindow(settings) * 1000;
  const ofAccess = expiresAt === undefined ? undefined : dueBefore(state, expiresAt, window);
  // FC-04: also before the refresh token ends, with time for an outage; unless no refresh moves that end.
  const ofRefresh =
    refreshEnd && !refreshEnd.final
      ? dueBefore(state, refreshEnd.at, Math.max(window, Math.min(DAY_MS, refreshEnd.life * 100)))
      : undefined;
  const due = [ofAccess, ofRefresh].filter((at) => at !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}

/** So long before an end, but not in the first half of what it leaves. Milliseconds. */
function dueBefore({ issuedAt, jitter: random }: Issued, end: number, window: number): number {
  const life = end - issuedAt;
  const jitter = random * Math.min(life * 0.1, LARGEST_JITTER_MS);
  return Math.max(issuedAt + life / 2, end - window - jitter);
}

function reapPlan(dueAt: number | undefined): Plan {
  return dueAt === undefined ? NOTHING : { task: "reap", dueAt };
}

/** 0 seconds = this kind is never reaped; a check interval of 0 = nothing is. */
function reapAt(settings: Settings, seconds: number, reference: number): number | undefined {
  return seconds === 0 || settings.reapCheckIntervalSeconds === 0 ? undefined : reference + seconds * 1000;
}

/** oauthapp.md 8.5: the first row that matches. An access token that never expires protects. */
function reapIssuedAt(state: Issued, settings: Settings): number | undefined {
  const { trouble, expiresAt } = state;
  if (expiresAt === undefined) return undefined;
  const reference = Math.max(expiresAt, trouble?.since ?? 0);
  if (trouble?.kind === "dead") return reapAt(settings, settings.reapRevokedSeconds, reference);
  const transient = reapTransientAt(state, settings, reference);
  if (transient !== undefined) return transient;
  if (trouble?.kind === "operator" && trouble.reason === "server_missing") {
    return reapAt(settings, settings.reapServerDeletedSeconds, reference);
  }
  if (trouble?.kind === "operator" || isRenewable(state)) return undefined;
  return reapAt(settings, settings.reapNonRefreshableSeconds, expiresAt);
}

function reapTransientAt(state: Issued, settings: Settings, reference: number): number | undefined {
  const { reapTransientErrorAttempts: attempts, reapTransientErrorSeconds: seconds } = settings;
  if (state.trouble?.kind !== "temporary" || (attempts === 0 && seconds === 0)) return undefined;
  if (settings.reapCheckIntervalSeconds === 0 || state.trouble.attempts < attempts) return undefined;
  return reference + seconds * 1000;
}

/** Why the reaper takes it, for the log (oauthapp.md 8.5, third column). */
export function reapReason(state: Credential): string {
  if (state.status === "failed") return `token revoked: ${state.text}`;
  const trouble = state.status === "issued" ? state.trouble : undefined;
  if (trouble?.kind === "dead") return `token revoked: ${trouble.text}`;
  if (trouble?.kind === "temporary") return `transient errors exceeded limits, most recently: ${trouble.text}`;
  return trouble?.kind === "operator" ? trouble.text : "token expired";
}
