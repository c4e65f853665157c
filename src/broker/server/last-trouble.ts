import { parseApiServer } from "../../protocol/api-server-address.ts";
import { type Expanded, expandProvider, findProvider } from "../../providers/index.ts";
import type { Trouble } from "../process/caches.ts";
import type { Context } from "../process/context.ts";
import type { StoredServer } from "./server-record.ts";

/** FC-37: of its token endpoint, or of where that is found; or an endpoint of it has moved (META-08). What lasts goes first. */
export function lastTroubleOf({ caches, allowHttp }: Context, { id, record }: StoredServer): Trouble | undefined {
  const provider = findProvider(record.provider, record.providerVersion);
  const found = provider ? foundAt(expandProvider(provider, record.providerOptions, {}), allowHttp) : [];
  const troubles = [record.tokenOrigin, ...found, id].flatMap((key) => caches.troubles.get(key) ?? []);
  const lasts = ({ answeredAt }: Trouble) => Number(answeredAt === undefined);
  return troubles.sort((a, b) => lasts(b) - lasts(a) || b.at - a.at)[0];
}

/** The origins that are asked where its endpoints are. */
function foundAt({ discovery = "", apiServer }: Expanded, allowHttp: boolean): readonly string[] {
  const named = apiServer?.fixed ? parseApiServer(apiServer.ladder, apiServer.name, allowHttp) : undefined;
  const ofApi = named && (named.kind === "name" ? `https://${named.host}` : named.baseUrl);
  return [discovery, ofApi ?? ""].map((url) => URL.parse(url)?.origin ?? "");
}
