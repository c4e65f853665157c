import type { DeviceAuthorization } from "../protocol/device-authorization.ts";
import type { ResolvedServer } from "./resolve-server.ts";

/**
 * XD-13: a page that is to be opened belongs to the server the login is for. One on another host is shown all the same, with
 * a warning for the person, because only a person can tell.
 */
export function verificationWarnings(
  { binding, provider: { home } }: ResolvedServer,
  { verificationUri, verificationUriComplete }: DeviceAuthorization,
): readonly string[] {
  if (!binding || !home) return [];
  const ours = [...[binding.metadata.issuer, binding.baseUrl].map(hostOf), ...home.verificationHosts];
  const pages = [verificationUri, verificationUriComplete].filter((uri) => uri !== undefined);
  const open = pages.find((uri) => new URL(uri).protocol === "http:" && !LOOPBACK.test(hostOf(uri)));
  if (open !== undefined) return [`the page to open is not https: ${open}`];
  const strange = pages.map(hostOf).find((host) => !ours.includes(host));
  return strange === undefined
    ? []
    : [`the page to open is on ${strange}, which is none of the server's hosts (${[...new Set(ours)].join(", ")})`];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function hostOf(url: string): string {
  return new URL(url).hostname;
}
