import type { DeviceAuthorization } from "../protocol/device-authorization.ts";
import type { ResolvedServer } from "./resolve-server.ts";

/**
 * XD-13: a page that is to be opened belongs to the server the login is for. One on another host is shown all the same, with
 * a warning for the person, because only a person can tell; no program opens it by itself.
 */
export function verificationWarning(
  server: ResolvedServer,
  { verificationUri, verificationUriComplete }: DeviceAuthorization,
): string | undefined {
  const ours = [...ownUrls(server).map(hostOf), ...server.provider.verificationHosts];
  const pages = [verificationUri, verificationUriComplete].filter((uri) => uri !== undefined);
  const open = pages.find((uri) => new URL(uri).protocol === "http:" && !LOOPBACK.test(hostOf(uri)));
  if (open !== undefined) return `the page to open is not https: ${open}`;
  const strange = pages.map(hostOf).find((host) => !ours.includes(host));
  if (strange === undefined) return undefined;
  return `the page to open is on ${strange}, which is none of the server's hosts (${[...new Set(ours)].join(", ")})`;
}

/** Its issuer and its endpoints; of one that was found by a homeserver's name the two that name it. */
function ownUrls({ binding, metadata }: ResolvedServer): readonly string[] {
  if (binding) return [metadata.issuer, binding.baseUrl];
  const { issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint } = metadata;
  const urls = [issuer, authorization_endpoint, token_endpoint, device_authorization_endpoint];
  return urls.filter((url) => url !== undefined && URL.canParse(url)) as readonly string[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function hostOf(url: string): string {
  return new URL(url).hostname;
}
