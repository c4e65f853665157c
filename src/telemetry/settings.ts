import { ConfigError } from "../process/config-error.ts";
import type { Environment } from "../process/variables.ts";

/** What is sent by OpenTelemetry. */
export interface TelemetrySettings {
  readonly traces: boolean;
  readonly metrics: boolean;
}

/**
 * By the standard's variables (OpenTelemetry, "Environment Variable Specification"): off unless an endpoint or an exporter is
 * named. The packages themselves read the rest. Throws `ConfigError`.
 */
export function telemetryOf(env: Environment): TelemetrySettings | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return undefined;
  const traces = isSent(env, "TRACES");
  const metrics = isSent(env, "METRICS");
  if (!traces && !metrics) return undefined;
  for (const name of ["", "_TRACES", "_METRICS"].map((part) => `OTEL_EXPORTER_OTLP${part}_PROTOCOL`)) {
    const protocol = env[name];
    if (protocol && protocol !== "http/json") {
      throw new ConfigError(`${name}: only http/json is sent, not "${protocol}": unset it, or set it to http/json`);
    }
  }
  return { traces, metrics };
}

function isSent(env: Environment, signal: "TRACES" | "METRICS"): boolean {
  const exporter = env[`OTEL_${signal}_EXPORTER`] || undefined;
  if (exporter !== undefined && !["otlp", "none"].includes(exporter)) {
    throw new ConfigError(`OTEL_${signal}_EXPORTER must be otlp or none, not "${exporter}"`);
  }
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT || env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`];
  if (endpoint && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw new ConfigError("OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http://127.0.0.1:4318");
  }
  return exporter === undefined ? Boolean(endpoint) : exporter === "otlp";
}
