import type { Grant } from "../../credential/index.ts";
import { expandProvider, findProvider } from "../../providers/index.ts";
import type { ServerRecord } from "./server-record.ts";

/** Which API a login is for, where its server's record does not say it alone. */
export interface LeadsTo {
  /** The URL of its API server. */
  readonly api?: string;
  /** What its tokens are for (RFC 8707). */
  readonly resource?: string;
}

/** Of a login that has begun: what it is bound to; before that what it names. */
export function leadsTo(record: ServerRecord | undefined, { binding, providerOptions }: Grant): LeadsTo {
  if (binding) {
    const { baseUrl: api, resource } = binding;
    return { api, ...(resource !== undefined && { resource }) };
  }
  const provider = record && findProvider(record.provider, record.providerVersion);
  const name = provider && expandProvider(provider, record.providerOptions, providerOptions).apiServer?.name;
  return name ? { api: name } : {};
}
