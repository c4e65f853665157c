import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NO_TRACE, type Trace } from "../process/trace.ts";
import { type Numbers, producerOf } from "./metrics.ts";
import { samplerOf } from "./sampler.ts";
import type { TelemetrySettings } from "./settings.ts";
import { traceWith } from "./trace.ts";

/** Of this process. */
export interface Telemetry {
  readonly trace: Trace;
  /** Sends what is left; never rejects, and waits as long as the exporter's time-out. */
  close(): Promise<void>;
}

/**
 * OpenTelemetry, by its own packages and their variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME …). Nothing of it is global:
 * programs that use the library have an SDK of their own.
 */
export function openTelemetry(
  { traces, metrics, sampling }: TelemetrySettings,
  version: string,
  numbers: Numbers,
): Telemetry {
  const own = resourceFromAttributes({ "service.name": "coatcheck", "service.version": version });
  const resource = own.merge(detectResources({ detectors: [envDetector] }));
  const ends = [...(metrics ? [sendMetrics(resource, numbers)] : [])];
  if (!traces) return { trace: NO_TRACE, close: () => endAll(ends) };
  const provider = new BasicTracerProvider({
    resource,
    // What is not wanted is never begun (`traceWith`).
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const contexts = new AsyncLocalStorageContextManager().enable();
  const trace = traceWith(provider.getTracer("coatcheck", version), contexts, samplerOf(sampling));
  return { trace, close: () => endAll([...ends, () => provider.shutdown()]) };
}

async function endAll(ends: readonly (() => Promise<void>)[]): Promise<void> {
  await Promise.allSettled(ends.map((end) => end()));
}

function sendMetrics(resource: Resource, numbers: Numbers): () => Promise<void> {
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    metricProducers: [producerOf(resource, numbers)],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return () => provider.shutdown();
}
