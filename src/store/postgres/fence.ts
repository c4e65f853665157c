import type { Expectation, SettleBy } from "../port.ts";

/** What must still hold of a row, as parameters of its statement. */
interface Fences {
  readonly byClaim: string | null;
  readonly byRevision: number | null;
  readonly byLineage: string | null;
}

export function fence(by: SettleBy): Fences {
  return "claim" in by
    ? { byClaim: by.claim, byRevision: by.revision ?? null, byLineage: null }
    : { byClaim: null, byRevision: null, byLineage: by.lineage };
}

/** What has a name, as far as it decides whether it may be replaced. */
export interface Named {
  readonly id: string;
  readonly revision: string;
  readonly intent: string | null;
}

/** Whether what has a name may be replaced. */
export function holds(expect: Expectation, named: Named | undefined): boolean {
  if ("absent" in expect) return named === undefined;
  if ("anything" in expect) return true;
  if (named?.id !== expect.id || (expect.idle && named.intent !== null)) return false;
  return expect.revision === undefined || Number(named.revision) === expect.revision;
}
