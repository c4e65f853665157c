import { join } from "node:path";
import { runtimeFolder, stateFolder } from "../kept/folders.ts";

/** The socket that a person's own broker is started with. */
export function ownSocket(): string {
  return join(runtimeFolder(true) ?? "", "broker.sock");
}

/** The folder of its data. */
export function ownData(): string {
  return join(stateFolder(), "broker");
}
