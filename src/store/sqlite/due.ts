import { type ClaimRequest, TASKS, type Task } from "../port.ts";
import { turn } from "../walk.ts";
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

/** More of them are counted as so many. */
const MOST_COUNTED = 100_000;

/** How much is due of each task, with a turn for everybody else between two. */
export async function countDue(
  look: (read: (statements: Statements) => unknown) => unknown,
  now: number,
): Promise<ReadonlyMap<Task, number>> {
  const counts = new Map<Task, number>();
  for (const task of TASKS) {
    const values = { task, now, most: MOST_COUNTED };
    counts.set(task, Number(look((statements) => statements.value(sql.COUNT_DUE, values))));
    await turn();
  }
  return counts;
}
