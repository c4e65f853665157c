import { CONFIGURED_SLOT } from "./migrations.ts";
import { statement } from "./statement.ts";

/**
 * Every statement of the store, each complete in itself: one round trip, one transaction, no state of the session.
 * `(SELECT coatcheck_now())` is evaluated once, so it can be compared with an index; the bare function could not.
 */

/** Where instances tell each other that something is due. */
export const CHANNEL = "coatcheck";

export const READ = statement("SELECT * FROM coatcheck_row WHERE mount = :mount AND kind = :kind AND name = :name");

export const READ_BY_ID = statement("SELECT * FROM coatcheck_row WHERE id = :id");

const IN_RANGE = "name >= :from AND name < :upto AND name > :after";

export const LIST = statement(`SELECT * FROM coatcheck_row
  WHERE mount = :mount AND kind = :kind AND ${IN_RANGE} ORDER BY name LIMIT :limit`);

export const LIST_OF_SERVER = statement(`SELECT * FROM coatcheck_row
  WHERE mount = :mount AND kind = :kind AND server = :server AND ${IN_RANGE} ORDER BY name LIMIT :limit`);

export const NAMES = statement(`SELECT name FROM coatcheck_row
  WHERE mount = :mount AND kind = :kind AND ${IN_RANGE} ORDER BY name LIMIT :limit`);

/**
 * Wakes the other instances, as the row is committed, if it is due before they would look anyway (within a second).
 * Not for every write: a commit that notifies holds a lock of the whole database until it is on disk.
 */
const SOON = `WHEN task IS NOT NULL AND due_at <= (SELECT coatcheck_now()) + 1000
  THEN pg_notify('${CHANNEL}', :instance)::text`;
const HINT = `RETURNING CASE ${SOON} END AS told`;

/** What each connection that listens holds, shared, as long as it does: "coat", "hear". */
const HEARS = [0x63_6f_61_74, 0x68_65_61_72];

export const HEAR = `SELECT pg_advisory_lock_shared(${HEARS.join(", ")})`;

