import { type AddressPolicy, parseNetworks } from "../outbound/address-policy.ts";
import { ConfigError, orConfigError } from "./config-error.ts";
import type { LogLevel } from "./log.ts";

/** `on` or `off`; empty is on. Throws `ConfigError`. */
export function checksOwner(text = ""): boolean {
  if (!["", "on", "off"].includes(text)) throw new ConfigError(`--data-owner-check must be on or off, not "${text}"`);
  return text !== "off";
}

/** Throws `ConfigError`. */
export function parsePublicUrl(text: string): string {
  const url = URL.parse(text);
  const plain = url?.search === "" && url.hash === "" && url.username === "";
  if (!plain || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`the public URL "${text}" is not valid: give an address like https://broker.example.com`);
  }
  return url.href.replace(/\/$/, "");
}

/** Throws `ConfigError`. */
export function networksOf(flag: string, list: string): AddressPolicy {
  return orConfigError(`${flag}: `, () => parseNetworks(list));
}

/** Each as a browser writes it in `Origin`: scheme, host, and a port that is not the usual one. */
export function originsOf(list: string): ReadonlySet<string> {
  const origins = list.split(/[\s,]+/).filter((one) => one !== "");
  for (const one of origins) {
    const url = URL.parse(one);
    if (url?.origin === one && /^https?:$/.test(url.protocol)) continue;
    throw new ConfigError(`--allow-origins: "${one}" is not an origin: give one like https://app.example.com`);
  }
  return new Set(origins);
}

/** Names or addresses as they stand in `Host`, without a port. */
export function hostsOf(list: string): ReadonlySet<string> {
  const hosts = list.split(/[\s,]+/).filter((one) => one !== "");
  const names = hosts.map((one) => {
    const url = URL.parse(`http://${one}`);
    if (url && url.port === "" && url.pathname === "/" && url.username === "" && !one.includes("/"))
      return url.hostname;
    throw new ConfigError(`--allow-hosts: "${one}" is not a host: give a name like broker.internal, without a port`);
  });
  return new Set(names);
}

export const LEVELS: readonly LogLevel[] = ["info", "warn", "error", "silent"];

export function logLevelOf(text: string): LogLevel {
  const level = LEVELS.find((known) => known === text);
  if (!level) throw new ConfigError(`COATCHECK_LOG_LEVEL must be one of ${LEVELS.join(", ")}`);
  return level;
}
