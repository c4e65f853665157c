import { createHash } from "node:crypto";
import type pg from "pg";
import { StoreUnusable } from "../port.ts";

/** Of `coatcheck_progress`: the slots below it are the connections'. */
export const CONFIGURED_SLOT = 64;

/**
 * Append only: a migration that has been released is never edited (its checksum is kept in the database).
 *
 * Names are COLLATE "C": bytes are compared, whatever the database's locale. The partial index is the due queue; a claimed
 * row stays in it, due again when its lease ends. Sealed columns are not compressed, since sealed bytes do not shrink.
 * Progress counts changes of content, by a trigger so that none is forgotten; one slot per connection, or commits would wait
 * for each other, and no sequence, which skips ahead after a crash and so would hide a copy that is a little older.
 * The time is a function of its own, so that all leases and due times are by one clock, the database's.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE FUNCTION coatcheck_now() RETURNS bigint LANGUAGE sql VOLATILE
    AS $$ SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint $$;
  CREATE TABLE coatcheck_row (
    id          text   COLLATE "C" PRIMARY KEY,
    mount       text   COLLATE "C" NOT NULL,
    kind        text   COLLATE "C" NOT NULL,
    name        text   COLLATE "C" NOT NULL,
    server      text   COLLATE "C",
    task        text   COLLATE "C",
    due_at      bigint,
    lineage     text   COLLATE "C",
    revision    bigint NOT NULL,
    claim       text   COLLATE "C",
    claim_until bigint,
    intent      text   COLLATE "C",
    escrow      bytea,
    sealed      bytea  NOT NULL
  ) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
  ALTER TABLE coatcheck_row ALTER COLUMN sealed SET STORAGE EXTERNAL, ALTER COLUMN escrow SET STORAGE EXTERNAL;
  CREATE UNIQUE INDEX coatcheck_row_name ON coatcheck_row (mount, kind, name);
  CREATE INDEX coatcheck_row_due ON coatcheck_row (greatest(due_at, coalesce(claim_until, 0::bigint)))
    WHERE task IS NOT NULL AND due_at IS NOT NULL;
  CREATE INDEX coatcheck_row_server ON coatcheck_row (mount, kind, server, name) WHERE server IS NOT NULL;
  CREATE INDEX coatcheck_row_claimed ON coatcheck_row (claim) WHERE claim IS NOT NULL;`,
  `CREATE TABLE coatcheck_progress (slot integer PRIMARY KEY, value bigint NOT NULL) WITH (fillfactor = 50);
  CREATE FUNCTION coatcheck_count_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO coatcheck_progress AS present VALUES (pg_backend_pid() % 64, 1)
      ON CONFLICT (slot) DO UPDATE SET value = present.value + 1;
    RETURN NULL;
  END $$;
  CREATE TRIGGER coatcheck_row_changed AFTER INSERT OR DELETE OR UPDATE OF sealed, escrow ON coatcheck_row
    FOR EACH ROW EXECUTE FUNCTION coatcheck_count_change();`,
  `DROP INDEX coatcheck_row_due;
  CREATE INDEX coatcheck_row_due ON coatcheck_row (task, greatest(due_at, coalesce(claim_until, 0::bigint)))
    WHERE task IS NOT NULL AND due_at IS NOT NULL;
  CREATE INDEX coatcheck_row_lane ON coatcheck_row
    (task, (mount || chr(10) || coalesce(server, '')), greatest(due_at, coalesce(claim_until, 0::bigint)))
    WHERE task IS NOT NULL AND due_at IS NOT NULL;`,
  // SHA-256 of the bytes that a re-seal replaced: whoever repeats the write of those has written these.
  "ALTER TABLE coatcheck_row ADD COLUMN resealed_from bytea",
  // Settings and server records are remembered by every instance, so changes of them are counted apart as well.
  `CREATE OR REPLACE FUNCTION coatcheck_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE changed text;
  BEGIN
    INSERT INTO coatcheck_progress AS present VALUES (pg_backend_pid() % 64, 1)
      ON CONFLICT (slot) DO UPDATE SET value = present.value + 1;
    IF TG_OP = 'DELETE' THEN changed := OLD.kind; ELSE changed := NEW.kind; END IF;
    IF changed IN ('config', 'server') THEN
      INSERT INTO coatcheck_progress AS present VALUES (${CONFIGURED_SLOT}, 1)
        ON CONFLICT (slot) DO UPDATE SET value = present.value + 1;
    END IF;
    RETURN NULL;
  END $$;`,
  // By what lists find rows. `filed` is the revision that the facets are of; a refresh that changes none touches no row of theirs.
  `ALTER TABLE coatcheck_row ADD COLUMN facets text[] COLLATE "C", ADD COLUMN filed bigint;
  CREATE TABLE coatcheck_facet (
    mount text COLLATE "C" NOT NULL,
    kind  text COLLATE "C" NOT NULL,
    facet text COLLATE "C" NOT NULL,
    name  text COLLATE "C" NOT NULL,
    PRIMARY KEY (mount, kind, facet, name)
  );
  CREATE INDEX coatcheck_row_unfiled ON coatcheck_row (id) WHERE kind IN ('creds', 'self') AND filed IS DISTINCT FROM revision;
  CREATE FUNCTION coatcheck_file() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
      DELETE FROM coatcheck_facet
        WHERE mount = OLD.mount AND kind = OLD.kind AND name = OLD.name AND facet = ANY (OLD.facets);
    END IF;
    IF TG_OP <> 'DELETE' THEN
      INSERT INTO coatcheck_facet SELECT NEW.mount, NEW.kind, one, NEW.name FROM unnest(NEW.facets) AS one
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER coatcheck_facet_added AFTER INSERT ON coatcheck_row
    FOR EACH ROW WHEN (NEW.facets IS NOT NULL) EXECUTE FUNCTION coatcheck_file();
  CREATE TRIGGER coatcheck_facet_removed AFTER DELETE ON coatcheck_row
    FOR EACH ROW WHEN (OLD.facets IS NOT NULL) EXECUTE FUNCTION coatcheck_file();
  CREATE TRIGGER coatcheck_facet_changed AFTER UPDATE OF facets, mount, kind, name ON coatcheck_row
    FOR EACH ROW WHEN (OLD.facets IS DISTINCT FROM NEW.facets OR OLD.name <> NEW.name OR OLD.kind <> NEW.kind
      OR OLD.mount <> NEW.mount) EXECUTE FUNCTION coatcheck_file();`,
];

/** What a database was and is, in numbers of migrations. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** The advisory lock of migrations: the first four bytes of SHA-256("coatcheck migration"), as a signed number. */
const LOCK = createHash("sha256").update("coatcheck migration").digest().readInt32BE(0);

