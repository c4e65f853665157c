import type { DatabaseSync } from "node:sqlite";
import { StoreUnusable } from "../port.ts";

const ADD_FACETS = "INSERT OR IGNORE INTO facet SELECT NEW.mount, NEW.kind, value, NEW.name FROM json_each(NEW.facets)";
const REMOVE_FACETS = `DELETE FROM facet WHERE mount = OLD.mount AND kind = OLD.kind AND name = OLD.name
  AND facet IN (SELECT value FROM json_each(OLD.facets))`;

/**
 * Append only: a migration that has been released is never edited. `user_version` counts the ones applied.
 *
 * Names are TEXT in the BINARY collation: bytes of UTF-8 are compared. The partial indexes are the due queue; a claimed row
 * stays in them, due again when its lease ends. `progress` counts changes of content, by triggers so that none is forgotten.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE row (
    id          TEXT PRIMARY KEY,
    mount       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    server      TEXT,
    task        TEXT,
    due_at      INTEGER,
    lineage     TEXT,
    revision    INTEGER NOT NULL,
    claim       TEXT,
    claim_until INTEGER,
    intent      TEXT,
    escrow      BLOB,
    sealed      BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX row_name ON row (mount, kind, name);
  CREATE INDEX row_due ON row (max(due_at, coalesce(claim_until, 0))) WHERE task IS NOT NULL AND due_at IS NOT NULL;
  CREATE INDEX row_server ON row (mount, kind, server, name) WHERE server IS NOT NULL;
  CREATE INDEX row_claimed ON row (claim) WHERE claim IS NOT NULL;`,
  `CREATE TABLE progress (value INTEGER NOT NULL) STRICT;
  INSERT INTO progress VALUES (0);
  CREATE TRIGGER row_inserted AFTER INSERT ON row BEGIN UPDATE progress SET value = value + 1; END;
  CREATE TRIGGER row_updated AFTER UPDATE OF sealed, escrow ON row BEGIN UPDATE progress SET value = value + 1; END;
  CREATE TRIGGER row_deleted AFTER DELETE ON row BEGIN UPDATE progress SET value = value + 1; END;`,
  `DROP INDEX row_due;
  CREATE INDEX row_due ON row (task, max(due_at, coalesce(claim_until, 0)))
    WHERE task IS NOT NULL AND due_at IS NOT NULL;
  CREATE INDEX row_lane ON row (task, mount || char(10) || coalesce(server, ''), max(due_at, coalesce(claim_until, 0)))
    WHERE task IS NOT NULL AND due_at IS NOT NULL;`,
  // SHA-256 of the bytes that a re-seal replaced: whoever repeats the write of those has written these.
  "ALTER TABLE row ADD COLUMN resealed_from BLOB",
  // With the two times themselves the index answers how much is due, and no row is read (100,000: 7 ms, before 2 s).
  `DROP INDEX row_due;
  CREATE INDEX row_due ON row (task, max(due_at, coalesce(claim_until, 0)), due_at, claim_until)
    WHERE task IS NOT NULL AND due_at IS NOT NULL;`,
  // By what lists find rows. `filed` is the revision that the facets are of; a refresh that changes none touches no row of theirs.
  `ALTER TABLE row ADD COLUMN facets TEXT;
  ALTER TABLE row ADD COLUMN filed INTEGER;
  CREATE TABLE facet (
    mount TEXT NOT NULL,
    kind  TEXT NOT NULL,
    facet TEXT NOT NULL,
    name  TEXT NOT NULL,
    PRIMARY KEY (mount, kind, facet, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX row_unfiled ON row (id) WHERE kind IN ('creds', 'self') AND filed IS NOT revision;
  CREATE TRIGGER facet_added AFTER INSERT ON row WHEN NEW.facets IS NOT NULL BEGIN ${ADD_FACETS}; END;
  CREATE TRIGGER facet_removed AFTER DELETE ON row WHEN OLD.facets IS NOT NULL BEGIN ${REMOVE_FACETS}; END;
  CREATE TRIGGER facet_changed AFTER UPDATE OF facets, mount, kind, name ON row
    WHEN OLD.facets IS NOT NEW.facets OR OLD.name <> NEW.name OR OLD.kind <> NEW.kind OR OLD.mount <> NEW.mount
    BEGIN ${REMOVE_FACETS}; ${ADD_FACETS}; END;`,
];

function presentOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/** For readers that change nothing. */
export function assertNewest(database: DatabaseSync): void {
  if (presentOf(database) === MIGRATIONS.length) return;
  throw new StoreUnusable("the data were written by another version of Coatcheck: use the version that serves them");
}

export function migrate(database: DatabaseSync): void {
  const present = presentOf(database);
  if (present > MIGRATIONS.length) {
    throw new StoreUnusable(
      `the data were written by a newer version of Coatcheck (schema ${present}; this version knows ${MIGRATIONS.length}): start that version or a newer one; nothing was changed`,
    );
  }
  if (present === MIGRATIONS.length) return;
  // All of them or none, and one wait for the disk.
  const sql = MIGRATIONS.slice(present).join(";\n");
  database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`);
}
