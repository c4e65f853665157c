import { type Static, Type } from "typebox";
import { bool, float, integer, seconds, text } from "./field.ts";

/** oauthapp.md section 2: a write replaces all of it. */
export const ConfigParameters = Type.Object({
  default_server: text("Server of requests that name none; need not exist"),
  tune_provider_timeout_seconds: seconds("Time for one upstream operation; 0 = 120 s", 30),
  tune_provider_timeout_expiry_leeway_factor: float("Growth of that time towards a token's expiry", 1.5),
  tune_refresh_check_interval_seconds: seconds("Interval of refreshes in the background; 0 = none", 60),
  tune_refresh_expiry_delta_factor: float("Intervals before its expiry at which a token is refreshed", 1.2),
  tune_reap_check_interval_seconds: seconds("Interval of reaping; 0 = none", 300),
  tune_reap_dry_run: bool("Only report what would be reaped", false),
  tune_reap_non_refreshable_seconds: seconds("Life after expiry without a refresh token; 0 = for ever", 86_400),
  tune_reap_revoked_seconds: seconds("Life after a permanent refusal; 0 = for ever", 3_600),
  tune_reap_transient_error_attempts: integer("Failed attempts after which a credential may be reaped", 0),
  tune_reap_transient_error_seconds: seconds("Life after the first of these failures", 0),
  tune_reap_server_deleted_seconds: seconds("Life after the loss of the server; 0 = for ever", 86_400),
  tune_pending_status_code: integer("Status of answers that may succeed later: 503 or 400", 503),
  tune_authorization_flow_seconds: seconds("Life of an authorization link, 60 to 3600", 600),
  tune_device_flow_seconds: seconds("Longest life of a device code, from 60; 0 = as long as its server says", 900),
  tune_quarantine_seconds: seconds("Time a dead grant is kept sealed, from its death; 0 = not at all", 604_800),
  tune_session_idle_seconds: seconds("Life of a session since its last use; 0 = for ever", 2_592_000),
  tune_session_lifetime_seconds: seconds("Life of a session since its login; 0 = for ever", 31_536_000),
  tune_session_starts_per_minute: integer("Logins begun per minute and address without a token; 0 = any number", 10),
  tune_session_pending_per_address: integer("Logins pending per address without a token; 0 = any number", 20),
  tune_session_pending_per_server: integer("Logins of sessions pending per server; 0 = any number", 1_000),
  tune_user_code_entries_per_minute: integer("Codes typed at /device per minute and address; 0 = any number", 10),
});
export type ConfigParameters = Static<typeof ConfigParameters>;

export const ConfigData = Type.Required(ConfigParameters);
export type ConfigData = Static<typeof ConfigData>;
