import type { Client } from "../protocol/client.ts";
import type { RegisteredClient } from "./state.ts";

export function publicClient({ clientId }: RegisteredClient): Client {
  return { clientId, authentication: { method: "none" } };
}
