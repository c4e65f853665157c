import type { Client } from "pg";
import type { Snapshot } from "../snapshot.ts";
import { pages } from "../walk.ts";
import { connect } from "./connection.ts";
import { startError, storeError } from "./errors.ts";
import { assertNewest } from "./migrations.ts";
import { type RawRow, toRow } from "./rows.ts";
import * as sql from "./sql.ts";
import { ordered, type Statement, type Values } from "./statement.ts";
import type { DatabaseTarget } from "./url.ts";

/** One repeatable-read transaction of a connection of its own. */
export async function openPostgresSnapshot(target: DatabaseTarget): Promise<Snapshot> {
  const client = await connect(target).catch((error: unknown) => {
    throw startError(error, target);
  });
  const scan = (after: string, limit: number) => rows(sql.SCAN, { after, limit });
  const rows = (statement: Statement, values: Values) => rowsOf(client, statement, values);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await assertNewest(client);
    const { rows: counted } = await client.query<{ value: string }>(sql.PROGRESS.text);
    return {
      progress: Number(counted[0]?.value),
      read: async ({ mount, kind, name }) => (await rows(sql.READ, { mount, kind, name }))[0],
      async *rows() {
        for await (const page of pages({ read: scan, cursorOf: ({ id }) => id })) yield* page;
      },
      close: () => client.end(),
    };
  } catch (error) {
    await client.end();
    throw startError(error, target);
  }
}

async function rowsOf(client: Client, statement: Statement, values: Values) {
  const { rows } = await client.query<RawRow>(statement.text, ordered(statement, values)).catch((error: unknown) => {
    throw storeError(error);
  });
  return rows.map(toRow);
}
