import type pg from "pg";
import { StoreUnusable } from "../port.ts";
import { connect } from "./connection.ts";
import type { DatabaseTarget } from "./url.ts";

/**
 * Refuses a pooler that gives every transaction another connection (PgBouncer's pool_mode transaction or statement):
 * there synchronous_commit and the time-outs would hold for strangers instead of us, and LISTEN for nobody. A pooler in
 * session mode passes.
 *
 * How it shows: a server tells a new connection the number of its process, and a pooler tells one of its own invention.
 * If they differ, two connections ask in turns. In session mode each has one process for as long as it lives; otherwise
 * both get what is free, so they meet the same one, or change.
 */
export async function refusePooledTransactions(client: pg.Client, target: DatabaseTarget): Promise<void> {
  const told = (client as { readonly processID?: number | null }).processID;
  if (told === (await processOf(client))) return;
  const other = await connect(target);
  try {
    await compare(client, other);
  } finally {
    await other.end();
  }
}

async function compare(first: pg.Client, second: pg.Client): Promise<void> {
  const processes = [new Set<number>(), new Set<number>()] as const;
  // Pairs of the same in between: a pooler that takes two servers in turn would look steady to strict alternation.
  for (const index of [0, 1, 0, 0, 1, 1, 0, 1] as const) {
    processes[index].add(await processOf(index === 0 ? first : second));
  }
  const [own, others] = processes.map((seen) => [...seen]);
  if (own?.length === 1 && others?.length === 1 && own[0] !== others[0]) return;
  throw new StoreUnusable(
    "a connection pooler gives each transaction a different connection: set PgBouncer's pool_mode to session for this database, or connect to the database directly",
  );
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ process: number }>("SELECT pg_backend_pid() AS process");
  return rows[0]?.process ?? 0;
}
