import type { SealExchange } from "../port.ts";
import type { Connections } from "./connection.ts";
import * as sql from "./sql.ts";
import type { Statement } from "./statement.ts";

/** One statement for all contents, one for all answers in escrow: a re-seal is as many round trips as pages. */
export async function reseal(connections: Connections, exchanges: readonly SealExchange[]): Promise<number> {
  const exchange = async (statement: Statement, field: SealExchange["field"]) => {
    const some = exchanges.filter((one) => one.field === field);
    if (some.length === 0) return 0;
    const { rowCount } = await connections.run(statement, {
      ids: some.map(({ id }) => id),
      befores: some.map(({ from }) => Buffer.from(from)),
      afters: some.map(({ to }) => Buffer.from(to)),
    });
    return rowCount ?? 0;
  };
  return (await exchange(sql.RESEAL_SEALED, "sealed")) + (await exchange(sql.RESEAL_ESCROW, "escrow"));
}
