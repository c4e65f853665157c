import { renewRootToken } from "../../compose/root-token.ts";
import { ConfigError, loadConfig } from "../../process/config.ts";
import type { DataFlags } from "../connect/local-data.ts";
import type { Output } from "../frame/output.ts";

/** A new root token in the place of the one in the data folder; it is printed nowhere. */
export function newRootToken(out: Output, flags: DataFlags): void {
  const { rootToken, data } = loadConfig(flags);
  if (rootToken !== undefined) {
    throw new ConfigError("the root token is given by COATCHECK_ROOT_TOKEN: set another value, and restart the broker");
  }
  const path = renewRootToken(data);
  out.result(
    [
      `${path} has a new root token. A broker that runs on it takes it within 5 seconds, another one at its start.`,
      "From then on the old one opens nothing, and neither do the tokens that it made, but for orphans.",
    ],
    { path },
  );
}
