import { join } from "node:path";
import { credentialRow } from "../../src/broker/record/records.ts";
import { DEFAULT_SETTINGS, type Issued } from "../../src/credential/index.ts";
import type { Clock } from "../../src/process/clock.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Misbehaving } from "../servers/misbehaving.ts";
import { sealIn } from "./stored.ts";

/** Seconds that every access token lives. */
const LIFE = 3_600;

/** One credential of those that a broker finds due at its start. */
export interface Due {
  readonly name: string;
  readonly server: string;
  readonly refreshToken: string;
  /** Epoch milliseconds; its expiry, less the window and its jitter. */
  readonly dueAt: number;
}

/**
 * Puts credentials of the servers into the data of a broker that does not run, as it would have left them: issued less than
 * an hour ago, so that some have expired and all are due for a refresh now, each at a moment of its own.
 */
export async function manyDue(
  data: string,
  clock: Clock,
  as: Misbehaving,
  { count, servers }: { count: number; servers: readonly string[] },
): Promise<readonly Due[]> {
  const store = await openSqliteStore({ path: join(data, "coatcheck.db"), clock });
  // Of fingerprints only their difference matters here: each is written anew by the first refresh.
  const seal = sealIn(data);
  const made: Due[] = [];
  for (let from = 0; from < count; from += 1_000) {
    const rows = Array.from({ length: Math.min(1_000, count - from) }, (_, index) => {
      const name = `due-${((from + index) * 7_919) % count}`;
      const expiresAt = clock.now() - 300_000 + Math.floor(((from + index) * 350_000) / count);
      const credential = issued(servers[index % servers.length] ?? "", as.tokens.grant(), expiresAt, index / 1_000);
      const content = { credential, history: [] };
      const row = credentialRow({ seal }, { mount: "oauth2", name, id: `id-${name}` }, content, DEFAULT_SETTINGS);
      const { refreshToken = "", grant } = credential;
      return { row, due: { name, server: grant.server, refreshToken, dueAt: row.dueAt ?? 0 } };
    });
    await Promise.all(rows.map(({ row }) => store.write(row, { absent: true })));
    made.push(...rows.map(({ due }) => due));
  }
  await store.close();
  return made;
}

function issued(server: string, refreshToken: string, expiresAt: number, jitter: number): Issued {
  return {
    status: "issued",
    grant: { server, scopes: [], providerOptions: {} },
    accessToken: `at-before-${refreshToken}`,
    tokenType: "Bearer",
    refreshToken,
    issuedAt: expiresAt - LIFE * 1_000,
    expiresAt,
    scopes: [],
    extraData: {},
    notices: [],
    jitter,
  };
}
