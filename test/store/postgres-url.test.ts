import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ordered, statement } from "../../src/store/postgres/statement.ts";
import { parseDatabaseUrl } from "../../src/store/postgres/url.ts";

const FILE = join(import.meta.dirname, "postgres-url.test.ts");

test("a database URL is read with its parameters, Unix sockets and percent-encoding included", () => {
  assert.deepEqual(parseDatabaseUrl("postgres://me@db/broker"), {
    host: "db",
    port: 5432,
    user: "me",
    database: "broker",
    ssl: false,
    applicationName: "coatcheck",
    poolSize: 10,
    connectTimeout: 3_000,
    statementTimeout: 5_000,
    lockTimeout: 3_000,
    idleInTransactionTimeout: 10_000,
  });
  const full = parseDatabaseUrl(
    "postgresql://me:p%40ss:w%2Frd@[::1]:6543/a%20b?pool_size=4&statement_timeout=500&lock_timeout=400&connect_timeout=300&idle_in_transaction_session_timeout=200&application_name=x&options=-c%20search_path%3Dy",
  );
  const { host, port, password, database, options, applicationName: name } = full;
  assert.deepEqual(
    [host, port, password, database, options, name],
    ["::1", 6543, "p@ss:w/rd", "a b", "-c search_path=y", "x"],
  );
  const { poolSize, statementTimeout, lockTimeout, connectTimeout, idleInTransactionTimeout } = full;
  assert.deepEqual(
    [poolSize, statementTimeout, lockTimeout, connectTimeout, idleInTransactionTimeout],
    [4, 500, 400, 300, 200],
  );
  assert.equal(parseDatabaseUrl("postgres://user@/db?host=/run/postgresql").host, "/run/postgresql");
  assert.equal(parseDatabaseUrl("postgres://user@%2Frun%2Fpostgresql/db").host, "/run/postgresql");
  assert.equal(parseDatabaseUrl("postgres:///db").host, "localhost");
});

test("sslmode means what it means to libpq, and what may end unencrypted is refused", () => {
  const ssl = (query: string) => parseDatabaseUrl(`postgres://db/x?${query}`).ssl;
  assert.equal(ssl("sslmode=disable"), false);
  assert.deepEqual(ssl("sslmode=require"), { rejectUnauthorized: false });
  const full = ssl(`sslmode=verify-full&sslrootcert=${FILE}`);
  assert.ok(full !== false && full.rejectUnauthorized && full.ca?.startsWith("import") && !full.checkServerIdentity);
  for (const mode of ["require", "verify-ca"]) {
    const authority = ssl(`sslmode=${mode}&sslrootcert=${FILE}&sslcert=${FILE}&sslkey=${FILE}`);
    assert.ok(authority !== false && authority.rejectUnauthorized && authority.cert && authority.key, mode);
    assert.equal(authority.checkServerIdentity?.("any", {} as never), undefined);
  }
  for (const mode of ["prefer", "allow", "on"])
    assert.throws(() => ssl(`sslmode=${mode}`), /sslmode must be disable, /);
  assert.throws(() => ssl(`sslrootcert=${FILE}`), /without sslmode: add sslmode=verify-full/);
  assert.throws(() => ssl("sslmode=verify-full&sslrootcert=/none"), /sslrootcert: \/none cannot be read \(ENOENT\)/);
});

test("what cannot be read is said without repeating the URL", () => {
  const bad = {
    "mysql://me:secret@db/x": /give postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/,
    "postgres://me:sec/ret@db/x": /percent-encoded/,
    "postgres://me:secret@db:port/x": /one host and one port/,
    "postgres://me:secret@one,two:5432,three/x": /one host and one port/,
    "postgres://me:secret%zz@db/x": /invalid percent-encoding/,
    "postgres://me:secret@db/x?pool_szie=3": /unknown parameter pool_szie: the known parameters are pool_size, /,
    "postgres://me:secret@db/x?pool_size=0": /pool_size must be a whole number of at least 1/,
    "postgres://me:secret@db/x?statement_timeout=5s": /statement_timeout must be a whole number of at least 100/,
  };
  for (const [url, sentence] of Object.entries(bad)) {
    assert.throws(
      () => parseDatabaseUrl(url),
      (error: Error) => sentence.test(error.message) && !/sec/.test(error.message),
      url,
    );
  }
});

test("named parameters become numbers, casts stay", () => {
  const made = statement("SELECT :b::bigint, :a, :b");
  assert.deepEqual(made, { text: "SELECT $1::bigint, $2, $1", names: ["b", "a"] });
  assert.deepEqual(ordered(made, { a: "x", b: 1, c: null }), [1, "x"]);
});