const HEARING = `(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = ${HEARS[0]} AND objid = ${HEARS[1]}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/** Others may remember it: delete wins. Answers how many listen. Deletes are rare. */
const gone = (what: string) => `pg_notify('${CHANNEL}', :instance::text || ' ' || ${what})::text || ${HEARING}`;

const HANDS_OUT = "kind IN ('creds', 'self')";

const INSERT = `INSERT INTO coatcheck_row (id, mount, kind, name, server, task, due_at, lineage, sealed, facets, filed, revision)
  VALUES (:id, :mount, :kind, :name, :server, :task, :dueAt, :lineage, :sealed, :facets::text[],
    CASE WHEN :facets::text[] IS NOT NULL THEN 1 END, 1)`;

const SET_CONTENT = `mount = :mount, kind = :kind, name = :name, server = :server, task = :task, due_at = :dueAt,
  lineage = :lineage, sealed = :sealed, resealed_from = NULL, facets = :facets::text[]`;

/** The revision that the facets are of: the one that the row is about to have. */
const filedAs = (revision: string) => `filed = CASE WHEN :facets::text[] IS NOT NULL THEN ${revision} END`;

const kept = (column: string) => `${column} = CASE WHEN coatcheck_row.id = :id THEN coatcheck_row.${column} END`;

const NEXT_REVISION = "CASE WHEN coatcheck_row.id = :id THEN coatcheck_row.revision + 1 ELSE 1 END";

/** The same id keeps claim, intent and escrow (an answer is still under way); another one is a new generation. */
const REPLACE = `id = :id, ${SET_CONTENT},
  revision = ${NEXT_REVISION}, ${filedAs(NEXT_REVISION)},
  ${["claim", "claim_until", "intent", "escrow"].map(kept).join(", ")}`;

export const WRITE_NEW = statement(`${INSERT} ON CONFLICT DO NOTHING ${HINT}`);

/** A new generation in the place of a row, which was there before if this transaction has its lock (`xmax`). */
export const WRITE_ANYWAY = statement(`${INSERT} ON CONFLICT (mount, kind, name) DO UPDATE SET ${REPLACE}
  RETURNING CASE WHEN ${HANDS_OUT} AND revision = 1 AND coatcheck_row.xmax <> 0 THEN ${gone(":place::text")} ${SOON} END AS told`);

export const WRITE_OVER = statement(`UPDATE coatcheck_row SET ${REPLACE}
  WHERE id = :present AND revision = coalesce(:revision::bigint, revision) AND (intent IS NULL OR NOT :idle::boolean)
    AND NOT EXISTS (SELECT FROM coatcheck_row AS named
      WHERE named.mount = :mount AND named.kind = :kind AND named.name = :name AND named.id <> :present)
  RETURNING CASE WHEN kind = 'revocation' OR (${HANDS_OUT} AND :present <> :id) THEN ${gone(":present")} ${SOON} END AS told`);

/** An instance's name and, behind the place of an id, the name of what changed; none holds a space. */
export const ANNOUNCE = statement(`SELECT pg_notify('${CHANNEL}', :payload)`);

/** Seals are unique, so whoever holds these bytes, or what replaced them, has written them. */
const IS_HELD = "(sealed = :sealed OR resealed_from IS NOT DISTINCT FROM sha256(:sealed))";

export const HOLDS = statement(`SELECT 1 FROM coatcheck_row WHERE id = :id AND ${IS_HELD}`);

export const REMOVE = statement(`DELETE FROM coatcheck_row
  WHERE id = :id AND revision = coalesce(:revision::bigint, revision)
  RETURNING CASE WHEN ${HANDS_OUT} THEN ${gone("id")} END AS told`);

/** As the indexes coatcheck_row_due and coatcheck_row_lane have them: a live claim counts as due when its lease ends. */
const DUE_AT = "greatest(due_at, coalesce(claim_until, 0::bigint))";
const LANE = "(mount || chr(10) || coalesce(server, ''))";

/** The intent is the first claim since the last settle: a later claim that finds an older one knows of the doubt. */
const SET_CLAIM = `claim = :claim, claim_until = (SELECT coatcheck_now()) + :milliseconds::bigint,
  intent = coalesce(intent, :claim)`;

/** Rows that another instance is claiming right now are passed over; a row that it claimed just before is looked at anew. */
const soonest = (of: string, limit: string) => `LATERAL (
      SELECT id, mount, server, ${DUE_AT} AS due FROM coatcheck_row
      WHERE ${of} AND due_at IS NOT NULL AND ${DUE_AT} <= (SELECT coatcheck_now()) AND id <> ALL (:ids::text[])
      ORDER BY ${DUE_AT} LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ) AS found`;

const claimFrom = (due: string) => `due AS MATERIALIZED (
    SELECT found.* FROM ${due}
  ), placed AS (
    SELECT id, due, server, row_number() OVER (PARTITION BY mount, server ORDER BY due)
      + coalesce((:busy::jsonb ->> (mount || chr(10) || server))::bigint, 0) AS place FROM due
  ), fitting AS (
    SELECT id, due FROM placed
    WHERE server IS NULL OR :perLane::bigint IS NULL OR place <= :perLane::bigint ORDER BY due LIMIT :limit::bigint
  ), claimed AS (
    UPDATE coatcheck_row SET ${SET_CLAIM} FROM fitting WHERE coatcheck_row.id = fitting.id
    RETURNING coatcheck_row.*, fitting.due
  )
  SELECT * FROM claimed ORDER BY due`;

const WANTED = "unnest(:tasks::text[]) AS wanted (task)";

/** Where every lane has room: as many steps as rows. */
export const CLAIM_DUE = statement(
  `WITH ${claimFrom(`${WANTED}, ${soonest("task = wanted.task", ":limit::bigint")}`)}`,
);

const nextLane = (more: string) => `LATERAL (
      SELECT ${LANE} AS lane FROM coatcheck_row WHERE ${more} AND due_at IS NOT NULL ORDER BY ${LANE} LIMIT 1
    ) AS next`;

/**
 * A step per lane: a full one may have 100,000 that are due, and they must not be read through for the others' sake.
 */
export const CLAIM_DUE_BY_LANE = statement(`WITH RECURSIVE lanes (task, lane) AS (
    SELECT wanted.task, next.lane FROM ${WANTED}, ${nextLane("task = wanted.task")}
    UNION ALL
    SELECT lanes.task, next.lane FROM lanes, ${nextLane(`task = lanes.task AND ${LANE} > lanes.lane`)}
  ), room AS (SELECT * FROM lanes WHERE lane <> ALL (:full::text[])
  ), ${claimFrom(`room, ${soonest(`task = room.task AND ${LANE} = room.lane`, "least(:limit::bigint, :perLane::bigint)")}`)}`);

export const CLAIM = statement(`UPDATE coatcheck_row SET ${SET_CLAIM}
  WHERE id = :id AND (claim IS NULL OR claim_until <= (SELECT coatcheck_now())) RETURNING *`);

export const RENEW = statement(`UPDATE coatcheck_row SET claim_until = (SELECT coatcheck_now()) + :milliseconds::bigint
  WHERE id = :id AND claim = :claim`);

/** By lineage whoever holds the claim: the only copy of a successor must be storable by a worker that slept. */
export const ESCROW = statement(`UPDATE coatcheck_row SET escrow = :sealed,
    revision = revision + (claim IS DISTINCT FROM :holder)::integer
  WHERE id = :id AND (claim = :byClaim OR lineage = :byLineage)`);

/** A refresh that kept its token keeps its lineage, so its repetition would fit, and could end a claim made since. */
const FITS = `id = :id AND ((claim = :byClaim AND revision = coalesce(:byRevision::bigint, revision))
    OR (lineage = :byLineage AND NOT ${IS_HELD}))`;

export const SETTLE =
  statement(`UPDATE coatcheck_row SET ${SET_CONTENT}, revision = revision + 1, ${filedAs("revision + 1")},
    claim = NULL, claim_until = NULL, intent = NULL, escrow = NULL
  WHERE ${FITS} ${HINT}`);

/** Locks a row that is about to take another name, if it may be settled. */
export const LOCK_TO_SETTLE = statement(`SELECT id FROM coatcheck_row WHERE ${FITS} FOR UPDATE`);

/** Locks what has the name a row is about to take. */
export const LOCK_NAMED = statement(`SELECT id, revision, intent FROM coatcheck_row
  WHERE mount = :mount AND kind = :kind AND name = :name AND id <> :id FOR UPDATE`);

export const RELEASE = statement(`UPDATE coatcheck_row SET claim = NULL, claim_until = NULL,
    due_at = coalesce(:dueAt::bigint, due_at),
    intent = CASE WHEN :untouched::boolean AND intent = :claim THEN NULL ELSE intent END
  WHERE id = :id AND claim = :claim`);

/** Claims nobody ever learned of, so nothing was sent with them. */
export const GIVE_BACK = statement(`UPDATE coatcheck_row SET claim = NULL, claim_until = NULL,
    intent = CASE WHEN intent = claim THEN NULL ELSE intent END
  WHERE claim = ANY (:claims::text[])`);

/** A row of `LOOK`; PostgreSQL's bigint is a text. */
export interface LookRow {
  readonly due: string | null;
  readonly configured: string | null;
}

export const LOOK = statement(`SELECT min(next.value) AS due,
    (SELECT value FROM coatcheck_progress WHERE slot = ${CONFIGURED_SLOT}) AS configured FROM ${WANTED}, LATERAL (
    SELECT ${DUE_AT} AS value FROM coatcheck_row
    WHERE task = wanted.task AND due_at IS NOT NULL ORDER BY ${DUE_AT} LIMIT 1
  ) AS next`);

/** A row of `REVISIONS`. */
export interface RevisionsRow extends Pick<LookRow, "configured"> {
  readonly revisions: Readonly<Record<string, number>> | null;
}

export const REVISIONS = statement(`SELECT
    (SELECT value FROM coatcheck_progress WHERE slot = ${CONFIGURED_SLOT}) AS configured,
    (SELECT json_object_agg(id, revision) FROM coatcheck_row WHERE id = ANY (:ids::text[])) AS revisions`);

export const COUNT_DUE = statement(`SELECT wanted.task, (SELECT count(*) FROM (
    SELECT 1 FROM coatcheck_row WHERE task = wanted.task AND due_at IS NOT NULL
      AND ${DUE_AT} <= (SELECT coatcheck_now()) LIMIT 100000) AS found) AS count FROM ${WANTED}`);

export const NOW = statement("SELECT coatcheck_now() AS value");

/** A write that changes nothing: it fails where a real one would. */
export const TOUCH = statement("UPDATE coatcheck_migration SET checksum = checksum WHERE version = 1");

export const SCAN = statement("SELECT * FROM coatcheck_row WHERE id > :after ORDER BY id LIMIT :limit");

export const PROGRESS = statement(
  `SELECT coalesce(sum(value), 0)::bigint AS value FROM coatcheck_progress WHERE slot < ${CONFIGURED_SLOT}`,
);

export const SET_PROGRESS = statement(
  "WITH gone AS (DELETE FROM coatcheck_progress WHERE slot <> 0) INSERT INTO coatcheck_progress VALUES (0, :progress) ON CONFLICT (slot) DO UPDATE SET value = :progress",
);

/** Rows of a backup as JSON, their bytes in hex. */
export const FILL = statement(`INSERT INTO coatcheck_row
    (id, mount, kind, name, server, task, due_at, lineage, revision, intent, escrow, sealed)
  SELECT id, mount, kind, name, server, task, "dueAt", lineage, revision, intent, decode(escrow, 'hex'), decode(sealed, 'hex')
  FROM jsonb_to_recordset(:rows::jsonb) AS given (id text, mount text, kind text, name text, server text, task text,
    "dueAt" bigint, lineage text, revision bigint, intent text, escrow text, sealed text)`);

const EXCHANGES = `(SELECT * FROM unnest(:ids::text[], :befores::bytea[], :afters::bytea[])
  AS exchange (row_id, before, after)) AS exchange`;

export const RESEAL_SEALED = statement(`UPDATE coatcheck_row SET sealed = after, resealed_from = sha256(before)
  FROM ${EXCHANGES} WHERE id = row_id AND sealed = before`);

export const RESEAL_ESCROW = statement(`UPDATE coatcheck_row SET escrow = after
  FROM ${EXCHANGES} WHERE id = row_id AND escrow = before`);
