import type pg from "pg";
import { StoreUnusable } from "../port.ts";
import { connect } from "./connection.ts";
import { startError } from "./errors.ts";
import { type Migrated, migrate } from "./migrations.ts";
import { refusePooledTransactions } from "./pooler.ts";
import type { DatabaseTarget } from "./url.ts";

/** The oldest release that is still mended by its makers; 15 and 18 are tested. */
const OLDEST = 14;

/** Asserts what the store rests on and brings the schema up to date. Throws `StoreUnusable` or `StoreUnavailable`. */
export async function startDatabase(target: DatabaseTarget): Promise<Migrated> {
  try {
    const client = await connect(target);
    try {
      await refusePooledTransactions(client, target);
      await assertServer(client);
      return await migrate(client);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw startError(error, target);
  }
}

async function assertServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; encoding: string }>(
    "SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding",
  );
  const { version = "", encoding = "" } = rows[0] ?? {};
  if (Number.parseInt(version, 10) < OLDEST) {
    throw new StoreUnusable(`PostgreSQL ${OLDEST} or newer is required, but this is ${version}`);
  }
  if (encoding !== "UTF8") {
    throw new StoreUnusable(`the database is encoded in ${encoding}: create it with ENCODING 'UTF8'`);
  }
}
