import type { ListQuery, Row } from "../port.ts";
import { rangeOf } from "../range.ts";
import type { Statements } from "./rows.ts";
import * as sql from "./sql.ts";

export function listRows(statements: Statements, query: ListQuery): readonly Row[] {
  const { server, ...range } = rangeOf(query);
  return server === null ? statements.all(sql.LIST, range) : statements.all(sql.LIST_OF_SERVER, { ...range, server });
}

export function listNames(statements: Statements, query: Omit<ListQuery, "server">): readonly string[] {
  const { server: _, ...range } = rangeOf(query);
  return statements.texts(sql.NAMES, range);
}
