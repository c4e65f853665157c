import type { Expectation, Row, SettleBy } from "../port.ts";

/** Whether what has a name may be replaced. */
export function holds(expect: Expectation, present: Row | undefined): boolean {
  if ("absent" in expect) return present === undefined;
  if ("anything" in expect) return true;
  if (present?.id !== expect.id || (expect.idle && present.intent !== null)) return false;
  return expect.revision === undefined || present.revision === expect.revision;
}

/** Whether a row is still the one that may be settled. */
export function fits(present: Row, by: SettleBy): boolean {
  if ("lineage" in by) return present.lineage === by.lineage;
  return present.claim === by.claim && (by.revision === undefined || present.revision === by.revision);
}
