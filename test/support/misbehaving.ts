import type { TestContext } from "node:test";
import type { Misbehaving } from "../servers/misbehaving.ts";
import { startServer } from "../servers/watched.ts";
import { type Coatcheck, type CoatcheckOptions, startCoatcheck } from "./coatcheck.ts";
import { FakeClock } from "./fake-clock.ts";

export const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

export interface Pair extends Coatcheck {
  readonly as: Misbehaving;
}

/** A broker and a misbehaving server on one false clock, with the server configured as `as`. */
export async function startPair(t: TestContext, options: CoatcheckOptions = {}): Promise<Pair> {
  const clock = options.clock ?? new FakeClock();
  const as = await startServer(t, () => clock.now());
  const coatcheck = await startCoatcheck(t, { ...options, clock });
  t.after(() => requireSilentLogs(as, coatcheck.logged));
  await configure(coatcheck, as);
  return { ...coatcheck, as };
}

const SECRET_PARAMETERS = ["refresh_token", "device_code", "code", "code_verifier", "client_secret", "subject_token"];

/** S12: after every test, no value that was sent to a server as a secret is in a log line. */
function requireSilentLogs(as: Misbehaving, logged: readonly string[]): void {
  const log = logged.join("");
  for (const { form } of as.requests) {
    for (const name of SECRET_PARAMETERS) {
      const value = form.get(name);
      if (value !== null && value.length > 7 && log.includes(value)) throw new Error(`a ${name} was logged`);
    }
  }
}

/** Writes the server record `as`; public unless `more` says otherwise. */
export async function configure(
  coatcheck: Coatcheck,
  as: Misbehaving,
  more: Record<string, unknown> = {},
  name = "as",
) {
  const { provider_options: options, ...rest } = more;
  const { issuer } = as;
  const written = await coatcheck.write(`oauth2/servers/${name}`, {
    provider: "custom",
    client_id: "client",
    provider_options: {
      issuer,
      auth_code_url: `${issuer}/authorize`,
      token_url: `${issuer}/token`,
      device_code_url: `${issuer}/device`,
      revocation_url: `${issuer}/revoke`,
      ...(options as object | undefined),
    },
    ...rest,
  });
  if (written.status !== 204) throw new Error(`server not written: ${JSON.stringify(written.body)}`);
}

/** Starts a device flow under a name. */
export function startDevice(coatcheck: Coatcheck, name = "me", more: Record<string, unknown> = {}) {
  return coatcheck.write(`oauth2/creds/${name}`, { server: "as", grant_type: DEVICE, ...more });
}

/** A credential by an imported refresh token; answers that first token. */
export async function importGrant(pair: Pair, name = "me", more: Record<string, unknown> = {}): Promise<string> {
  const token = pair.as.tokens.grant();
  const written = await pair.write(`oauth2/creds/${name}`, { server: "as", refresh_token: token, ...more });
  if (written.status !== 204) throw new Error(`not imported: ${written.status} ${JSON.stringify(written.body)}`);
  return token;
}
