import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { StoreUnusable } from "../port.ts";
import type { Snapshot } from "../snapshot.ts";
import { pages } from "../walk.ts";
import { storeError } from "./database.ts";
import { assertNewest } from "./migrations.ts";
import { Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** One read transaction of a connection of its own: in WAL mode readers and the writer do not wait for each other. */
export function openSqliteSnapshot(path: string): Snapshot {
  if (!existsSync(path))
    throw new StoreUnusable(`there is no database at ${path}: give the broker's data folder with --data`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    database.exec("BEGIN");
    assertNewest(database);
    const statements = new Statements(database);
    const scan = async (after: string, limit: number) => statements.all(sql.SCAN, { after, limit });
    return {
      progress: Number(statements.value(sql.PROGRESS, {})),
      read: async ({ mount, kind, name }) => statements.one(sql.READ, { mount, kind, name }),
      async *rows() {
        for await (const page of pages({ read: scan, cursorOf: ({ id }) => id })) yield* page;
      },
      close: async () => database.close(),
    };
  } catch (error) {
    database.close();
    throw storeError(error);
  }
}
