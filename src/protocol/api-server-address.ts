import type { Ladder } from "./ladder/ladder.ts";
import { parseServerInput, type ServerAddress } from "./ladder/server-input.ts";
import { asResourceUrl, type ProtectedResource } from "./resource/resource.ts";

/** What a person typed for an API server, by how that is found: a name or a URL; undefined for anything else. */
export function parseApiServer(
  ladder: Ladder | ProtectedResource,
  text: string,
  allowHttp: boolean,
): ServerAddress | undefined {
  if (ladder.kind === "homeserver") return parseServerInput(text, allowHttp);
  const baseUrl = asResourceUrl(text, allowHttp);
  return baseUrl === undefined ? undefined : { kind: "url", baseUrl };
}
