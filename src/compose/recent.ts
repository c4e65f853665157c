import type { Context } from "../broker/process/context.ts";
import { countUndelivered } from "../broker/webhook/backlog.ts";
import type { Activity, ActivitySlice, ToolCalls } from "../http/app-types.ts";
import { createMetrics, type Gauges, type Load, type Metrics } from "../process/metrics.ts";

const MINUTE = 60_000;

/** A day: some 100 KiB, however much happens. */
const MOST_MINUTES = 1_440;

const GOOD: ReadonlySet<string> = new Set(["issued", "recovered", "late"]);
const BAD: ReadonlySet<string> = new Set(["refused", "unavailable", "in_doubt"]);

/** What this process has done of late, a minute each, in a ring of a day: the oldest makes room for the newest. */
export class Recent {
  readonly #now: () => number;
  readonly #ring: (ActivitySlice | undefined)[] = [];
  readonly calls: RecentCalls;

  constructor(now: () => number) {
    this.#now = now;
    this.calls = new RecentCalls(now);
  }

  attempt(kind: string, outcome: string): void {
    if (kind !== "refresh" || !(GOOD.has(outcome) || BAD.has(outcome))) return;
    const isGood = GOOD.has(outcome);
    this.#change((slice) =>
      isGood ? { ...slice, refreshed: slice.refreshed + 1 } : { ...slice, failed: slice.failed + 1 },
    );
  }

  lateness(seconds: number): void {
    const late = Math.max(0, seconds);
    this.#change((slice) => ({
      ...slice,
      tasks: slice.tasks + 1,
      late: slice.late + late,
      latest: Math.max(slice.latest, late),
    }));
  }

  /** The last `count` spans of so many minutes each, the present one last. */
  last(count: number, minutes: number): readonly ActivitySlice[] {
    const present = Math.floor(this.#now() / MINUTE / minutes) * minutes;
    return Array.from({ length: count }, (_, index) => {
      const from = present - (count - 1 - index) * minutes;
      const all = Array.from({ length: minutes }, (_unused, offset) => this.#at(from + offset));
      return all.reduce(sum, emptyAt(from));
    });
  }

  #at(minute: number): ActivitySlice {
    const kept = this.#ring[minute % MOST_MINUTES];
    return kept?.from === minute * MINUTE ? kept : emptyAt(minute);
  }

  #change(change: (slice: ActivitySlice) => ActivitySlice): void {
    const minute = Math.floor(this.#now() / MINUTE);
    this.#ring[minute % MOST_MINUTES] = change(this.#at(minute));
  }
}

function emptyAt(minute: number): ActivitySlice {
  return { from: minute * MINUTE, refreshed: 0, failed: 0, tasks: 0, late: 0, latest: 0 };
}

function sum(one: ActivitySlice, other: ActivitySlice): ActivitySlice {
  return {
    from: one.from,
    refreshed: one.refreshed + other.refreshed,
    failed: one.failed + other.failed,
    tasks: one.tasks + other.tasks,
    late: one.late + other.late,
    latest: Math.max(one.latest, other.latest),
  };
}

const MINUTES = 60;

/** Of one minute: names are those that callers choose. What is more is counted together. */
const MOST_TOOLS = 200;

interface CalledMinute {
  readonly at: number;
  readonly tools: Map<string, ToolCalls>;
}

/** Calls of MCP tools in the last hour, a minute each, in a ring: some MiB at most, whatever is called. */
export class RecentCalls {
  readonly #now: () => number;
  readonly #ring: (CalledMinute | undefined)[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  add(server: string, tool: string, isRefused: boolean): void {
    const at = Math.floor(this.#now() / MINUTE);
    const kept = this.#ring[at % MINUTES];
    const minute = kept?.at === at ? kept : { at, tools: new Map<string, ToolCalls>() };
    this.#ring[at % MINUTES] = minute;
    const isNew = !minute.tools.has(keyOf(server, tool));
    const [of, name] = isNew && minute.tools.size >= MOST_TOOLS ? ["", ""] : [server, tool];
    count(minute.tools, { server: of, tool: name, calls: 1, refused: isRefused ? 1 : 0 });
  }

  /** The most called first. */
  lastHour(): readonly ToolCalls[] {
    const oldest = Math.floor(this.#now() / MINUTE) - MINUTES;
    const all = new Map<string, ToolCalls>();
    for (const minute of this.#ring) {
      if (minute && minute.at > oldest) for (const one of minute.tools.values()) count(all, one);
    }
    return [...all.values()].toSorted((a, b) => b.calls - a.calls).slice(0, MOST_TOOLS);
  }
}

function count(tools: Map<string, ToolCalls>, { server, tool, calls, refused }: ToolCalls): void {
  const key = keyOf(server, tool);
  const before = tools.get(key);
  tools.set(key, { server, tool, calls: calls + (before?.calls ?? 0), refused: refused + (before?.refused ?? 0) });
}

function keyOf(server: string, tool: string): string {
  return `${server}\n${tool}`;
}

/** The metrics of the process; attempts and lateness are counted by the minute as well. */
export function metricsOf(contextOf: () => Context, recent: Recent): Metrics {
  const metrics = createMetrics(
    () => gaugesOf(contextOf()),
    () => loadOf(contextOf()),
  );
  return {
    ...metrics,
    attempt: (kind, outcome) => {
      metrics.attempt(kind, outcome);
      recent.attempt(kind, outcome);
    },
    lateness: (task, seconds) => {
      metrics.lateness(task, seconds);
      recent.lateness(seconds);
    },
    toolCalled: (server, tool, isRefused) => recent.calls.add(server, tool, isRefused),
  };
}

/** While the store does not answer, nothing is told of it. */
export async function activityOf(context: Context, recent: Recent): Promise<Activity> {
  const load = await context.store.load().catch(() => undefined);
  const due = load && { due: load.due };
  return {
    gauges: gaugesOf(context),
    ...due,
    hour: recent.last(60, 1),
    day: recent.last(48, 30),
    calls: recent.calls.lastHour(),
  };
}

async function loadOf(context: Context): Promise<Load> {
  const load = await context.store.load();
  return context.webhooks.length === 0 ? load : { ...load, undelivered: await countUndelivered(context) };
}

function gaugesOf({ background, refreshPlaces, breakers, life, sessions }: Context): Gauges {
  return {
    operations: background.size,
    refreshes: refreshPlaces.taken(),
    waiting: refreshPlaces.waiting(),
    programs: sessions.waiters.count(),
    paused: breakers.paused(),
    copy: life.copy !== undefined && life.copy !== "moved",
    moved: life.copy === "moved",
  };
}