/** A migration may wait for another instance's; it may take its time, since nobody serves before it. */
const PATIENCE = "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0";

const LEDGER = `CREATE TABLE IF NOT EXISTS coatcheck_migration (
  version integer PRIMARY KEY, checksum text NOT NULL, applied_at bigint NOT NULL)`;

/** Brings the schema up to date, whoever else does so at the same time. Throws `StoreUnusable` for a newer one. */
export async function migrate(client: pg.Client): Promise<Migrated> {
  const from = await presentVersion(client);
  for (let version = from; version < MIGRATIONS.length; version++) await apply(client, version + 1);
  return { from, to: MIGRATIONS.length };
}

/** How many migrations are applied. Needs no right to change anything, so that a role without any can start. */
async function presentVersion(client: pg.Client): Promise<number> {
  const { rows: found } = await client.query("SELECT to_regclass('coatcheck_migration') IS NOT NULL AS exists");
  if (found[0]?.exists !== true) return 0;
  const { rows } = await client.query<{ version: number; checksum: string }>(
    "SELECT version, checksum FROM coatcheck_migration ORDER BY version",
  );
  const newest = rows.at(-1)?.version ?? 0;
  if (newest > MIGRATIONS.length) {
    throw new StoreUnusable(
      `the database was written by a newer version of Coatcheck (schema ${newest}; this version knows ${MIGRATIONS.length}): start that version or a newer one; nothing was changed`,
    );
  }
  for (const { version, checksum } of rows) {
    if (checksum === checksumOf(version)) continue;
    throw new StoreUnusable(
      `schema ${version} of the database differs from the one this version of Coatcheck knows: start the version that created it, or restore a backup; nothing was changed`,
    );
  }
  return newest;
}

/** For readers that change nothing. */
export async function assertNewest(client: pg.Client): Promise<void> {
  if ((await presentVersion(client)) === MIGRATIONS.length) return;
  throw new StoreUnusable(
    "the database has the schema of another version of Coatcheck: use the version that serves it",
  );
}

async function apply(client: pg.Client, version: number): Promise<void> {
  await client.query("BEGIN");
  await client.query(PATIENCE);
  await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
  await client.query(LEDGER);
  if ((await presentVersion(client)) < version) {
    await client.query(MIGRATIONS[version - 1] ?? "");
    const entry = "INSERT INTO coatcheck_migration (version, checksum, applied_at) VALUES ($1, $2, coatcheck_now())";
    await client.query(entry, [version, checksumOf(version)]);
  }
  await client.query("COMMIT");
}

function checksumOf(version: number): string {
  return createHash("sha256")
    .update(MIGRATIONS[version - 1] ?? "")
    .digest("hex");
}
