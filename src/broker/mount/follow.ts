import { LOOK_MS, StoreUnavailable } from "../../store/port.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { loadMounts } from "./stored.ts";

/**
 * Keeps the list of mounts as other instances change it, within a second where their word (`MOUNTS_CHANGED`) did not come. While the
 * store does not answer the list stays what it was. Answers its end.
 */
export function followMounts(context: Context): () => void {
  const { store, clock } = context;
  if (store.alone) return () => {};
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await loadMounts(context);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    } finally {
      isLooking = false;
    }
  };
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(LOOK_MS, () => {
      inBackground(context, "mounts", look());
      again();
    });
  };
  again();
  return () => cancel();
}
