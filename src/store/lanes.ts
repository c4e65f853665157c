import type { ClaimRequest, Row } from "./port.ts";

/** The lane of a row, as `ClaimRequest` spells it; undefined for rows of no server. */
export function laneOf({ mount, server }: Pick<Row, "mount" | "server">): string | undefined {
  return server === null ? undefined : laneOfServer(mount, server);
}

export function laneOfServer(mount: string, server: string): string {
  return `${mount}\n${server}`;
}

/** The ids of due rows that fit into their lanes, in the order they came: the soonest of each. */
export function fitting(
  due: readonly Pick<Row, "id" | "mount" | "server">[],
  { perLane = Number.POSITIVE_INFINITY, busy = new Map() }: Pick<ClaimRequest, "perLane" | "busy">,
): readonly string[] {
  const taken = new Map(busy);
  return due.flatMap((row) => {
    const lane = laneOf(row);
    if (lane === undefined) return [row.id];
    const count = taken.get(lane) ?? 0;
    if (count >= perLane) return [];
    taken.set(lane, count + 1);
    return [row.id];
  });
}
