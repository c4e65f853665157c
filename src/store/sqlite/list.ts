import { type CountQuery, type ListQuery, MOST_COUNTED, type NamesQuery, type Row } from "../port.ts";
import { rangeOf } from "../range.ts";
import type { Statements } from "./rows.ts";
import * as sql from "./sql.ts";

export function listRows(statements: Statements, query: ListQuery): readonly Row[] {
  const { server, ...range } = rangeOf(query);
  const { facet } = query;
  if (facet !== undefined) return statements.all(sql.LIST_OF_FACET, { ...range, facet });
  return server === null ? statements.all(sql.LIST, range) : statements.all(sql.LIST_OF_SERVER, { ...range, server });
}

export function listNames(statements: Statements, query: NamesQuery): readonly string[] {
  const { server: _, ...range } = rangeOf(query);
  return statements.texts(sql.NAMES, range);
}

export function countFacet(statements: Statements, query: CountQuery): number {
  const { mount, kind, from, upto } = rangeOf({ ...query, limit: 0 });
  return Number(statements.value(sql.COUNT_FACET, { mount, kind, facet: query.facet, from, upto, most: MOST_COUNTED }));
}
