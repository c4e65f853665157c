import type { Claimed, Row, RowContent } from "../../store/port.ts";
import type { MadeMount, Mount } from "../mounts.ts";
import type { Context } from "../process/context.ts";
import { placeOfMount } from "../process/mount-table.ts";
import { openContent, plainRow } from "../record/records.ts";
import { eachOfKind } from "../record/rows.ts";

/** Mounts that the API made, by their paths. A row's id is in the place of all that its mount keeps. */
const MADE = { mount: "sys/mounts", kind: "config" } as const;
/** The same that were disabled, by their ids, until nothing of them is left. */
const ENDED = { mount: "sys/unmounted", kind: "config" } as const;

/** How other instances are told that there is something to look at. */
export const MOUNTS_CHANGED = "mounts";

type Stored = MadeMount & Pick<Mount, "path">;

interface StoredMount extends Pick<Row, "id" | "revision"> {
  readonly made: MadeMount;
}

/** A mount on its way out. */
export interface EndedMount {
  readonly path: string;
  /** Epoch milliseconds. */
  readonly endedAt: number;
  /** How often it was looked at. */
  readonly looks: number;
}

/** Reads anew which mounts there are. */
export async function loadMounts(context: Context): Promise<void> {
  await context.mounts.renew(async () => {
    const [made, ended]: [Mount[], Mount[]] = [[], []];
    await eachOfKind(context, MADE, (row) => made.push(mountIn(context, row)));
    await eachOfKind(context, ENDED, (row) => {
      ended.push({ place: placeOfMount(row.id), path: openContent<EndedMount>(context, row).path });
    });
    return { made: made.toSorted((one, other) => (one.path < other.path ? -1 : 1)), ended };
  });
}

/** Here and, as soon as they hear of it, at the other instances. */
export async function mountsChanged(context: Context): Promise<void> {
  await loadMounts(context);
  await context.store.announce(MOUNTS_CHANGED).catch(() => {});
}

function mountIn(context: Context, row: Row): Mount {
  const { path, ...made } = openContent<Stored>(context, row);
  return { place: placeOfMount(row.id), path, made };
}

/** What the API made at a path; undefined where it made nothing there. */
export async function readMount(context: Context, at: string): Promise<StoredMount | undefined> {
  const row = await context.store.read({ ...MADE, name: at });
  if (!row) return undefined;
  const { path: _, ...made } = openContent<Stored>(context, row);
  return { id: row.id, revision: row.revision, made };
}

export function mountRow(context: Context, id: string, stored: Stored): RowContent {
  return plainRow(context, { ...MADE, name: stored.path, id }, stored);
}

/** In the place of the mount's row, whose id it keeps; due at once. */
export function endedRow(context: Context, id: string, ended: EndedMount, dueAt: number): RowContent {
  return plainRow(context, { ...ENDED, name: id, id }, ended, { task: "expire", dueAt });
}

/** What a claimed row of a disabled mount says, and where what is left of it is. */
export function openEnded(context: Context, { row }: Claimed): EndedMount & Pick<Mount, "place"> {
  return { ...openContent<EndedMount>(context, row), place: placeOfMount(row.id) };
}
