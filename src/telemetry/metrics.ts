import { type HrTime, ValueType } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { MetricSample } from "../process/metrics.ts";

/** What the process counts. */
export interface Numbers {
  /** Epoch milliseconds. */
  now(): number;
  samples(): Promise<readonly MetricSample[]>;
}

/** The same numbers that `sys/metrics` has, under the same names, each counted once. */
export function producerOf(resource: Resource, { now, samples }: Numbers): MetricProducer {
  const startTime = timeOf(now());
  return {
    collect: async () => {
      const metrics = (await samples()).map((sample) => dataOf(sample, startTime, timeOf(now())));
      return { resourceMetrics: { resource, scopeMetrics: [{ scope: { name: "coatcheck" }, metrics }] }, errors: [] };
    },
  };
}

function timeOf(milliseconds: number): HrTime {
  return [Math.trunc(milliseconds / 1000), Math.trunc((milliseconds % 1000) * 1_000_000)];
}

function dataOf({ name, help, type, values }: MetricSample, startTime: HrTime, endTime: HrTime): MetricData {
  const unit = name.includes("_seconds") ? "s" : "";
  const base = {
    descriptor: { name, description: help, unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === "histogram") {
    return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(values, startTime, endTime) };
  }
  const dataPoints = values.map(({ labels, value }) => ({ startTime, endTime, attributes: labels, value }));
  if (type === "gauge") return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
}

/** Prometheus's buckets count what is below them too; OpenTelemetry's do not. */
function histograms(values: MetricSample["values"], startTime: HrTime, endTime: HrTime): DataPoint<Histogram>[] {
  const series = Map.groupBy(values, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest));
  return [...series.values()].map((all) => {
    const of = (part: string) => all.filter(({ metricName = "" }) => metricName.endsWith(part));
    const buckets = of("_bucket").map(({ labels, value }) => ({ le: Number(labels.le), value }));
    const finite = buckets.filter(({ le }) => Number.isFinite(le));
    const [count, sum] = [of("_count")[0]?.value ?? 0, of("_sum")[0]?.value ?? 0];
    const upTo = [...finite.map(({ value }) => value), count];
    const counts = upTo.map((value, index) => value - (upTo[index - 1] ?? 0));
    const { le: _, ...attributes } = all[0]?.labels ?? {};
    const value = { buckets: { boundaries: finite.map(({ le }) => le), counts }, sum, count };
    return { startTime, endTime, attributes, value };
  });
}
