import type { Kind } from "./row.ts";

export interface ListQuery {
  readonly mount: string;
  readonly kind: Kind;
  readonly prefix?: string;
  readonly after?: string;
  readonly limit: number;
  /** Only rows of this lane. */
  readonly server?: string;
  /** Only rows that have this facet, of whatever lane. */
  readonly facet?: string;
}

/** What an index answers by itself. */
export type NamesQuery = Omit<ListQuery, "server" | "facet">;

export type CountQuery = Pick<ListQuery, "mount" | "kind" | "prefix"> & Required<Pick<ListQuery, "facet">>;

/** No more rows of one facet are counted. */
export const MOST_COUNTED = 10_000;

/** What lists are to find a row by. */
export interface Filing {
  readonly id: string;
  readonly revision: number;
  readonly facets: readonly string[];
}
