import { ConfigError } from "../process/config-error.ts";
import type { Environment } from "../process/variables.ts";

/** What is sent by OpenTelemetry. */
export interface TelemetrySettings {
  readonly traces: boolean;
  readonly metrics: boolean;
  /** Absent: all, or as the caller has decided. */
  readonly sampling?: Sampling;
}

/** Which traces are made. */
export interface Sampling {
  /** Of those that begin here; 0 to 1. */
  readonly ratio: number;
  /** A caller's own decision counts (W3C Trace Context, section 3.2.2.5.1), and not the ratio. */
  readonly heedsParent: boolean;
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
  const sampling = traces ? samplingOf(env) : undefined;
  return { traces, metrics, ...(sampling && { sampling }) };
}

/** What each makes; undefined: what its argument says. */
const SAMPLERS = new Map([
  ["always_on", 1],
  ["always_off", 0],
  ["traceidratio", undefined],
]);
const PARENT = "parentbased_";

function samplingOf(env: Environment): Sampling | undefined {
  const sampler = env.OTEL_TRACES_SAMPLER;
  if (!sampler) return undefined;
  const heedsParent = sampler.startsWith(PARENT);
  const name = heedsParent ? sampler.slice(PARENT.length) : sampler;
  if (!SAMPLERS.has(name)) {
    const names = [...SAMPLERS.keys()].flatMap((one) => [one, `${PARENT}${one}`]);
    throw new ConfigError(`OTEL_TRACES_SAMPLER must be one of ${names.join(", ")}, not "${sampler}"`);
  }
  return { ratio: SAMPLERS.get(name) ?? ratioOf(env.OTEL_TRACES_SAMPLER_ARG), heedsParent };
}

/** By default all. */
function ratioOf(text: string | undefined): number {
  const ratio = text ? Number(text) : 1;
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new ConfigError(`OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, not "${text}"`);
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
