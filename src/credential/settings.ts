/** The tuning of one mount (oauthapp.md section 2). Seconds, unless the name says otherwise. */
export interface Settings {
  readonly defaultServer: string;
  readonly providerTimeoutSeconds: number;
  readonly providerTimeoutExpiryLeewayFactor: number;
  readonly refreshCheckIntervalSeconds: number;
  readonly refreshExpiryDeltaFactor: number;
  readonly reapCheckIntervalSeconds: number;
  readonly reapDryRun: boolean;
  readonly reapNonRefreshableSeconds: number;
  readonly reapRevokedSeconds: number;
  readonly reapTransientErrorAttempts: number;
  readonly reapTransientErrorSeconds: number;
  readonly reapServerDeletedSeconds: number;
  readonly pendingStatusCode: number;
  readonly authorizationFlowSeconds: number;
  /** XD-05: a device code that was asked for counts no longer, even if its server says so; 0 = as the server says. */
  readonly deviceFlowSeconds: number;
  /** How long a dead grant is kept sealed, from its death; 0 = not at all. */
  readonly quarantineSeconds: number;
  /** A session ends when it was not used for so long; 0 = never for that. */
  readonly sessionIdleSeconds: number;
  /** It ends so long after its login in any case; 0 = never for that. */
  readonly sessionLifetimeSeconds: number;
  /** Per address, without a token; 0 = no limit, here and below. */
  readonly sessionStartsPerMinute: number;
  readonly sessionPendingPerAddress: number;
  readonly sessionPendingPerServer: number;
  /** Codes typed at the broker's page, per address. */
  readonly userCodeEntriesPerMinute: number;
}

export const DEFAULT_SETTINGS: Settings = {
  defaultServer: "",
  providerTimeoutSeconds: 30,
  providerTimeoutExpiryLeewayFactor: 1.5,
  refreshCheckIntervalSeconds: 60,
  refreshExpiryDeltaFactor: 1.2,
  reapCheckIntervalSeconds: 300,
  reapDryRun: false,
  reapNonRefreshableSeconds: 86_400,
  reapRevokedSeconds: 3_600,
  reapTransientErrorAttempts: 0,
  reapTransientErrorSeconds: 0,
  reapServerDeletedSeconds: 86_400,
  pendingStatusCode: 503,
  authorizationFlowSeconds: 600,
  deviceFlowSeconds: 900,
  quarantineSeconds: 604_800,
  sessionIdleSeconds: 2_592_000,
  sessionLifetimeSeconds: 31_536_000,
  sessionStartsPerMinute: 10,
  sessionPendingPerAddress: 20,
  sessionPendingPerServer: 1_000,
  userCodeEntriesPerMinute: 10,
};

/** W of oauthapp.md 8.2: how long before its expiry a token is refreshed. Seconds. */
export function refreshWindow(settings: Settings): number {
  return Math.max(10, settings.refreshCheckIntervalSeconds * settings.refreshExpiryDeltaFactor);
}

/**
 * T of oauthapp.md 8.3: the time one upstream operation may take, all of its requests together. Seconds.
 * `remaining` is the life left of the token at stake, `wanted` the life somebody needs (W, or a read's minimum).
 */
export function operationTimeout(settings: Settings, remaining: number | undefined, wanted: number): number {
  const longest = 120;
  const timeout = settings.providerTimeoutSeconds === 0 ? longest : settings.providerTimeoutSeconds;
  const leeway = settings.providerTimeoutExpiryLeewayFactor;
  return Math.min(longest, timeout * urgency(leeway, remaining, wanted));
}

function urgency(leeway: number, remaining: number | undefined, wanted: number): number {
  if (remaining === undefined || remaining >= wanted || leeway === 1) return 1;
  if (remaining <= 0) return leeway;
  const k = 10 ** (1 - leeway);
  const f = (wanted * k) / (1 - k);
  return 1 - Math.log10((f + remaining) / (wanted + f));
}
