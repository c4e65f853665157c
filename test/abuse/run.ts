/**
 * `npm run abuse`: strangers at full strength, and what somebody honest notices of them. Linux: addresses of 127/8 and /proc are
 * used, and as many descriptors as the limit of the shell allows. Prints a table for docs/reliability.md, and fails where what is
 * promised there does not hold. ABUSE_ROWS is a pattern of the rows' names.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startPostgres } from "../servers/postgres.ts";
import { abuse, isBack, type Outcome, type Plan } from "./abuse.ts";

const WHO = { idle: 0, headers: 0, bodies: 0, floods: 0, guessers: 0, homeservers: 0 };
const NOBODY = { ...WHO, addresses: 1_000, instances: 1, limits: "" };
/** A connection whose headers never came is closed after 20 s, and memory is looked at each 10 s. */
const TIMES = { lasts: 15_000, rests: 60_000 };
const ALL = { idle: 10_000, headers: 5_000, bodies: 2_000, floods: 8, guessers: 20, homeservers: 200 };

const ROWS: Readonly<Record<string, Plan>> = {
  nobody: { ...NOBODY, lasts: 10_000, rests: 0 },
  "10,000 idle connections": { ...NOBODY, ...TIMES, idle: 10_000 },
  "5,000 slow headers": { ...NOBODY, ...TIMES, headers: 5_000 },
  "2,000 unfinished bodies": { ...NOBODY, ...TIMES, bodies: 2_000 },
  "8 who send 1 MiB at full speed": { ...NOBODY, ...TIMES, floods: 8 },
  "20 who guess, from 1,000 addresses": { ...NOBODY, ...TIMES, guessers: 20 },
  "200 who start logins at slow homeservers": { ...NOBODY, ...TIMES, homeservers: 200 },
  "all of them at once": { ...NOBODY, ...TIMES, ...ALL },
  "all of them, two instances": { ...NOBODY, ...TIMES, ...ALL, instances: 2 },
  "20 who guess, two instances": { ...NOBODY, ...TIMES, guessers: 20, instances: 2 },
};

/** Milliseconds: what is promised of an honest reader's 99th percentile. */
const PROMISED = 100;

const pattern = new RegExp(process.env.ABUSE_ROWS ?? "");
const wanted = Object.entries(ROWS).filter(([row]) => pattern.test(row));
const several = wanted.some(([, { instances }]) => instances > 1) ? await startPostgres() : undefined;

process.stdout.write(
  "| Attack | open at most | answers | reads | p50, p99, longest ms | failed reads | operator's starts, longest ms | MiB before, most, after (s) |\n",
);
process.stdout.write("| --- | --- | --- | --- | --- | --- | --- | --- |\n");
for (const [name, plan] of wanted) {
  test(name, { timeout: 300_000 }, async (t) => {
    const outcome = await abuse(t, plan, plan.instances > 1 ? several : undefined);
    process.stdout.write(`| ${name} | ${rowOf(outcome).join(" | ")} |\n`);
    const { reads, readStatuses, startStatuses, memory } = outcome;
    assert.deepEqual([...readStatuses], [200], "no read fails");
    assert.deepEqual([...startStatuses], [201], "operators can start logins");
    // Several instances, their database and their attackers are more than the two processors of one machine.
    const isFast = plan.instances > 1 || part(reads, 0.99) < PROMISED;
    assert.ok(isFast, `99 of 100 reads in less than ${PROMISED} ms`);
    assert.ok(isBack(memory), `memory is back to a fifth more than ${memory.before} MiB: ${memory.after}`);
  });
}

function part(times: readonly number[], of: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? 0;
}

function rowOf({ answers, reads, readStatuses, startStatuses, starts, memory }: Outcome): readonly (string | number)[] {
  const at = (of: number) => part(reads, of).toFixed(1);
  const statuses = Object.entries(answers.statuses).map(([status, count]) => `${status}: ${count}`);
  return [
    answers.open,
    statuses.join(", "),
    reads.length,
    `${at(0.5)}, ${at(0.99)}, ${at(1)}`,
    [...readStatuses].filter((status) => status !== 200).join(", ") || "none",
    `${[...startStatuses].join(", ")}, ${part(starts, 1).toFixed(0)}`,
    `${memory.before}, ${memory.most}, ${memory.after} (${memory.seconds})`,
  ];
}
