/** The tuning of one mount (oauthapp.md section 2): one row per setting, from which everything else about it follows. */

const DAY = 86_400;

/** What a value may be. Seconds are whole ones, also where the wire takes `1h30m`. */
export interface Kinds {
  readonly text: string;
  readonly seconds: number;
  readonly integer: number;
  readonly float: number;
  readonly bool: boolean;
}

/** Whether a number may be written, and what is answered if not. */
type Check = readonly [holds: (value: number) => boolean, text: string];

export interface Setting<Kind extends keyof Kinds = keyof Kinds, Wire extends string = string> {
  readonly kind: Kind;
  /** Its name on the wire. */
  readonly wire: Wire;
  /** Where nothing is written. */
  readonly fallback: Kinds[Kind];
  /** What it is, for the documentation. */
  readonly text: string;
  readonly check: Check | undefined;
}

const of =
  <Kind extends keyof Kinds>(kind: Kind) =>
  <Wire extends string>(wire: Wire, fallback: Kinds[Kind], text: string, check?: Check): Setting<Kind, Wire> => ({
    kind,
    wire,
    fallback,
    text,
    check,
  });
const [text, seconds, integer, float, bool] = [of("text"), of("seconds"), of("integer"), of("float"), of("bool")];

/** 0 is no limit. */
const LIMIT: Check = [(value) => value >= 0, "limits of sessions cannot be negative; 0 means no limit"];

