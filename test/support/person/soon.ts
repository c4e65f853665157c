import { spawnSync } from "node:child_process";

/** CLI-5. Milliseconds. */
const LIMIT_MS = 2_000;

/** On an idle machine far less than the limit; where other tests keep it busy, Node itself says how busy. */
const STARTS_OF_NODE = 30;

/** The answer of a command that waits for nothing: in 2 s, where a bare start of Node takes its usual time. */
export async function soon<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const from = performance.now();
  const answer = await ask();
  const took = performance.now() - from;
  if (took < LIMIT_MS) return answer;
  const bare = performance.now();
  spawnSync(process.execPath, ["-e", "0"]);
  const limit = STARTS_OF_NODE * (performance.now() - bare);
  if (took < limit) return answer;
  throw new Error(`${what}: ${Math.round(took)} ms, longer than 2 s and than ${STARTS_OF_NODE} starts of Node`);
}
