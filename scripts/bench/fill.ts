import { statSync } from "node:fs";
import { join } from "node:path";
import { DataKeys, makeFirstKeys } from "../../src/broker/keys/data-keys.ts";
import { credentialRow } from "../../src/broker/record/records.ts";
import { openWithKeys } from "../../src/compose/open-keys.ts";
import { openStore } from "../../src/compose/store.ts";
import { DEFAULT_SETTINGS, type Issued } from "../../src/credential/index.ts";
import { systemClock } from "../../src/process/clock.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import type { RowContent } from "../../src/store/port.ts";
import { type Broker, TOKEN, type Where } from "./stage.ts";

const HOUR_MS = 3_600_000;

/** Rows that are written at once. */
const AT_ONCE = 500;

/** How a credential stands: what part of its hour has passed, from 0 (issued just now) to 1 (run out). */
type Age = (index: number) => number;

/** What else is known of it. */
type More = (index: number) => Pick<Issued, "identity">;

/** Puts so many credentials `c-0` … into the data of a broker that does not run, as it would have written them. */
export async function fill(
  { data, database, env = {} }: Where,
  count: number,
  age: Age,
  more: More = () => ({}),
): Promise<void> {
  const environment = { ...env, COATCHECK_ROOT_TOKEN: TOKEN, ...(database && { COATCHECK_DATABASE: database.url }) };
  const config = loadConfig({ data }, environment);
  const store = await openStore(config, systemClock);
  const { seal } = await openWithKeys(config, store, systemClock);
  const mounts = { mounts: ["oauth2"], shared: false };
  await makeFirstKeys(
    { store, seal, log: createLog("silent") },
    new DataKeys({ store, clock: systemClock, seal }),
    mounts,
  );
  const row = (index: number): RowContent => {
    const content = {
      credential: { ...issued(index, systemClock.now() - age(index) * HOUR_MS), ...more(index) },
      history: [],
    };
    const place = { mount: "oauth2", name: `c-${index}`, id: `id-c-${index}` };
    return credentialRow({ seal }, place, content, DEFAULT_SETTINGS);
  };
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => row(from + index));
    await Promise.all(some.map((one) => store.write(one, { absent: true })));
  }
  await store.close();
}

/** As a provider with tokens of an hour has answered; the access token is as long as most. */
function issued(index: number, issuedAt: number): Issued {
  const grant = { server: "as", scopes: ["read", "write"], providerOptions: {} };
  return {
    ...{ status: "issued", grant, accessToken: `at-${index}`.padEnd(600, "x"), tokenType: "Bearer" },
    ...{
      refreshToken: `filled-${index}`.padEnd(60, "x"),
      issuedAt,
      expiresAt: issuedAt + HOUR_MS,
      scopes: grant.scopes,
    },
    ...{ extraData: {}, notices: [], jitter: (index % 1_000) / 1_000 },
  };
}

/** Credentials of an hour are refreshed with 72 to 372 s left (a window and a jitter): younger ones are not due. */
export const YOUNG = 0.89;

/** When one with half of the jitter is due. Milliseconds. */
export const PERIOD_MS = HOUR_MS - 72_000 - 150_000;

/** Bytes of the file for each of so many credentials. */
export function bytesOf({ data }: Pick<Broker, "data">, count: number): number {
  return statSync(join(data, "coatcheck.db")).size / count;
}
