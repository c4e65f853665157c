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

/** Whether what has a name may be replaced. */
export function holds(expect: Expectation, named: { id: string; revision: string } | undefined): boolean {
  if ("absent" in expect) return named === undefined;
  if ("anything" in expect) return true;
  return named?.id === expect.id && (expect.revision === undefined || Number(named.revision) === expect.revision);
}
