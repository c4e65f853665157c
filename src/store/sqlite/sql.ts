/**
 * Every statement of the store; `:names` are its parameters. A bare `LIMIT :limit` would be looked at by the planner, and the
 * statement prepared anew for each value: 20 to 140 µs.
 */
import { TASKS, type Task } from "../port.ts";

export const READ = "SELECT * FROM row WHERE mount = :mount AND kind = :kind AND name = :name";

export const READ_BY_ID = "SELECT * FROM row WHERE id = :id";

/** Begins at the later of two bounds; the plus keeps SQLite from beginning at the other one, and reading through all before. */
const IN_RANGE = "name >= :from AND name < :upto AND +name > :after ORDER BY name LIMIT :limit + 0";

export const LIST = `SELECT * FROM row WHERE mount = :mount AND kind = :kind AND ${IN_RANGE}`;

export const LIST_OF_SERVER = `SELECT * FROM row
  WHERE mount = :mount AND kind = :kind AND server = :server AND ${IN_RANGE}`;

/** In the order of the facet's own table, whose key ends with the name. */
export const LIST_OF_FACET = `SELECT row.* FROM facet CROSS JOIN row USING (mount, kind, name)
  WHERE facet.mount = :mount AND facet.kind = :kind AND facet.facet = :facet
    AND facet.name >= :from AND facet.name < :upto AND +facet.name > :after ORDER BY facet.name LIMIT :limit + 0`;

export const COUNT_FACET = `SELECT count(*) FROM (SELECT 1 FROM facet
  WHERE mount = :mount AND kind = :kind AND facet = :facet AND name >= :from AND name < :upto LIMIT :most + 0)`;

export const NAMES = `SELECT name FROM row WHERE mount = :mount AND kind = :kind AND ${IN_RANGE}`;

export const REVISIONS = "SELECT id, revision FROM row WHERE id IN (SELECT value FROM json_each(:ids))";

export const INSERT = `INSERT INTO row (id, mount, kind, name, server, task, due_at, lineage, sealed, facets, filed, revision)
  VALUES (:id, :mount, :kind, :name, :server, :task, :dueAt, :lineage, :sealed, :facets, iif(:facets IS NULL, NULL, 1), 1)`;

const SET_CONTENT = `mount = :mount, kind = :kind, name = :name, server = :server, task = :task, due_at = :dueAt,
  lineage = :lineage, sealed = :sealed, resealed_from = NULL, facets = :facets,
  filed = iif(:facets IS NULL, NULL, revision + 1), revision = revision + 1`;

/** Claim, intent and escrow stay: whoever holds the claim still has an answer under way. */
export const UPDATE = `UPDATE row SET ${SET_CONTENT} WHERE id = :id`;

export const REMOVE = "DELETE FROM row WHERE id = :id AND revision = coalesce(:revision, revision)";

/** As the indexes row_due and row_lane have them; a live claim counts as due when its lease ends. */
const due = (row: string) => `max(${row}.due_at, coalesce(${row}.claim_until, 0))`;
const lane = (row: string) => `${row}.mount || char(10) || coalesce(${row}.server, '')`;

const IS_DUE = `own.task = :task AND own.due_at IS NOT NULL AND ${due("own")} <= :now
    AND own.id NOT IN (SELECT value FROM json_each(:ids))`;

/** The soonest of one task, where every lane has room: as many steps as rows. */
export const DUE = `SELECT own.id, own.mount, own.server, ${due("own")} AS due FROM row AS own
  WHERE ${IS_DUE} ORDER BY ${due("own")} LIMIT :limit + 0`;

const nextLane = (more: string) => `SELECT ${lane("own")} FROM row AS own
    WHERE own.task = :task AND own.due_at IS NOT NULL ${more} ORDER BY ${lane("own")} LIMIT 1`;

/**
 * The soonest of each lane that has room, in no order: a step per lane. A full lane may have 100,000 that are due, and they
 * must not be read through for the others' sake.
 */
