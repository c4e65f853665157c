import type { Samples } from "./metrics.ts";

/** What a broker did between two looks at its metrics. */
export interface Activity {
  /** Seconds between them; 0 where there was none before: then counts are those since the start. */
  readonly seconds: number;
  readonly logins: number;
  readonly polls: number;
  readonly refreshes: number;
  /** Attempts that brought nothing and should have. */
  readonly failures: number;
  /** The same by what was tried and how it ended, the most first. */
  readonly failed: readonly (readonly [what: string, count: number])[];
  readonly proxied: number;
  readonly lateness: Lateness;
  readonly now: Now;
}

/** How long after their time tasks began. Seconds; absent where none began. */
interface Lateness {
  readonly average?: number;
  /** So late were 95 of 100 at most, as the histogram's buckets tell it. */
  readonly most?: number;
}

/** At the last look. */
interface Now {
  readonly operations: number;
  readonly refreshes: number;
  readonly waiting: number;
  readonly programs: number;
  readonly due: number;
  readonly paused: number;
  /** Webhooks that wait for their endpoints. */
  readonly webhooks: number;
  readonly copy: boolean;
  readonly moved: boolean;
}

/** How an attempt ends that a person or an operator should know of. */
const FAILED: ReadonlySet<string> = new Set(["refused", "unavailable", "in_doubt", "not_tried", "expired"]);

/** A login begins by code or link, or with a refresh token from elsewhere. */
function isLogin(kind: string, outcome: string): boolean {
  return kind === "import" || (outcome === "started" && (kind === "device" || kind === "code"));
}

export function activityOf(before: Samples | undefined, after: Samples, seconds: number): Activity {
  const since = before ? difference(before, after) : after;
  const attempts = since.filter(({ name, value }) => name === "coatcheck_attempts_total" && value > 0);
  const sum = (fits: (kind: string, outcome: string) => boolean) =>
    total(attempts.filter(({ labels: { kind = "", outcome = "" } }) => fits(kind, outcome)));
  const failed = attempts
    .filter(({ labels: { outcome = "" } }) => FAILED.has(outcome))
    .map(({ labels: { kind, outcome }, value }) => [`${kind} ${outcome}`, value] as const)
    .sort((a, b) => b[1] - a[1]);
  return {
    seconds: before ? seconds : 0,
    logins: sum(isLogin),
    polls: sum((kind) => kind === "poll"),
    refreshes: sum((kind) => kind === "refresh"),
    failures: failed.reduce((count, [, more]) => count + more, 0),
    failed,
    proxied: total(since.filter(({ name }) => name === "coatcheck_proxied_total")),
    lateness: latenessOf(since),
    now: nowOf(after),
  };
}

/** A counter that has gone back is one of a process that was started again: it counts from there. */
function difference(before: Samples, after: Samples): Samples {
  const known = new Map(before.map((sample) => [keyOf(sample), sample.value]));
  return after.map((sample) => {
    const last = known.get(keyOf(sample)) ?? 0;
    return { ...sample, value: sample.value >= last ? sample.value - last : sample.value };
  });
}

function keyOf({ name, labels }: Samples[number]): string {
  return `${name} ${JSON.stringify(labels)}`;
}

function total(samples: Samples): number {
  return samples.reduce((sum, { value }) => sum + value, 0);
}

const USUAL = 0.95;

function latenessOf(since: Samples): Lateness {
  const of = (part: string) => since.filter(({ name }) => name === `coatcheck_lateness_seconds_${part}`);
  const count = total(of("count"));
  if (count === 0) return {};
  const buckets = Map.groupBy(of("bucket"), ({ labels: { le = "" } }) =>
    le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le),
  );
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const most = sorted.find(([, samples]) => total(samples) >= USUAL * count)?.[0];
  return { average: total(of("sum")) / count, ...(most !== undefined && { most }) };
}

function nowOf(samples: Samples): Now {
  const gauge = (name: string, what?: string) =>
    total(
      samples.filter((one) => one.name === `coatcheck_${name}` && (what === undefined || one.labels.what === what)),
    );
  return {
    operations: gauge("under_way", "operations"),
    refreshes: gauge("under_way", "refreshes"),
    waiting: gauge("under_way", "waiting"),
    programs: gauge("under_way", "programs"),
    due: gauge("due"),
    paused: gauge("servers_paused"),
    webhooks: gauge("webhooks_waiting"),
    copy: gauge("restored_copy") > 0,
    moved: gauge("moved") > 0,
  };
}
