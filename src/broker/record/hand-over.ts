import type { LeftStore } from "../../store/left.ts";
import type { Context } from "../process/context.ts";
import { leaveStore } from "./owner.ts";

/** Leaves the data to a broker on another store, with nothing in between: while they are moved, valid tokens are read as ever. */
export interface HandOver {
  /** Begins it, or goes on with it; answers how much is still under way. With 0 nothing changes here any more. */
  go(): Promise<number>;
}

export function createHandOver(context: Context, store: LeftStore): HandOver {
  const { life, background } = context;
  return {
    go: async () => {
      await leaveStore(context);
      if (!life.handedOver && background.size > 0) return background.size;
      life.handedOver = true;
      await store.settled();
      return 0;
    },
  };
}