export const DUE_BY_LANE = `WITH RECURSIVE lanes (lane) AS (
    SELECT (${nextLane("")})
    UNION ALL
    SELECT (${nextLane(`AND ${lane("own")} > lanes.lane`)}) FROM lanes WHERE lanes.lane IS NOT NULL
  )
  SELECT found.id, found.mount, found.server, ${due("found")} AS due FROM lanes CROSS JOIN row AS found ON found.id IN (
    SELECT own.id FROM row AS own WHERE ${IS_DUE} AND ${lane("own")} = lanes.lane ORDER BY ${due("own")} LIMIT :limit + 0
  ) WHERE lanes.lane NOT IN (SELECT value FROM json_each(:full))`;

/** The intent is the first claim since the last settle: a later claim that finds an older one knows of the doubt. */
export const CLAIM = `UPDATE row SET claim = :claim, claim_until = :until, intent = coalesce(intent, :claim)
  WHERE id = :id AND (claim IS NULL OR claim_until <= :now) RETURNING *`;

export const RENEW = "UPDATE row SET claim_until = :until WHERE id = :id AND claim = :claim";

export const ESCROW = `UPDATE row SET escrow = :sealed, revision = revision + (claim IS NOT :holder) WHERE id = :id`;

export const SETTLE = `UPDATE row SET ${SET_CONTENT}, claim = NULL, claim_until = NULL, intent = NULL, escrow = NULL
  WHERE id = :id`;

/** Seals are unique, so whoever holds these bytes, or what replaced them, has written them. */
export const HOLDS = "SELECT 1 FROM row WHERE id = :id AND (sealed = :sealed OR resealed_from = :hash)";

export const RELEASE = `UPDATE row SET claim = NULL, claim_until = NULL, due_at = coalesce(:dueAt, due_at),
  intent = CASE WHEN :untouched = 1 AND intent = :claim THEN NULL ELSE intent END
  WHERE id = :id AND claim = :claim`;

export const END_LEASES = "UPDATE row SET claim_until = :now WHERE claim IS NOT NULL";

const nextOf = (task: Task) => `(SELECT ${due("own")} FROM row AS own
    WHERE own.task = '${task}' AND own.due_at IS NOT NULL ORDER BY ${due("own")} LIMIT 1) AS "${task}"`;

/** When the next of each task is due: 4 µs, where one look for what is due takes 20 a task, and 100 with a full lane. */
export const NEXT_DUE = `SELECT ${TASKS.map(nextOf).join(", ")}`;

/** From `row_due` alone: no row is read. */
export const COUNT_DUE = `SELECT count(*) FROM (SELECT 1 FROM row AS own
  WHERE own.task = :task AND own.due_at IS NOT NULL AND ${due("own")} <= :now LIMIT :most + 0)`;

/** A write that changes nothing: it fails where a real one would. */
export const TOUCH = "UPDATE row SET revision = revision WHERE id = (SELECT id FROM row LIMIT 1)";

export const SCAN = "SELECT * FROM row WHERE id > :after ORDER BY id LIMIT :limit + 0";

/** From `row_unfiled`, whose words these are. */
export const UNFILED = `SELECT * FROM row
  WHERE id > :after AND kind IN ('creds', 'self') AND filed IS NOT revision ORDER BY id LIMIT :limit + 0`;

export const FILE = "UPDATE row SET facets = :facets, filed = revision WHERE id = :id AND revision = :revision";

export const PROGRESS = "SELECT value FROM progress";

export const SET_PROGRESS = "UPDATE progress SET value = :progress";

export const FILL = `INSERT INTO row
    (id, mount, kind, name, server, task, due_at, lineage, sealed, revision, intent, escrow)
  VALUES (:id, :mount, :kind, :name, :server, :task, :dueAt, :lineage, :sealed, :revision, :intent, :escrow)`;

export const RESEAL_SEALED = "UPDATE row SET sealed = :to, resealed_from = :hash WHERE id = :id AND sealed = :from";

export const RESEAL_ESCROW = "UPDATE row SET escrow = :to WHERE id = :id AND escrow = :from";
