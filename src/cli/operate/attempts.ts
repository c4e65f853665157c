import { whenText } from "../terminal/duration.ts";
import type { Attempt } from "./credentials.ts";

/** What an attempt was, as people say it. */
const KINDS: Readonly<Record<string, string>> = {
  device: "login by code",
  code: "login by link",
  callback: "login by link",
  import: "import",
  poll: "poll",
  refresh: "refresh",
  server: "server written",
  expire: "expiry",
  retry: "retry",
  id_token: "id_token checked",
};

/** And what became of it. */
const OUTCOMES: Readonly<Record<string, string>> = {
  started: "started",
  pending: "not approved yet",
  issued: "a new token",
  recovered: "a new token, after an answer that was lost",
  late: "a token that came late was kept",
  refused: "refused",
  unavailable: "no usable answer",
  in_doubt: "sent, and no definite answer came",
  not_tried: "nothing was sent",
  expired: "ran out of time",
  cleared: "earlier errors no longer count",
};

/** Oldest first, one a line: time, what, how it ended, how often in a row. */
export function attemptLines(attempts: readonly Attempt[]): readonly string[] {
  const width = Math.max(0, ...attempts.map(({ kind }) => kindOf(kind).length));
  return attempts.map((attempt) => attemptLine(attempt, width));
}

function attemptLine({ time, last_time, count = 1, kind, outcome, reason }: Attempt, width: number): string {
  const times = count > 1 ? ` (${count} times, the last ${whenText(last_time ?? time)})` : "";
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${time} (${whenText(time)})  ${kindOf(kind).padEnd(width)}  ${OUTCOMES[outcome] ?? outcome}${why}${times}`;
}

function kindOf(kind: string): string {
  return KINDS[kind] ?? kind;
}
