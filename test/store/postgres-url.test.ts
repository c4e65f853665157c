import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connectionOf } from "../../src/store/postgres/connection.ts";
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
    "postgresql://me:p%40ss:w%2Frd@[::1]:6543/a%20b?pool_size=4&statement_timeout=500&lock_timeout=400&connect_timeout=7&idle_in_transaction_session_timeout=200&application_name=x&options=-c%20search_path%3Dy",
  );
  const { host, port, password, database, options, applicationName: name } = full;
  assert.deepEqual(
    [host, port, password, database, options, name],
    ["::1", 6543, "p@ss:w/rd", "a b", "-c search_path=y", "x"],
  );
  const { poolSize, statementTimeout, lockTimeout, connectTimeout, idleInTransactionTimeout } = full;
  assert.deepEqual(
    [poolSize, statementTimeout, lockTimeout, connectTimeout, idleInTransactionTimeout],
    [4, 500, 400, 7_000, 200],
  );
  assert.equal(parseDatabaseUrl("postgres://user@/db?host=/run/postgresql").host, "/run/postgresql");
  assert.equal(parseDatabaseUrl("postgres://user@%2Frun%2Fpostgresql/db").host, "/run/postgresql");
  assert.equal(parseDatabaseUrl("postgres:///db").host, "localhost");
});

test("FC-72 a connection string is read as libpq reads it: everything in the query, seconds, several hosts, words", () => {
  const parts = (text: string) => {
    const { host, port, others, user, password, database, connectTimeout } = parseDatabaseUrl(text);
    const hosts = [{ host, port }, ...(others ?? [])].map((one) => `${one.host} ${one.port}`);
    return [hosts, user, password, database, connectTimeout];
  };
  const query = "host=/run/postgresql&user=app&dbname=x&sslmode=require&connect_timeout=10";
  for (const text of [`postgresql://?${query}`, `postgres:///?${query}`, query.replaceAll("&", " ")]) {
    assert.deepEqual(parts(text), [["/run/postgresql 5432"], "app", undefined, "x", 10_000], text);
  }
  const list = "postgresql://app:p+w@one:1,two,[::1]:3/x?target_session_attrs=read-write";
  assert.deepEqual(parts(list), [["one 1", "two 5432", "::1 3"], "app", "p+w", "x", 3_000]);
  assert.deepEqual(parts("postgres:///x?host=one,two&port=1,2&password=a%2Bb+c"), [
    ...[["one 1", "two 2"], undefined, "a+b+c", "x", 3_000],
  ]);
  assert.deepEqual(parts("host=one,two port=7 user = 'a b' password='it\\'s \\\\' dbname=x"), [
    ...[["one 7", "two 7"], "a b", "it's \\", "x", 3_000],
  ]);
  const ssl = (host: string) => connectionOf(parseDatabaseUrl(`host=${host} sslmode=require`)).ssl;
  assert.deepEqual([ssl("/run/postgresql"), ssl("db")], [false, { rejectUnauthorized: false }]);
});

test("FC-72 what else libpq knows is understood, or refused with what to give instead", () => {
  for (const binding of ["prefer", "disable"])
    assert.equal(parseDatabaseUrl(`postgres://db/x?channel_binding=${binding}`).host, "db");
  for (const [query, instead] of [
    ["channel_binding=require", /channel_binding must be prefer or disable: .*give sslmode=verify-full/],
    ["hostaddr=10.0.0.1", /the parameter hostaddr is not supported: give the address as host/],
    ["passfile=/root/.pgpass", /the parameter passfile is not supported: .*COATCHECK_DATABASE_FILE/],
    ["service=x", /the parameter service is not supported: write into the address/],
  ] as const)
    assert.throws(() => parseDatabaseUrl(`postgres://me:secret@db/x?${query}`), instead);
});

test("ST-35 sslmode means what it means to libpq, and what may end unencrypted is refused", () => {
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

test("ST-35 what cannot be read is said without repeating the URL", () => {
  const bad = {
    "mysql://me:secret@db/x": /give postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE/,
    "postgres://me:sec/ret@db/x": /percent-encoded/,
    "postgres://me:secret@db:port/x": /each host with one port at most/,
    "postgres://me:secret@one,two/x?port=1,2,3": /one port, or one for each host/,
    "host=db password=secret port=70000": /each host with one port at most/,
    "host=db password='secret": /or host=… dbname=…/,
    "me:secret": /give postgres:/,
    "postgres://me:secret@db/x?connect_timeout=300": /whole number of seconds from 1 to 60/,
    "postgres://me:secret@db/x?connect_timeout=0": /whole number of seconds from 1 to 60/,
    "postgres://me:secret@db/x?target_session_attrs=standby": /target_session_attrs must be read-write, primary or any/,
    "postgres://me:secret%zz@db/x": /invalid percent-encoding/,
    "postgres://me:secret@db/x?pool_szie=3": /unknown parameter pool_szie: the known parameters are pool_size, /,
    "postgres://me:secret@db/x?pool_size=0": /pool_size must be a whole number of at least 1/,
    "postgres://me:secret@db/x?statement_timeout=5s": /statement_timeout must be a whole number of at least 100/,
  };
  for (const [url, sentence] of Object.entries(bad)) {
    assert.throws(
      () => parseDatabaseUrl(url),
      (error: Error) => sentence.test(error.message) && !/sec(?!onds)/.test(error.message),
      url,
    );
  }
});

test("named parameters become numbers, casts stay", () => {
  const made = statement("SELECT :b::bigint, :a, :b");
  assert.deepEqual(made, { text: "SELECT $1::bigint, $2, $1", names: ["b", "a"] });
  assert.deepEqual(ordered(made, { a: "x", b: 1, c: null }), [1, "x"]);
});
