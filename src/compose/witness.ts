import { accessSync, constants } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../process/config.ts";
import { openWitness, type Witness } from "../process/witness.ts";

/** Beside the key file where that folder can be written, so that it is not restored together with the data. */
export function witnessOf({ key, data }: Config): Witness {
  const beside = key?.startsWith("file:") ? dirname(key.slice("file:".length)) : data;
  return openWitness(join(isWritable(beside) ? beside : data, "witness"));
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
