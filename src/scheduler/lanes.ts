import { laneOf } from "../store/lanes.ts";
import type { Row } from "../store/port.ts";

/**
 * How much is under way at once. Every server has a lane of its own, so a hung provider fills its lane and delays nobody
 * else; and every process has a limit, which also bounds how many refreshes a crash can put in doubt.
 */
export interface Lanes {
  /** Places left in this process. */
  free(): number;
  /** How many of each lane are under way. */
  busy(): ReadonlyMap<string, number>;
  enter(row: Row): void;
  leave(row: Row): void;
}

/** Operations under way per server and per process: as many as there are connections to one origin (requirements.md section 3). */
export const PER_SERVER = 6;
const PER_PROCESS = 512;

export function createLanes(): Lanes {
  const busy = new Map<string, number>();
  let total = 0;
  const change = (row: Row, by: 1 | -1) => {
    total += by;
    const lane = laneOf(row);
    if (lane === undefined) return;
    const count = (busy.get(lane) ?? 0) + by;
    if (count <= 0) busy.delete(lane);
    else busy.set(lane, count);
  };
  return {
    free: () => PER_PROCESS - total,
    busy: () => busy,
    enter: (row) => change(row, 1),
    leave: (row) => change(row, -1),
  };
}
