import type { DatabaseSync } from "node:sqlite";
import type { Row } from "../port.ts";
import { storeError } from "./database.ts";
import { contentOf, Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** One transaction; nothing else is written to a store that is being restored. */
export async function fill(database: DatabaseSync, rows: AsyncIterable<Row>, progress: number): Promise<boolean> {
  const statements = new Statements(database);
  try {
    database.exec("BEGIN IMMEDIATE");
    if (statements.all(sql.SCAN, { after: "", limit: 1 }).length > 0) {
      database.exec("ROLLBACK");
      return false;
    }
    for await (const row of rows) {
      const { revision, intent, escrow } = row;
      const { facets: _, ...content } = contentOf(row);
      statements.run(sql.FILL, { ...content, revision, intent, escrow });
    }
    statements.run(sql.SET_PROGRESS, { progress });
    database.exec("COMMIT");
    return true;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw storeError(error);
  }
}
