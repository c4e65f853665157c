import { ConfigData, ConfigParameters } from "../../api/index.ts";
import type { Broker } from "../../broker/broker.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { inputWarnings, sendData, sendDone } from "../answer/envelope.ts";
import { badRequest, nothing } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { refuseOthers, WRITE } from "../gate/methods.ts";
import { checkName } from "../input/names.ts";

type Settings = Parameters<Broker["writeConfig"]>[1];

const TAG = "config";
const DAY = 86_400;

/** `config` (oauthapp.md section 2). */
export function config(app: VaultApp, { broker }: Deps, mount: string): void {
  const url = `/v1/${mount}/config`;
  app.get(url, {
    schema: describe({ tag: TAG, summary: "Read the settings", querystring: NoParameters, data: ConfigData }),
    handler: async (request, reply) => {
      const settings = await broker.readConfig(mount);
      if (!settings) throw nothing();
      return sendData(reply, configData(settings), { warnings: inputWarnings(request.query.ignored) });
    },
  });
  app.route({
    method: WRITE,
    url,
    schema: describe({ tag: TAG, summary: "Replace the settings", body: ConfigParameters, empty: true }),
    handler: async (request, reply) => {
      await broker.writeConfig(mount, settingsOf(request.body.value));
      return sendDone(reply);
    },
  });
  app.delete(url, {
    schema: describe({ tag: TAG, summary: "Return to the defaults", querystring: NoParameters, empty: true }),
    handler: async (_request, reply) => {
      await broker.deleteConfig(mount);
      return sendDone(reply);
    },
  });
  refuseOthers(app, url, ["GET", "PUT", "POST", "DELETE"]);
}

const SESSION_LIMITS = [
  "tune_session_starts_per_minute",
  "tune_session_pending_per_address",
  "tune_session_pending_per_server",
  "tune_user_code_entries_per_minute",
] as const;

type Check = readonly [holds: (value: Required<ConfigParameters>) => boolean, text: string];

const CHECKS: readonly Check[] = [
  [
    (value) => value.tune_provider_timeout_expiry_leeway_factor >= 1,
    "provider timeout expiry leeway factor must be at least 1.0",
  ],
  [(value) => value.tune_refresh_check_interval_seconds <= 90 * DAY, "refresh check interval can be at most 90 days"],
  [(value) => value.tune_refresh_expiry_delta_factor >= 1, "refresh expiry delta factor must be at least 1.0"],
  [(value) => value.tune_reap_check_interval_seconds <= 180 * DAY, "reap check interval can be at most 180 days"],
  [(value) => value.tune_reap_transient_error_attempts >= 0, "reap transient error attempts cannot be negative"],
  [(value) => [503, 400].includes(value.tune_pending_status_code), "pending status code must be 503 or 400"],
  [
    (value) => SESSION_LIMITS.every((name) => value[name] >= 0),
    "limits of sessions cannot be negative; 0 means no limit",
  ],
  [(value) => value.tune_quarantine_seconds <= 180 * DAY, "quarantine can be at most 180 days"],
  [
    (value) => value.tune_authorization_flow_seconds >= 60 && value.tune_authorization_flow_seconds <= 3_600,
    "authorization flow seconds must be between 60 and 3600",
  ],
  [
    (value) => value.tune_device_flow_seconds >= 60 || value.tune_device_flow_seconds === 0,
    "device flow seconds must be at least 60, or 0 for as long as the server says",
  ],
];

function settingsOf(value: Required<ConfigParameters>): Settings {
  for (const [holds, text] of CHECKS) if (!holds(value)) throw badRequest(text);
  return {
    defaultServer: checkName("default_server", value.default_server),
    providerTimeoutSeconds: value.tune_provider_timeout_seconds,
    providerTimeoutExpiryLeewayFactor: value.tune_provider_timeout_expiry_leeway_factor,
    refreshCheckIntervalSeconds: value.tune_refresh_check_interval_seconds,
    refreshExpiryDeltaFactor: value.tune_refresh_expiry_delta_factor,
    reapCheckIntervalSeconds: value.tune_reap_check_interval_seconds,
    reapDryRun: value.tune_reap_dry_run,
    reapNonRefreshableSeconds: value.tune_reap_non_refreshable_seconds,
    reapRevokedSeconds: value.tune_reap_revoked_seconds,
    reapTransientErrorAttempts: value.tune_reap_transient_error_attempts,
    reapTransientErrorSeconds: value.tune_reap_transient_error_seconds,
    reapServerDeletedSeconds: value.tune_reap_server_deleted_seconds,
    pendingStatusCode: value.tune_pending_status_code,
    deviceFlowSeconds: value.tune_device_flow_seconds,
    authorizationFlowSeconds: value.tune_authorization_flow_seconds,
    quarantineSeconds: value.tune_quarantine_seconds,
    sessionIdleSeconds: value.tune_session_idle_seconds,
    sessionLifetimeSeconds: value.tune_session_lifetime_seconds,
    sessionStartsPerMinute: value.tune_session_starts_per_minute,
    sessionPendingPerAddress: value.tune_session_pending_per_address,
    sessionPendingPerServer: value.tune_session_pending_per_server,
    userCodeEntriesPerMinute: value.tune_user_code_entries_per_minute,
  };
}

function configData(settings: Settings): ConfigData {
  return {
    default_server: settings.defaultServer,
    tune_provider_timeout_seconds: settings.providerTimeoutSeconds,
    tune_provider_timeout_expiry_leeway_factor: settings.providerTimeoutExpiryLeewayFactor,
    tune_refresh_check_interval_seconds: settings.refreshCheckIntervalSeconds,
    tune_refresh_expiry_delta_factor: settings.refreshExpiryDeltaFactor,
    tune_reap_check_interval_seconds: settings.reapCheckIntervalSeconds,
    tune_reap_dry_run: settings.reapDryRun,
    tune_reap_non_refreshable_seconds: settings.reapNonRefreshableSeconds,
    tune_reap_revoked_seconds: settings.reapRevokedSeconds,
    tune_reap_transient_error_attempts: settings.reapTransientErrorAttempts,
    tune_reap_transient_error_seconds: settings.reapTransientErrorSeconds,
    tune_reap_server_deleted_seconds: settings.reapServerDeletedSeconds,
    tune_pending_status_code: settings.pendingStatusCode,
    tune_device_flow_seconds: settings.deviceFlowSeconds,
    tune_authorization_flow_seconds: settings.authorizationFlowSeconds,
    tune_quarantine_seconds: settings.quarantineSeconds,
    tune_session_idle_seconds: settings.sessionIdleSeconds,
    tune_session_lifetime_seconds: settings.sessionLifetimeSeconds,
    tune_session_starts_per_minute: settings.sessionStartsPerMinute,
    tune_session_pending_per_address: settings.sessionPendingPerAddress,
    tune_session_pending_per_server: settings.sessionPendingPerServer,
    tune_user_code_entries_per_minute: settings.userCodeEntriesPerMinute,
  };
}
