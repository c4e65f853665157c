import { randomInt } from "node:crypto";
import { ROOT_CONTEXT, type SpanContext, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";
import type { Sampling } from "./settings.ts";

/** Whether a trace is wanted, asked before anything of it is made. `parent`: the caller's, if it named one. */
export type Sampler = (parent?: SpanContext) => boolean;

/** What is drawn is below. */
const MOST = 2 ** 47;

/** Those of OpenTelemetry (`OTEL_TRACES_SAMPLER`): a caller's trace is in the ratio for every server that asks, by its id. */
export function samplerOf({ ratio, heedsParent }: Sampling = { ratio: 1, heedsParent: true }): Sampler {
  const ofCallers = new TraceIdRatioBasedSampler(ratio);
  return (parent) => {
    if (!parent) return randomInt(MOST) < ratio * MOST;
    if (heedsParent) return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
    return ofCallers.shouldSample(ROOT_CONTEXT, parent.traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  };
}
