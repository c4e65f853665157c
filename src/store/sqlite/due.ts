import type { Clock } from "../../process/clock.ts";
import { type ClaimRequest, TASKS, type Task } from "../port.ts";
import { eachOf } from "../walk.ts";
import type { DueRow, Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** What is due and wanted, soonest first; perhaps more than fits. */
export function findDue(
  statements: Statements,
  now: number,
  { limit, perLane = Number.POSITIVE_INFINITY, busy, excludeIds = [], excludeTasks = [] }: ClaimRequest,
): readonly DueRow[] {
  const lanes = [...(busy ?? [])].flatMap(([lane, count]) => (count >= perLane ? [lane] : []));
  const values = { now, ids: JSON.stringify(excludeIds) };
  const ofEach = { ...values, limit: Math.min(limit, perLane), full: JSON.stringify(lanes) };
  const next = statements.times(sql.NEXT_DUE);
  const due = TASKS.filter((task) => !excludeTasks.includes(task) && (next.get(task) ?? now + 1) <= now);
  const found = due.flatMap((task) =>
    lanes.length === 0
      ? statements.due(sql.DUE, { ...values, task, limit })
      : statements.due(sql.DUE_BY_LANE, { ...ofEach, task }),
  );
  return found.sort((a, b) => a.due - b.due);
}

/** When the next is due; nothing when none is. */
export function nextDue(statements: Statements): { readonly nextDue?: number } {
  const times = [...statements.times(sql.NEXT_DUE).values()];
  return times.length === 0 ? {} : { nextDue: Math.min(...times) };
}

/** Counts of all tasks, with turns for everybody else: of each there may be 100,000. */
export async function ofEachTask(
  count: (task: Task) => number,
  clock: Pick<Clock, "monotonic">,
): Promise<ReadonlyMap<Task, number>> {
  const counts = new Map<Task, number>();
  await eachOf(TASKS, clock, (task) => counts.set(task, count(task)));
  return counts;
}

/** How many of one task are due. */
export function countDue(statements: Statements, task: Task, now: number): number {
  return Number(statements.value(sql.COUNT_DUE, { task, now }));
}
