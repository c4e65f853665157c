import { type ClaimRequest, TASKS, type Task } from "../port.ts";
import { pages } from "../walk.ts";
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

/** How much is due of each task, counted page by page with turns for everybody else: each step reads a row. */
export async function countDue(
  read: (look: (statements: Statements) => readonly DueRow[]) => readonly DueRow[],
  now: number,
): Promise<ReadonlyMap<Task, number>> {
  const counts = new Map<Task, number>();
  for (const task of TASKS) {
    let count = 0;
    const page = async (after: string, limit: number) =>
      read((statements) => dueAfter(statements, { task, now, after, limit }));
    for await (const rows of pages({ read: page, cursorOf: ({ due, id }) => `${due}\n${id}` })) {
      count += rows.length;
      if (count >= MOST_COUNTED) break;
    }
    counts.set(task, count);
  }
  return counts;
}

interface DuePage {
  readonly task: Task;
  readonly now: number;
  /** Due time and id of the row before, or empty. */
  readonly after: string;
  readonly limit: number;
}

function dueAfter(statements: Statements, { task, now, after, limit }: DuePage): readonly DueRow[] {
  const [from = "", id = ""] = after.split("\n");
  const start = after === "" ? -1 : Number(from);
  const beside = after === "" ? [] : statements.due(sql.DUE_BESIDE, { task, from: start, id, limit });
  if (beside.length === limit) return beside;
  return [...beside, ...statements.due(sql.DUE_AFTER, { task, from: start, now, limit: limit - beside.length })];
}
