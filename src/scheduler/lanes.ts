import type { Row } from "../store/port.ts";

/**
 * How much is under way at once. Every server has a lane of its own, so a hung provider fills its lane and delays nobody
 * else; and every process has a limit, which also bounds how many refreshes a crash can put in doubt.
 */
export interface Lanes {
  /** Places left in this process. */
  free(): number;
  /** Lanes without room, in the store's spelling. */
  full(): readonly string[];
  /** False when the row's lane is full. */
  enter(row: Row): boolean;
  leave(row: Row): void;
}

/** Operations under way per server and per process: as many as there are connections to one origin (requirements.md section 3). */
const PER_SERVER = 6;
const PER_PROCESS = 512;

export function createLanes(): Lanes {
  const busy = new Map<string, number>();
  let total = 0;
  return {
    free: () => PER_PROCESS - total,
    full: () => [...busy].filter(([, count]) => count >= PER_SERVER).map(([lane]) => lane),
    enter(row) {
      // Rows of no server are local work and hold nothing up.
      if (row.server === null) {
        total += 1;
        return true;
      }
      const lane = laneOf(row);
      const count = busy.get(lane) ?? 0;
      if (count >= PER_SERVER || total >= PER_PROCESS) return false;
      busy.set(lane, count + 1);
      total += 1;
      return true;
    },
    leave(row) {
      total -= 1;
      if (row.server === null) return;
      const lane = laneOf(row);
      const count = (busy.get(lane) ?? 1) - 1;
      if (count <= 0) busy.delete(lane);
      else busy.set(lane, count);
    },
  };
}

function laneOf(row: Row): string {
  return `${row.mount}\n${row.server}`;
}
