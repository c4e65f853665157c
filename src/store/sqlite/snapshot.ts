import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StoreUnusable } from "../port.ts";
import type { Snapshot } from "../snapshot.ts";
import { storeError } from "./database.ts";
import { assertNewest } from "./migrations.ts";
import { Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** Rows that are fetched at once. */
const BATCH = 500;

/** One read transaction of a connection of its own: in WAL mode readers and the writer do not wait for each other. */
export function openSqliteSnapshot(path: string): Snapshot {
  if (!existsSync(path))
    throw new StoreUnusable(`there is no database at ${path}: give the broker's data folder with --data`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec("BEGIN");
    assertNewest(database);
    const statements = new Statements(database);
    return {
      progress: Number(statements.value(sql.PROGRESS, {})),
      read: async ({ mount, kind, name }) => statements.one(sql.READ, { mount, kind, name }),
      async *rows() {
        for (let after = ""; ; ) {
          const rows = statements.all(sql.SCAN, { after, limit: BATCH });
          yield* rows;
          const last = rows.at(-1);
          if (!last) return;
          after = last.id;
        }
      },
      close: async () => database.close(),
    };
  } catch (error) {
    database.close();
    throw storeError(error);
  }
}
