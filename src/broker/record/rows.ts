import { CannotOpen } from "../../seal/port.ts";
import { KINDS, type ListQuery, type Row, type Rows, type Upkeep } from "../../store/port.ts";
import { eachOf, eachRow, pages } from "../../store/walk.ts";
import type { Page } from "../broker.ts";
import type { Context } from "../process/context.ts";

/**
 * The only place of the broker that asks the store for many rows: whoever walks them does it from here, page by page, with
 * turns for everybody else (store/walk).
 */

/** Names that are read at once; and rows of one answer, at most. */
export const LARGEST_PAGE = 1_000;

type Which = Omit<ListQuery, "limit">;
type Stored = Pick<Context, "clock"> & { readonly store: Pick<Rows, "list"> };

/** Does the work for every row of a kind, as long as it is wanted. */
export async function eachOfKind(
  context: Stored,
  which: Which,
  work: (row: Row) => unknown,
  isWanted = () => true,
): Promise<void> {
  await eachRow(rowPages(context, which, isWanted), context.clock, work);
}

/** Does the work for every row that there is, as long as it is wanted. */
export async function eachStored(
  { store, clock }: { readonly store: Upkeep; readonly clock: Context["clock"] },
  work: (row: Row) => unknown,
  isWanted = () => true,
): Promise<void> {
  const read = async (after: string, limit: number) => (isWanted() ? store.scan(after, limit) : []);
  await eachRow(pages({ read, cursorOf: ({ id }) => id }), clock, work);
}

/** Does the work for every row that lists do not find yet as it is, as long as it is wanted. */
export async function eachUnfiled(
  { store, clock }: { readonly store: Upkeep; readonly clock: Context["clock"] },
  work: (row: Row) => unknown,
  isWanted: () => boolean,
): Promise<void> {
  const read = async (after: string, limit: number) => (isWanted() ? store.unfiled(after, limit) : []);
  await eachRow(pages({ read, cursorOf: ({ id }) => id }), clock, work);
}

function rowPages({ store }: Pick<Stored, "store">, which: Which, isWanted = () => true) {
  const read = async (after: string, limit: number) => (isWanted() ? store.list({ ...which, after, limit }) : []);
  return pages({ read, cursorOf: ({ name }) => name, after: which.after ?? "" });
}

/** What becomes of the first rows of a kind, in their order; `limit` is at most 1,000. */
export async function ofFirst<T>(
  context: Stored,
  { limit, ...which }: ListQuery,
  read: (row: Row) => T | Promise<T>,
): Promise<readonly (readonly [Row, T])[]> {
  const rows: Row[] = [];
  for await (const page of rowPages(context, which)) {
    rows.push(...page.slice(0, limit - rows.length));
    if (rows.length >= limit) break;
  }
  const found = new Map<Row, T>();
  await eachOf(rows, context.clock, async (row) => void found.set(row, await read(row)));
  return rows.map((row) => [row, found.get(row) as T]);
}

/** What becomes of a row, where it is one of those that are looked for. */
type Found<T> = readonly (readonly [Row, T])[];

/**
 * The first rows of a kind that `read` makes something of, in their order. No more are looked at than a page may have, however
 * few were found: `next` is the name after which to go on. `limit` is at most 1,000.
 */
export async function findRows<T>(
  context: Stored,
  { limit, ...which }: ListQuery,
  read: (row: Row) => T | undefined | Promise<T | undefined>,
): Promise<{ readonly found: Found<T>; readonly next?: string }> {
  const found: (readonly [Row, T])[] = [];
  let looked = 0;
  for await (const page of rowPages(context, which)) {
    const made = new Map<Row, T | undefined>();
    await eachOf(page, context.clock, async (row) => void made.set(row, await read(row)));
    for (const row of page) {
      const one = made.get(row);
      if (one !== undefined) found.push([row, one]);
      looked += 1;
      if (found.length === limit || looked === LARGEST_PAGE) return { found, next: row.name };
    }
  }
  return { found };
}

/** The names of a kind in byte order, in slices; nothing is opened. */
export async function* namesOf(
  { store }: Pick<Context, "store">,
  mount: string,
  kind: ListQuery["kind"],
  { prefix, after = "", limit = Number.POSITIVE_INFINITY }: Page,
): AsyncGenerator<readonly string[], void> {
  let left = limit;
  const read = (cursor: string, size: number) => store.names({ mount, kind, prefix, after: cursor, limit: size });
  for await (const names of pages({ read, cursorOf: (name) => name, after, size: Math.min(LARGEST_PAGE, limit) })) {
    yield names.slice(0, left);
    left -= names.length;
    if (left <= 0) return;
  }
}

/** Whether there is anything in a mount. */
export async function hasRows({ store }: { readonly store: Pick<Rows, "names"> }, mount: string): Promise<boolean> {
  for (const kind of KINDS) if ((await store.names({ mount, kind, limit: 1 })).length > 0) return true;
  return false;
}

/** What `read` makes of a row; undefined for a damaged one, which the seal names in the log, and which keeps no others from their turn. */
export async function unlessDamaged<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    return undefined;
  }
}
