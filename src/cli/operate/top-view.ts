import type { Activity } from "./activity.ts";

/** One line for a log or a pipe. */
export function activityLine(at: string, activity: Activity): string {
  const { now } = activity;
  const parts = [
    ...ROWS.map(([name, field]) => `${name} ${rateText(activity, activity[field])}`),
    latenessText(activity),
    `under way ${now.operations}`,
    `due ${now.due}`,
    `servers paused ${now.paused}`,
    ...(now.webhooks > 0 ? [`webhooks waiting ${now.webhooks}`] : []),
    ...activity.failed.map(([what, count]) => `${what}: ${count}`),
  ];
  return `${at} ${parts.join(", ")}`;
}

/** The same as programs read it: counts, seconds. */
export function activityObject(time: string, activity: Activity): object {
  const { failed, ...rest } = activity;
  return { time, ...rest, failed: Object.fromEntries(failed) };
}

type Field = "logins" | "polls" | "refreshes" | "failures" | "proxied";

const ROWS: readonly (readonly [name: string, field: Field])[] = [
  ["logins", "logins"],
  ["polls", "polls"],
  ["refreshes", "refreshes"],
  ["failures", "failures"],
  ["proxied", "proxied"],
];

/** Columns of the names. */
const WIDTH = 16;

/** Kinds of failures that are listed. */
const MOST_FAILED = 8;

/** The whole screen: what happens now, and what has since the start. */
export function screen(head: string, last: Activity, sinceStart: Activity): readonly string[] {
  const { now } = last;
  const row = (name: string, ...cells: readonly string[]) =>
    `  ${name.padEnd(WIDTH)}${cells.map((cell) => cell.padStart(14)).join("")}`.trimEnd();
  return [
    head,
    "",
    row("", "now", "since start"),
    ...ROWS.map(([name, field]) => row(name, nowText(last, field), String(sinceStart[field]))),
    "",
    `  ${"lateness".padEnd(WIDTH)}${latenessText(last)}${last.seconds === 0 ? " (since start)" : ""}`,
    `  ${"under way".padEnd(WIDTH)}${now.operations} operations, ${now.refreshes} refreshes, ${now.waiting} wait for a place`,
    `  ${"programs".padEnd(WIDTH)}${now.programs} wait for a login`,
    `  ${"due".padEnd(WIDTH)}${now.due}`,
    `  ${"servers paused".padEnd(WIDTH)}${now.paused}`,
    ...(now.webhooks > 0 ? [`  ${"webhooks".padEnd(WIDTH)}${now.webhooks} wait for their endpoints`] : []),
    ...(now.copy ? ["  THIS IS A RESTORED COPY: nothing is refreshed (serve --take-over)"] : []),
    ...(now.moved ? ["  THESE DATA HAVE BEEN MOVED to another database: start the broker on that"] : []),
    ...failedLines(sinceStart),
  ];
}

function failedLines({ failed }: Activity): readonly string[] {
  if (failed.length === 0) return [];
  const lines = failed.slice(0, MOST_FAILED).map(([what, count]) => `    ${what.padEnd(WIDTH + 8)}${count}`);
  return ["", "  failures since start", ...lines];
}

/** At the first look there is nothing yet to tell it by. */
function nowText(last: Activity, field: Field): string {
  return last.seconds === 0 ? "…" : rateText(last, last[field]);
}

/** Per second, or how many there were. */
function rateText({ seconds }: Activity, count: number): string {
  if (seconds === 0) return String(count);
  return `${(count / seconds).toFixed(count === 0 || count / seconds >= 10 ? 0 : 2)}/s`;
}

function latenessText({ lateness: { average, most } }: Activity): string {
  if (average === undefined) return "nothing was due";
  const bound =
    most === undefined ? "" : most === Number.POSITIVE_INFINITY ? ", 95 % more than 30 min" : `, 95 % within ${most} s`;
  return `${average.toFixed(2)} s late on average${bound}`;
}
