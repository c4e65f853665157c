/**
 * The tests of the rooms that start no process, no broker and no database share this one, which saves a start of Node for
 * each. A single file runs by itself as well.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

const filesOf = (...patterns: readonly string[]) => globSync(patterns, { cwd: root }).sort();

/** What `npm test` leaves to this file. */
const ROOMS = "access,api,credential,outbound,protocol,providers,session,walk";

const pure = filesOf(`test/{${ROOMS}}/**/*.test.ts`);

for (const file of pure) await import(join(root, file));

test("npm test runs every file, and none twice", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const own = filesOf(...[...scripts.test.matchAll(/"(test\/[^"]+)"/g)].map(([, pattern]) => pattern));
  assert.deepEqual([...own, ...pure].sort(), filesOf("test/**/*.test.ts"));
});
