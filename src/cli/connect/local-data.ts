import { environment } from "../frame/environment.ts";
import { usage } from "../frame/fail.ts";
import { brokerAddress, OWN } from "./broker.ts";

/** Where a command finds the data that it opens itself, as typed. */
export interface DataFlags {
  readonly config?: string;
  readonly data?: string;
  readonly database?: string;
}

/**
 * For commands that open a broker's data themselves: who uses a broker by its address means that one's, and not a folder
 * that happens to be on this machine. Throws usage where no data are named then.
 */
export function requireData(command: string, { config, data, database }: DataFlags): void {
  const { COATCHECK_CONFIG, COATCHECK_DATA, COATCHECK_DATABASE } = environment();
  const isNamed = config ?? data ?? database ?? (COATCHECK_CONFIG || COATCHECK_DATA || COATCHECK_DATABASE);
  const address = brokerAddress(undefined);
  if (isNamed || address === OWN) return;
  throw usage(
    `you use the broker at ${address}, and ${command} works on files: run it where that broker runs, and name its data with --data or --database`,
  );
}
