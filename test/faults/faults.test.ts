import assert from "node:assert/strict";
import { test } from "node:test";
import { killSqlite } from "./kill-sqlite.ts";

/** The short cut of `npm run faults`: the same rows and assertions, with few faults. Another seed each time. */
const seed = Math.floor(performance.timeOrigin) % 2 ** 31;

test(`D01 kill -9 on SQLite, strict rotation: nothing is lost but what was on the wire (seed ${seed})`, async (t) => {
  const figures = await killSqlite(t, { seed, kills: 3, credentials: 30 });
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.refreshes > 60 && figures.handedOut > 0, "there was load");
});
