import { type Outcome, type Scene, simulate } from "./simulate/simulation.ts";

// Prints the simulated part of docs/scale.md: `npm run simulate`, and with `-- --large` ten million credentials alone, which takes
// minutes. The same numbers each time: its chances come from a seed.

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Tokens of one hour at several providers, 100 ms each. */
const USUAL: Scene = {
  ...{ credentials: 0, processes: 1, isOneProvider: false, takes: 100, life: HOUR, issuedWithin: HOUR },
  told: [2 * HOUR, 3 * HOUR],
};

const SCENES: readonly (readonly [string, Scene])[] = [
  ["one process, half of what it can", { ...USUAL, credentials: 135_000 }],
  ["one process, nine tenths", { ...USUAL, credentials: 243_000 }],
  ["one process, all that the arithmetic allows", { ...USUAL, credentials: 270_000 }],
  ["one process, a tenth more", { ...USUAL, credentials: 297_000 }],
  ["a provider that takes 0.5 s, the same 54,000 as the arithmetic", { ...USUAL, credentials: 54_000, takes: 500 }],
  ["one provider alone, nine tenths", { ...USUAL, credentials: 182_000, isOneProvider: true }],
  ["a million, 4 processes", { ...USUAL, credentials: 1_000_000, processes: 4 }],
  ["a million, 5 processes", { ...USUAL, credentials: 1_000_000, processes: 5 }],
];

/** Milliseconds that one process takes to import one. */
const IMPORT = 4;

/** All were imported one after the other, as fast as can be; and nothing can be refreshed for a while. */
const WAVES: readonly (readonly [string, Scene])[] = [
  ...[25_000, 135_000, 243_000].map((credentials): [string, Scene] => [
    `${credentials.toLocaleString("en")} imported at once, in ${time(credentials * IMPORT)}`,
    { ...USUAL, credentials, issuedWithin: credentials * IMPORT, told: [0, 6 * HOUR] },
  ]),
  ...[135_000, 243_000].flatMap((credentials) =>
    [5, 20].map((minutes): [string, Scene] => [
      `${credentials.toLocaleString("en")}, all providers away for ${minutes} minutes`,
      { ...USUAL, credentials, outage: [2 * HOUR, 2 * HOUR + minutes * MINUTE], told: [2 * HOUR, 6 * HOUR] },
    ]),
  ),
];

const LARGE: readonly (readonly [string, Scene])[] = [
  ["ten million, 37 processes", { ...USUAL, credentials: 10_000_000, processes: 37, told: [HOUR, 1.5 * HOUR] }],
  ["ten million, 42 processes", { ...USUAL, credentials: 10_000_000, processes: 42, told: [HOUR, 1.5 * HOUR] }],
];

/** A generator of 32 bits (mulberry32). */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part < 0.1 && part > 0 ? 1 : 0)} %`;
}

function time(milliseconds: number): string {
  if (milliseconds < 2 * MINUTE) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${(milliseconds / MINUTE).toFixed(0)} min`;
}

function row(what: string, scene: Scene): string {
  const told: Outcome = simulate(scene, chances(20_261_130));
  const { perSecond, busy, p50, p99, tooLate, refreshes, lastLate } = told;
  const since = scene.outage?.[1] ?? scene.told[0];
  const last = lastLate === undefined ? "never" : time(lastLate - since);
  const cells = [what, perSecond.toFixed(0), percent(busy), time(p50), time(p99), percent(tooLate / refreshes), last];
  return `| ${cells.join(" | ")} |`;
}

console.log(
  "| | refreshes a second | of all places taken | begun later than due, p50 | p99 | ended after the token | last one more than 1 s late, after the start or the outage |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const [what, scene] of process.argv.includes("--large") ? LARGE : [...SCENES, ...WAVES]) {
  console.log(row(what, scene));
}
