import type { Grant } from "../../../credential/index.ts";
import type { ForwardRequest } from "../../../protocol/forward.ts";
import { expandProvider, findProvider } from "../../../providers/index.ts";
import type { ServerRecord } from "../../server/server-record.ts";

/** Where a session's requests go, and what may be reached there. */
export interface Endpoint extends Pick<ForwardRequest, "stranger" | "reach"> {
  readonly url: string;
}

/** Name of the API of a server record that speaks MCP, where its logins are not bound to one. */
const LISTED = "mcp";

/**
 * MCP-T1: the endpoint that a session's tokens go to, and nothing below it or beside it: what its login is bound to, else what the
 * operator listed.
 */
export function endpointOf(
  record: ServerRecord | undefined,
  { binding, providerOptions }: Grant,
): Endpoint | undefined {
  const provider = record && findProvider(record.provider, record.providerVersion);
  if (record && provider?.apiServer?.gateway) {
    const { apiServer } = expandProvider(provider, record.providerOptions, providerOptions);
    const reach = apiServer?.reach;
    return binding && { url: binding.baseUrl, ...(binding.stranger && { stranger: true }), ...(reach && { reach }) };
  }
  const apis = record?.sessions?.proxyApis ?? {};
  // A base for paths has a slash at its end, which was not necessarily written.
  const listed = Object.hasOwn(apis, LISTED) ? apis[LISTED]?.replace(/\/$/, "") : undefined;
  return listed === undefined ? undefined : { url: listed };
}
