import type { Row } from "../port.ts";
import { connect } from "./connection.ts";
import { storeError } from "./errors.ts";
import * as sql from "./sql.ts";
import { ordered, type Values } from "./statement.ts";
import type { DatabaseTarget } from "./url.ts";

/** Rows that are sent at once. */
const BATCH = 500;

/** One transaction on a connection of its own: it may last longer than any time-out of the pool. */
export async function fill(target: DatabaseTarget, rows: AsyncIterable<Row>, progress: number): Promise<boolean> {
  try {
    const client = await connect(target);
    try {
      await client.query("BEGIN; SET LOCAL synchronous_commit = on; LOCK TABLE coatcheck_row IN EXCLUSIVE MODE");
      const { rowCount } = await client.query("SELECT FROM coatcheck_row LIMIT 1");
      if (rowCount !== 0) return false;
      for await (const batch of batches(rows)) await client.query(sql.FILL.text, ordered(sql.FILL, columns(batch)));
      await client.query(sql.SET_PROGRESS.text, [progress]);
      await client.query("COMMIT");
      return true;
    } finally {
      await client.end();
    }
  } catch (error) {
    throw storeError(error);
  }
}

async function* batches(rows: AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Bytes as hex text, since an array of bytea has no simple form on the wire. */
function columns(rows: readonly Row[]): Values {
  return { rows: JSON.stringify(rows.map((row) => ({ ...row, sealed: hex(row.sealed), escrow: hex(row.escrow) }))) };
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}
