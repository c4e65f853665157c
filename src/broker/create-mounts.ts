import { disableMount, enableMount, moveMount, tuneMount } from "./mount/change.ts";
import { loadMounts } from "./mount/stored.ts";
import type { MountChanges } from "./mounts.ts";
import type { Context } from "./process/context.ts";
import { ownedBy } from "./process/copy.ts";

/** What is done with mounts, bound to what it works with. */
export function createMounts(context: Context): MountChanges {
  const owned = ownedBy(context);
  return {
    look: () => loadMounts(context),
    enable: (path, settings) => enableMount(context, path, settings),
    tune: (path, settings) => tuneMount(context, path, settings),
    move: (from, to) => moveMount(context, from, to),
    disable: owned((path) => disableMount(context, path)),
  };
}
