import { NO_LIVES, type Settings, type TokenLives } from "../../credential/index.ts";
import type { ServerInput } from "../broker.ts";
import type { ConfiguredServer } from "./resolve-server.ts";

/** What a write of a server says of the lives of its tokens. */
export function livesOf({ defaultExpirySeconds, maximumExpirySeconds }: ServerInput): TokenLives {
  return { assumed: defaultExpirySeconds, longest: maximumExpirySeconds };
}

/** What holds in the end: the server's record, its provider's documentation and the mount, in that order; of limits the least. */
export function tokenLives({ record, provider }: ConfiguredServer, settings: Settings): TokenLives {
  const { assumed, longest } = record.lives ?? NO_LIVES;
  const limits = [longest, settings.maximumExpirySeconds].filter((seconds) => seconds > 0);
  return {
    assumed: assumed || provider.defaultExpirySeconds || settings.defaultExpirySeconds,
    longest: limits.length === 0 ? 0 : Math.min(...limits),
  };
}
