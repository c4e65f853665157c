import { CannotOpen } from "../../seal/port.ts";
import type { Filing, Row } from "../../store/port.ts";
import { inBackground } from "../process/background.ts";
import type { Context } from "../process/context.ts";
import { facetsOf } from "./facets.ts";
import { openCredential } from "./records.ts";
import { eachUnfiled } from "./rows.ts";

/** Facets of rows that an older version of the broker has written. */

/** Whether every credential is found by its facets. Where not, they are filed from now on, in the background. */
export async function areFiled(context: Context): Promise<boolean> {
  if ((await context.store.unfiled("", 1)).length === 0) return true;
  fileInBackground(context);
  return false;
}

/** Rows that are filed in one transaction. */
const TOGETHER = 64;

/** Nothing is remembered of how far it came: whoever begins again is told what is left. */
async function fileAll(context: Context): Promise<number> {
  const waiting: Filing[] = [];
  let count = 0;
  const flush = async () => {
    const filings = waiting.splice(0);
    count += filings.length;
    if (filings.length > 0) await context.store.file(filings);
  };
  const isWanted = () => !context.life.stopping && !context.life.handedOver;
  await eachUnfiled(
    context,
    (row) => {
      waiting.push({ id: row.id, revision: row.revision, facets: storedFacets(context, row) });
      return waiting.length >= TOGETHER ? flush() : undefined;
    },
    isWanted,
  );
  if (isWanted()) await flush();
  return count;
}

/** What cannot be opened is found by nothing; the seal names it in the log. */
function storedFacets(context: Context, row: Row): readonly string[] {
  try {
    return facetsOf(context, row.mount, openCredential(context, row));
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    return [];
  }
}

function fileInBackground(context: Context): void {
  const { filing } = context.caches;
  if (filing.isUnderWay) return;
  filing.isUnderWay = true;
  const work = fileAll(context).finally(() => {
    filing.isUnderWay = false;
  });
  const told = work.then((records) => context.log.info("filed", { records }));
  inBackground(context, "file credentials", told);
}
