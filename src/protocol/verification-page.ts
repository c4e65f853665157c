import type { DeviceAuthorization } from "./device-authorization.ts";

/**
 * XD-13: what is wrong with the page that a person is to open, if anything is. It belongs to the server that the login is
 * for, whose hosts are given; one on another host is shown all the same, because only a person can tell, and opened by none.
 */
export function verificationPageWarning(
  { verificationUri, verificationUriComplete }: DeviceAuthorization,
  hosts: readonly string[],
): string | undefined {
  const pages = [verificationUri, verificationUriComplete].filter((uri) => uri !== undefined);
  const open = pages.find((uri) => new URL(uri).protocol === "http:" && !LOOPBACK.test(hostOf(uri)));
  if (open !== undefined) return `the page to open is not https: ${open}`;
  const strange = pages.map(hostOf).find((host) => !hosts.includes(host));
  if (strange === undefined) return undefined;
  return `the page to open is on ${strange}, which is not one of the server's hosts (${[...new Set(hosts)].join(", ")})`;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** As a page's host is compared: without port. */
export function hostOf(url: string): string {
  return new URL(url).hostname;
}
