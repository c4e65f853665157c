import { type Moved, moveToDatabase } from "../../compose/move.ts";
import { pause, systemClock } from "../../process/clock.ts";
import { ConfigError, loadConfig } from "../../process/config.ts";
import type { DataFlags } from "../connect/local-data.ts";
import { type OperatorFlags, operatorOf } from "../connect/operator.ts";
import { environment } from "../frame/environment.ts";
import { CliError } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";

export type MoveFlags = DataFlags & OperatorFlags & { readonly from?: string };

/** Moves a deployment from SQLite to a database, while its broker goes on reading. */
export async function move(out: Output, { from, ...flags }: MoveFlags): Promise<void> {
  if (from !== "sqlite") throw new ConfigError(`--from "${from}": what can be moved is "sqlite"`);
  process.umask(0o077);
  const config = loadConfig(flags);
  if (!config.database)
    throw new ConfigError("give the database that it moves to with COATCHECK_DATABASE or --database");
  const isServed = Boolean(flags.addr ?? environment().COATCHECK_ADDR);
  const handOver = isServed ? (deployment: string) => handOverAt(out, deployment, flags) : undefined;
  const { deployment, rows, already }: Moved = await moveToDatabase(config, handOver);
  const text = already
    ? `Deployment ${deployment} is in the database already: nothing was changed.`
    : `${rows} records of deployment ${deployment} have been moved from ${config.data} to the database.`;
  const next = `Start the broker on it: the same --data and key, and the database. Until that broker runs, the old one hands out valid tokens from its file; after that the file is not used.`;
  out.result([text, next], { deployment, records: rows, already, data: config.data });
}

/** How often it is asked whether all has ended. Milliseconds. */
const AGAIN_MS = 200;

/** Nothing is sent from the first call on; what was under way is waited for. */
async function handOverAt(out: Output, deployment: string, flags: OperatorFlags): Promise<void> {
  const broker = await operatorOf(flags);
  let told = 0;
  for (;;) {
    const { data } = (await broker.write("sys/hand-over", { deployment })) ?? {};
    const left = data?.under_way;
    if (typeof left !== "number" || !Number.isInteger(left) || left < 0)
      throw new CliError("bad_answer", "what answered is no broker that can hand its data over: nothing was moved");
    if (left === 0) return;
    if (left !== told) out.note(`The broker still waits for ${left} of its requests to providers.`);
    told = left;
    await pause(systemClock, AGAIN_MS);
  }
}
