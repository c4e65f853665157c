import { spawnSync } from "node:child_process";

/** CLI-5. Milliseconds. */
const LIMIT_MS = 2_000;

/** A bare start of Node on an idle machine; where other tests keep it busy, the next one says how busy. Milliseconds. */
const START_MS = 65;

/** An answer in `limit` milliseconds, where a bare start of Node takes its usual time: 2 s of a command that waits for nothing. */
export async function soon<T>(what: string, ask: () => Promise<T>, limit = LIMIT_MS): Promise<T> {
  const from = performance.now();
  const answer = await ask();
  const took = performance.now() - from;
  if (took < limit) return answer;
  const bare = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  const slower = (performance.now() - bare) / START_MS;
  if (took < limit * slower) return answer;
  throw new Error(
    `${what}: ${Math.round(took)} ms, longer than ${limit} ms on a machine ${slower.toFixed(1)} times as slow`,
  );
}
