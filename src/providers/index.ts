/**
 * Providers: each a small data file with its endpoints, options and quirks. Owns what a provider does differently; not
 * how a request is made (protocol/), nor when. A branch on a provider's id anywhere is a missing field here.
 */
import { custom } from "./custom.ts";
import { matrix } from "./matrix.ts";
import { mcp } from "./mcp.ts";
import { oauth2 } from "./oauth2.ts";
import { oidc } from "./oidc.ts";
import { PRESETS } from "./presets/index.ts";
import type { Provider } from "./provider.ts";

export type { ApiAccountCall, ApiDialect } from "./api-server.ts";
export { checkCredentialOptions, checkServerOptions, needsClientId } from "./check-options.ts";
export {
  type Expanded,
  endpointMembers,
  expandProvider,
  expandRevocationUrl,
  metadataForRefresh,
  metadataOfProvider,
  registrationPage,
} from "./expand.ts";
export { type ExpandedApiServer, linkParameters } from "./expand-api-server.ts";
export { EXTRA_DATA_FIELDS } from "./extra-data-fields.ts";
export { OPERATORS_OPTIONS } from "./generic-options.ts";
export { didYouMean } from "./nearest.ts";
export type { AccountCall, OptionRule, Provider, Rotation } from "./provider.ts";

/** Every version that a stored server may name; the first of an id is the current one. */
export const PROVIDERS: readonly Provider[] = [custom, matrix, mcp, oauth2, oidc, ...PRESETS];

/** A provider's data, the current version or the one asked for; undefined when there is none. */
export function findProvider(id: string, version?: number): Provider | undefined {
  return PROVIDERS.find((provider) => provider.id === id && (version === undefined || provider.version === version));
}

/** The ids a server may name, sorted. */
export function providerIds(): readonly string[] {
  return [...new Set(PROVIDERS.map(({ id }) => id))].sort();
}
