import type { Context } from "../broker/process/context.ts";

/** Anybody may ask for it, so the store is asked at most once in this time. Milliseconds. */
const HEALTH_AGE_MS = 1_000;

export function healthOf({ store, clock, life, audit }: Context) {
  let asked = { at: Number.NEGATIVE_INFINITY, answer: Promise.resolve(false) };
  return async () => {
    if (clock.monotonic() - asked.at > HEALTH_AGE_MS) {
      const answer = store.check().then(
        () => false,
        () => true,
      );
      asked = { at: clock.monotonic(), answer };
    }
    return {
      initialized: true,
      sealed: false,
      storeDown: await asked.answer,
      copy: life.copy !== undefined,
      auditBlocked: audit.problem,
    };
  };
}
