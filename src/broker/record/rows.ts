import { CannotOpen } from "../../seal/port.ts";
import type { ListQuery, Row } from "../../store/port.ts";
import type { Page } from "../broker.ts";
import type { Context } from "../process/context.ts";

/** The store gives no more of a listing at a time. */
const MOST = 1_000;

/** All rows of a prefix, or one page of them. */
export async function rowsOf(
  context: Context,
  mount: string,
  kind: "creds" | "self" | "server",
  { prefix, after = "", limit = Number.POSITIVE_INFINITY }: Page,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of pagesOf(context, { mount, kind, prefix, after }, Math.min(MOST, limit))) {
    rows.push(...page);
    if (rows.length >= limit) break;
  }
  return rows.slice(0, limit);
}

/** Rows of a kind in byte order of their names, page by page: others get their turn in between. */
export async function* pagesOf(
  { store }: Pick<Context, "store">,
  query: Omit<ListQuery, "limit">,
  limit: number,
): AsyncGenerator<readonly Row[], void> {
  let { after = "" } = query;
  for (;;) {
    const rows = await store.list({ ...query, after, limit });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < limit) return;
    after = last.name;
  }
}

/** What `read` makes of a row; undefined for a damaged one, which is named in the log and keeps no others from their turn. */
export async function unlessDamaged<T>(
  { log }: Pick<Context, "log">,
  { mount, id }: Row,
  read: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    log.error("cannot_open", { mount, id });
    return undefined;
  }
}
