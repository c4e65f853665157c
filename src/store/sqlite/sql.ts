/** Every statement of the store; `:names` are its parameters. */

export const READ = "SELECT * FROM row WHERE mount = :mount AND kind = :kind AND name = :name";

export const READ_BY_ID = "SELECT * FROM row WHERE id = :id";

export const LIST = `SELECT * FROM row
  WHERE mount = :mount AND kind = :kind AND name >= :from AND name < :upto AND name > :after
  ORDER BY name LIMIT :limit`;

export const LIST_OF_SERVER = `SELECT * FROM row
  WHERE mount = :mount AND kind = :kind AND server = :server AND name >= :from AND name < :upto AND name > :after
  ORDER BY name LIMIT :limit`;

export const INSERT = `INSERT INTO row (id, mount, kind, name, server, task, due_at, lineage, sealed, revision)
  VALUES (:id, :mount, :kind, :name, :server, :task, :dueAt, :lineage, :sealed, 1)`;

const SET_CONTENT = `mount = :mount, kind = :kind, name = :name, server = :server, task = :task, due_at = :dueAt,
  lineage = :lineage, sealed = :sealed, revision = revision + 1`;

/** Claim, intent and escrow stay: whoever holds the claim still has an answer under way. */
export const UPDATE = `UPDATE row SET ${SET_CONTENT} WHERE id = :id`;

export const REMOVE = "DELETE FROM row WHERE id = :id AND revision = coalesce(:revision, revision)";

/**
 * By the index row_due, soonest first; a live claim counts as due when its lease ends. Lanes without room are passed over
 * here; how many of the others fit is counted by the caller.
 */
export const DUE = `SELECT id, mount, server FROM row
  WHERE task IS NOT NULL AND due_at IS NOT NULL AND max(due_at, coalesce(claim_until, 0)) <= :now
    AND (server IS NULL OR mount || char(10) || server NOT IN (SELECT value FROM json_each(:lanes)))
    AND id NOT IN (SELECT value FROM json_each(:ids))
    AND task NOT IN (SELECT value FROM json_each(:tasks))
  ORDER BY max(due_at, coalesce(claim_until, 0)) LIMIT :limit`;

/** The intent is the first claim since the last settle: a later claim that finds an older one knows of the doubt. */
export const CLAIM = `UPDATE row SET claim = :claim, claim_until = :until, intent = coalesce(intent, :claim)
  WHERE id = :id AND (claim IS NULL OR claim_until <= :now) RETURNING *`;

export const RENEW = "UPDATE row SET claim_until = :until WHERE id = :id AND claim = :claim";

export const ESCROW = `UPDATE row SET escrow = :sealed, revision = revision + (claim IS NOT :owner) WHERE id = :id`;

export const SETTLE = `UPDATE row SET ${SET_CONTENT}, claim = NULL, claim_until = NULL, intent = NULL, escrow = NULL
  WHERE id = :id`;

/** Seals are unique, so whoever holds these bytes has written them. */
export const HOLDS = "SELECT 1 FROM row WHERE id = :id AND sealed = :sealed";

export const RELEASE = `UPDATE row SET claim = NULL, claim_until = NULL, due_at = coalesce(:dueAt, due_at),
  intent = CASE WHEN :untouched = 1 AND intent = :claim THEN NULL ELSE intent END
  WHERE id = :id AND claim = :claim`;

export const END_LEASES = "UPDATE row SET claim_until = :now WHERE claim IS NOT NULL";

export const NEXT_DUE = `SELECT max(due_at, coalesce(claim_until, 0)) FROM row
  WHERE task IS NOT NULL AND due_at IS NOT NULL ORDER BY max(due_at, coalesce(claim_until, 0)) LIMIT 1`;

/** A write that changes nothing: it fails where a real one would. */
export const TOUCH = "UPDATE row SET revision = revision WHERE id = (SELECT id FROM row LIMIT 1)";

export const WALK = "SELECT * FROM row WHERE id > :after ORDER BY id LIMIT :limit";

export const PROGRESS = "SELECT value FROM progress";

export const SET_PROGRESS = "UPDATE progress SET value = :progress";

export const FILL = `INSERT INTO row
    (id, mount, kind, name, server, task, due_at, lineage, sealed, revision, intent, escrow)
  VALUES (:id, :mount, :kind, :name, :server, :task, :dueAt, :lineage, :sealed, :revision, :intent, :escrow)`;
