/**
 * `npm run abuse`: strangers at full strength, and what somebody honest notices of them. Linux: addresses of 127/8 and /proc are
 * used, and as many descriptors as the limit of the shell allows. Prints a table for docs/reliability.md.
 */
import { test } from "node:test";
import { abuse, type Outcome, type Plan } from "./abuse.ts";

const NOBODY = { idle: 0, headers: 0, bodies: 0, floods: 0, guessers: 0, addresses: 1_000, limits: "" };
/** A connection whose headers never came is closed after 20 s, and a crowd has gone 10 s later. */
const TIMES = { lasts: 15_000, rests: 40_000 };

const ROWS: Readonly<Record<string, Plan>> = {
  nobody: { ...NOBODY, lasts: 10_000, rests: 0 },
  "10,000 idle connections": { ...NOBODY, ...TIMES, idle: 10_000 },
  "5,000 slow headers": { ...NOBODY, ...TIMES, headers: 5_000 },
  "2,000 unfinished bodies": { ...NOBODY, ...TIMES, bodies: 2_000 },
  "8 who send 1 MiB at full speed": { ...NOBODY, ...TIMES, floods: 8 },
  "20 who guess, from 1,000 addresses": { ...NOBODY, ...TIMES, guessers: 20 },
  "all of them at once": { ...NOBODY, ...TIMES, idle: 10_000, headers: 5_000, bodies: 2_000, floods: 8, guessers: 20 },
};

const wanted = new RegExp(process.env.ABUSE_ROWS ?? "");

process.stdout.write(
  "| Attack | open at most | answers | reads | p50, p99, longest ms | failed reads | operator's starts | MiB before, most, after |\n",
);
process.stdout.write("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
for (const [name, plan] of Object.entries(ROWS).filter(([row]) => wanted.test(row))) {
  test(name, { timeout: 300_000 }, async (t) => {
    process.stdout.write(`| ${name} | ${rowOf(await abuse(t, plan)).join(" | ")} |\n`);
  });
}

function rowOf({ answers, reads, readStatuses, startStatuses, memory }: Outcome): readonly (string | number)[] {
  const sorted = reads.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(1);
  const statuses = Object.entries(answers.statuses).map(([status, count]) => `${status}: ${count}`);
  return [
    answers.open,
    statuses.join(", "),
    reads.length,
    `${at(0.5)}, ${at(0.99)}, ${at(1)}`,
    [...readStatuses].filter((status) => status !== 200).join(", ") || "none",
    [...startStatuses].join(", "),
    `${memory.before}, ${memory.most}, ${memory.after}`,
  ];
}
