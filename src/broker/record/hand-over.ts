import type { LeftStore } from "../../store/left.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { leaveStore } from "./owner.ts";

/** Leaves the data to a broker on another store, with nothing in between: while they are moved, valid tokens are read as ever. */
export interface HandOver {
  /**
   * Begins it, or goes on with it; answers how much is still under way. With 0 nothing changes here any more. Throws `BrokerError` where
   * `deployment` (UUID) is not the one that is served, or the store is not this process's alone: then nothing is left.
   */
  go(deployment: string): Promise<number>;
}

export function createHandOver(context: Context, store: LeftStore, served: string): HandOver {
  const { life, background } = context;
  return {
    go: async (deployment) => {
      if (deployment !== served)
        throw invalid(`this broker serves deployment ${served}, not the one that is to be moved`);
      if (!store.alone) throw invalid("what can be handed over is a SQLite file; this broker uses a database already");
      await leaveStore(context);
      if (!life.handedOver && background.size > 0) return background.size;
      life.handedOver = true;
      await store.settled();
      return 0;
    },
  };
}
