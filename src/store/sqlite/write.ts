import type { Beside, Expectation, Filing, Key, Row, RowContent, Settlement } from "../port.ts";
import { fits, holds } from "./fence.ts";
import { hashOf } from "./reseal.ts";
import { contentOf, facetsOf, type Statements } from "./rows.ts";
import * as sql from "./sql.ts";

/** What changes the content of rows; each runs inside a transaction of the caller's (group-commit). */

export function byId(statements: Statements, id: string): Row | undefined {
  return statements.one(sql.READ_BY_ID, { id });
}

export function byName(statements: Statements, { mount, kind, name }: Key): Row | undefined {
  return statements.one(sql.READ, { mount, kind, name });
}

/** Whether this very content, and what it brings with it, was written before: seals are unique. */
export function isWritten(statements: Statements, { id, sealed }: RowContent): boolean {
  return statements.value(sql.HOLDS, { id, sealed, hash: hashOf(sealed) }) !== undefined;
}

export function write(statements: Statements, row: RowContent, expect: Expectation): boolean {
  return besideFit(statements, row) && writeOne(statements, row, expect) && writeBeside(statements, row);
}

/** In whose place a row would be written; false where that is not to be. */
function placeFor(statements: Statements, row: Key, expect: Expectation): Row | undefined | false {
  const named = byName(statements, row);
  const present = "id" in expect ? byId(statements, expect.id) : named;
  return holds(expect, present) && (!named || named.id === present?.id) && present;
}

function writeOne(statements: Statements, row: Beside, expect: Expectation): boolean {
  const present = placeFor(statements, row, expect);
  if (present === false) return false;
  if (present?.id === row.id) return statements.run(sql.UPDATE, contentOf(row)) === 1;
  if (present) statements.run(sql.REMOVE, { id: present.id, revision: null });
  return statements.run(sql.INSERT, contentOf(row)) === 1;
}

const ANYTHING = { anything: true } as const;

/** To be asked before the first one is written: nothing is taken back. */
function besideFit(statements: Statements, { beside = [] }: RowContent): boolean {
  return beside.every(({ expect = ANYTHING, ...row }) => placeFor(statements, row, expect) !== false);
}

function writeBeside(statements: Statements, { beside = [] }: RowContent): boolean {
  return beside.every(({ expect = ANYTHING, ...row }) => writeOne(statements, row, expect));
}

export function fileRow(statements: Statements, { id, revision, facets }: Filing): void {
  statements.run(sql.FILE, { id, revision, facets: facetsOf(facets) });
}

export function settle(statements: Statements, { row, by, expect = { anything: true } }: Settlement): boolean {
  const present = byId(statements, row.id);
  if (!present || !fits(present, by) || !besideFit(statements, row)) return false;
  const named = byName(statements, row);
  if (named?.id !== row.id) {
    if (!holds(expect, named)) return false;
    if (named) statements.run(sql.REMOVE, { id: named.id, revision: null });
  }
  return statements.run(sql.SETTLE, contentOf(row)) === 1 && writeBeside(statements, row);
}
