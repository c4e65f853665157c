import type { Row } from "../../store/port.ts";
import type { MadeMount, Mount } from "../mounts.ts";
import type { Context } from "../process/context.ts";
import { placeOfMount } from "../process/mount-table.ts";
import { openContent } from "../record/records.ts";
import { eachOfKind } from "../record/rows.ts";

/** Mounts that the API made, by their paths. A row's id is the place of all that its mount keeps. */
const MADE = { mount: "sys/mounts", kind: "config" } as const;
/** The same that were disabled, by their ids, until nothing of them is left. */
const ENDED = { mount: "sys/unmounted", kind: "config" } as const;

type Stored = MadeMount & Pick<Mount, "path">;

function mountIn(context: Context, row: Row): Mount {
  const { path, ...made } = openContent<Stored>(context, row);
  return { place: placeOfMount(row.id), path, made };
}

/** Reads anew which mounts there are. */
export async function loadMounts(context: Context): Promise<void> {
  const [made, ended]: [Mount[], Mount[]] = [[], []];
  await eachOfKind(context, MADE, (row) => made.push(mountIn(context, row)));
  await eachOfKind(context, ENDED, (row) => ended.push(mountIn(context, row)));
  context.mounts.replace(made, ended);
}