export const SETTINGS = {
  defaultServer: text("default_server", "", "Server for requests that name none; it does not have to exist"),
  defaultExpirySeconds: seconds(
    "default_expiry_seconds",
    0,
    "Lifetime of access tokens whose server never says it, if they can be refreshed; 0 = they do not expire",
  ),
  maximumExpirySeconds: seconds("maximum_expiry_seconds", 0, "Maximum lifetime of every access token; 0 = no limit"),
  providerTimeoutSeconds: seconds(
    "tune_provider_timeout_seconds",
    30,
    "Time limit of one upstream operation; 0 = 120 s",
  ),
  providerTimeoutExpiryLeewayFactor: float(
    "tune_provider_timeout_expiry_leeway_factor",
    1.5,
    "Factor by which that limit grows as a token's expiry approaches",
    [(value) => value >= 1, "provider timeout expiry leeway factor must be at least 1.0"],
  ),
  refreshCheckIntervalSeconds: seconds(
    "tune_refresh_check_interval_seconds",
    60,
    "Interval between background refreshes; 0 = no background refreshes",
    [(value) => value <= 90 * DAY, "refresh check interval can be at most 90 days"],
  ),
  refreshExpiryDeltaFactor: float(
    "tune_refresh_expiry_delta_factor",
    1.2,
    "How long before its expiry a token is refreshed, in intervals",
    [(value) => value >= 1, "refresh expiry delta factor must be at least 1.0"],
  ),
  reapCheckIntervalSeconds: seconds(
    "tune_reap_check_interval_seconds",
    300,
    "Interval between reaping runs; 0 = no reaping",
    [(value) => value <= 180 * DAY, "reap check interval can be at most 180 days"],
  ),
  reapDryRun: bool("tune_reap_dry_run", false, "Only log what would be reaped"),
  reapNonRefreshableSeconds: seconds(
    "tune_reap_non_refreshable_seconds",
    DAY,
    "Time after which an expired credential without a refresh token is reaped; 0 = never",
  ),
  reapRevokedSeconds: seconds(
    "tune_reap_revoked_seconds",
    3_600,
    "Time after which a permanently refused credential is reaped; 0 = never",
  ),
  reapTransientErrorAttempts: integer(
    "tune_reap_transient_error_attempts",
    0,
    "Failed attempts after which a credential may be reaped",
    [(value) => value >= 0, "reap transient error attempts cannot be negative"],
  ),
  reapTransientErrorSeconds: seconds(
    "tune_reap_transient_error_seconds",
    0,
    "Time since the first of these failures after which it is reaped",
  ),
  reapServerDeletedSeconds: seconds(
    "tune_reap_server_deleted_seconds",
    DAY,
    "Time after which a credential whose server was deleted is reaped; 0 = never",
  ),
  pendingStatusCode: integer("tune_pending_status_code", 503, "Status of answers that may succeed later: 503 or 400", [
    (value) => [503, 400].includes(value),
    "pending status code must be 503 or 400",
  ]),
  authorizationFlowSeconds: seconds(
    "tune_authorization_flow_seconds",
    600,
    "Lifetime of an authorization link, 60 to 3600",
    [(value) => value >= 60 && value <= 3_600, "authorization flow seconds must be between 60 and 3600"],
  ),
  /** XD-05: a device code that was asked for counts no longer, even if its server says so. */
  deviceFlowSeconds: seconds(
    "tune_device_flow_seconds",
    900,
    "Maximum lifetime of a device code, at least 60; 0 = as long as the server says",
    [
      (value) => value >= 60 || value === 0,
      "device flow seconds must be at least 60, or 0 for as long as the server says",
    ],
  ),
  quarantineSeconds: seconds(
    "tune_quarantine_seconds",
    7 * DAY,
    "Time for which a failed grant is kept, sealed, for a retry; 0 = not at all",
    [(value) => value <= 180 * DAY, "quarantine can be at most 180 days"],
  ),
  sessionIdleSeconds: seconds(
    "tune_session_idle_seconds",
    30 * DAY,
    "Time after its last use at which a session ends; 0 = never",
  ),
  sessionLifetimeSeconds: seconds(
    "tune_session_lifetime_seconds",
    365 * DAY,
    "Time after its login at which a session ends; 0 = never",
  ),
  sessionStartsPerMinute: integer(
    "tune_session_starts_per_minute",
    10,
    "Logins started without a token, per minute and address; 0 = no limit",
    LIMIT,
  ),
  sessionPendingPerAddress: integer(
    "tune_session_pending_per_address",
    20,
    "Pending logins that were started without a token, per address; 0 = no limit",
    LIMIT,
  ),
  sessionPendingPerServer: integer(
    "tune_session_pending_per_server",
    1_000,
    "Pending logins per server that were started without a token, and as many again with one; 0 = no limit",
    LIMIT,
  ),
  userCodeEntriesPerMinute: integer(
    "tune_user_code_entries_per_minute",
    10,
    "Codes entered at /device, per minute and address; 0 = no limit",
    LIMIT,
  ),
} as const satisfies Readonly<Record<string, Setting>>;

type Table = typeof SETTINGS;

/** Seconds, unless the name says otherwise. */
export type Settings = { readonly [Name in keyof Table]: Kinds[Table[Name]["kind"]] };

/** The same by their names on the wire. */
export type WireSettings = { -readonly [Name in keyof Table as Table[Name]["wire"]]: Settings[Name] };

const ROWS = Object.entries(SETTINGS) as readonly (readonly [keyof Table, Setting])[];

export const DEFAULT_SETTINGS = Object.fromEntries(ROWS.map(([name, { fallback }]) => [name, fallback])) as Settings;

export function settingsFromWire(wire: WireSettings): Settings {
  const given: Readonly<Record<string, Kinds[keyof Kinds]>> = wire;
  return Object.fromEntries(ROWS.map(([name, row]) => [name, given[row.wire]])) as Settings;
}

export function wireSettings(settings: Settings): WireSettings {
  return Object.fromEntries(ROWS.map(([name, { wire }]) => [wire, settings[name]])) as WireSettings;
}

/** The first value that may not be written, as a sentence; undefined when all may. */
export function settingsProblem(settings: Settings): string | undefined {
  const wrong = ROWS.find(([name, { check }]) => check !== undefined && !check[0](Number(settings[name])));
  return wrong?.[1].check?.[1];
}
