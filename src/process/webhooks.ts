import { ConfigError } from "./config-error.ts";

/** An endpoint of an operator's that is told what becomes of logins. */
export interface Webhook {
  /** In logs and in the store; the URL may change. */
  readonly name: string;
  /** May hold a secret of its own. */
  readonly url: string;
  /** Each signs. */
  readonly keys: readonly Uint8Array[];
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** `NAME=URL` of each endpoint. Throws `ConfigError`, which shows no URL: its path may be a secret. */
export function endpointsOf(list: string): ReadonlyMap<string, string> {
  const endpoints = new Map<string, string>();
  for (const one of list.split(/[\s,]+/).filter((text) => text !== "")) {
    const [, name = "", text = ""] = /^([^=:/]*)=(.*)$/s.exec(one) ?? [];
    if (!NAME.test(name)) {
      throw new ConfigError("--webhooks: give each endpoint as NAME=URL, with a name like ops (a-z, 0-9, - and _)");
    }
    if (endpoints.has(name)) throw new ConfigError(`--webhooks: "${name}" is there twice: give each a name of its own`);
    const url = URL.parse(text);
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.hash !== "") {
      throw new ConfigError(
        `--webhooks: the URL of "${name}" is not valid: give one like https://hooks.example.com/coatcheck`,
      );
    }
    endpoints.set(name, url.href);
  }
  return endpoints;
}

/** Bytes; what the Standard Webhooks specification asks of a key. */
const SHORTEST = 24;
const LONGEST = 64;

/** The endpoints with the keys that sign for them; several of one endpoint all sign (for a change of keys). Throws `ConfigError`, which shows no secret. */
export function webhooksOf(list: string, secrets = ""): readonly Webhook[] {
  const endpoints = endpointsOf(list);
  const given = secrets
    .split(/[\s,]+/)
    .filter((text) => text !== "")
    .map(secretOf);
  const stranger = given.find(({ name }) => name !== undefined && !endpoints.has(name))?.name;
  if (stranger !== undefined) {
    throw new ConfigError(`COATCHECK_WEBHOOK_SECRET: no endpoint of --webhooks is called "${stranger}"`);
  }
  return [...endpoints].map(([name, url]) => {
    const own = given.filter((secret) => secret.name === name);
    const keys = (own.length > 0 ? own : given.filter((secret) => secret.name === undefined)).map(({ key }) => key);
    if (keys.length > 0) return { name, url, keys };
    throw new ConfigError(
      `--webhooks: there is no secret to sign for "${name}" with: set COATCHECK_WEBHOOK_SECRET to whsec_ and 32 random bytes in base64 (echo whsec_$(openssl rand -base64 32))`,
    );
  });
}

function secretOf(text: string): { readonly name?: string; readonly key: Uint8Array } {
  const [, name, base64 = ""] = /^(?:([^=]*)=)?whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const key = Buffer.from(base64, "base64");
  if (key.length < SHORTEST || key.length > LONGEST) {
    throw new ConfigError(
      `COATCHECK_WEBHOOK_SECRET: give whsec_ and ${SHORTEST} to ${LONGEST} random bytes in base64, or NAME=whsec_… for one endpoint (echo whsec_$(openssl rand -base64 32))`,
    );
  }
  return { key, ...(name !== undefined && { name }) };
}
