import type { Row } from "../../store/port.ts";
import type { Page } from "../broker.ts";
import type { Context } from "../process/context.ts";

/** The store gives no more of a listing at a time. */
const MOST = 1_000;

/** All rows of a prefix, or one page of them. */
export async function rowsOf(
  context: Context,
  mount: string,
  kind: "creds" | "self" | "server",
  page: Page,
): Promise<readonly Row[]> {
  const wanted = page.limit ?? Number.POSITIVE_INFINITY;
  const rows: Row[] = [];
  let after = page.after;
  while (rows.length < wanted) {
    const limit = Math.min(MOST, wanted - rows.length);
    const query = { mount, kind, prefix: page.prefix, limit, ...(after !== undefined && { after }) };
    const next = await context.store.list(query);
    rows.push(...next);
    if (next.length < limit) break;
    after = next.at(-1)?.name;
  }
  return rows;
}
