import assert from "node:assert/strict";
import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { connectionOf } from "../../src/store/postgres/connection.ts";
import { ordered, statement } from "../../src/store/postgres/statement.ts";
import { parseDatabaseUrl } from "../../src/store/postgres/url.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const FILE = join(import.meta.dirname, "postgres-url.test.ts");

test("a database URL is read with its parameters, Unix sockets and percent-encoding included", () => {
  assert.deepEqual(parseDatabaseUrl("postgres://me@db/broker"), {
    host: "db",
    port: 5432,
    user: "me",
    database: "broker",
    ssl: false,
    channelBinding: "prefer",
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
  const to = (text: string) => {
    const { host, ssl } = connectionOf(parseDatabaseUrl(`${text} sslmode=verify-full`));
    return [host, typeof ssl === "object" ? [ssl.host, ssl.servername] : ssl];
  };
  assert.deepEqual(to("host=db.example hostaddr=10.0.0.1"), ["10.0.0.1", ["db.example", "db.example"]]);
  assert.deepEqual(to("hostaddr=::1"), ["::1", ["::1", undefined]]);
  const mixed = parseDatabaseUrl("host=one,two hostaddr=,10.0.0.2 port=1,2").others;
  assert.deepEqual(mixed, [{ host: "two", hostaddr: "10.0.0.2", port: 2 }]);
  const ssl = (host: string) => connectionOf(parseDatabaseUrl(`host=${host} sslmode=require`)).ssl;
  assert.deepEqual([ssl("/run/postgresql"), ssl("db")], [false, { rejectUnauthorized: false }]);
});

test("FC-72 what else libpq knows is understood, or refused with what to give instead", () => {
  const bound = (query: string) => connectionOf(parseDatabaseUrl(`postgres://db/x?${query}`)).enableChannelBinding;
  assert.deepEqual(
    ["sslmode=require", "sslmode=require&channel_binding=disable", "channel_binding=prefer"].map(bound),
    [true, false, false],
  );
  for (const [query, instead] of [
    ["channel_binding=require", /channel_binding=require needs TLS: add sslmode=verify-full/],
    ["channel_binding=on", /channel_binding must be require, prefer or disable/],
    ["hostaddr=other.example", /hostaddr must be an IPv4 or IPv6 address: give a name as host/],
    ["host=a,b&hostaddr=10.0.0.1", /give one hostaddr for each host/],
    ["passfile=/none", /passfile: \/none cannot be read \(ENOENT\)/],
    ["passfile=/dev/null", /passfile: \/dev\/null is not a plain file/],
    ["service=x", /the parameter service is not supported: write into the address/],
  ] as const)
    assert.throws(() => parseDatabaseUrl(`postgres://me@db/x?${query}`), instead);
});

test("FC-72 a passfile is read as libpq reads it, by nobody else, and again for each connection", async (t) => {
  const file = join(temporaryFolder(t), "pgpass");
  const write = (text: string, mode = 0o600) => {
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  write("");
  const passwordOf = (place: string, database = "x", user = "app") => {
    const { password } = connectionOf(parseDatabaseUrl(`${place} passfile=${file}`));
    if (typeof password !== "function") throw new Error("no function");
    const ask = password as (login: { database: string; user: string }) => Promise<string>;
    return ask({ database, user }).catch((error: Error) => error.message);
  };
  const none = /passfile: .*pgpass has no line for this database at db:5432 and its user: add HOST:PORT:/;
  assert.match(String(await passwordOf("host=db")), none);
  write(
    "# db:5432:x:app:comment\ndb:5432:x:app\r\n\\:\\:1:7:*:app:p\\:q\\\\:ignored\r\ndb:*:x:app:first\n*:*:*:*:last \n",
  );
  assert.equal(await passwordOf("host=db"), "first");
  assert.equal(await passwordOf("host=db hostaddr=10.0.0.1"), "first");
  assert.equal(await passwordOf("hostaddr=::1 port=7", "any"), "p:q\\");
  assert.equal(await passwordOf("host=db", "y"), "last ");
  write("localhost:5432:x:app:socket");
  assert.equal(await passwordOf("host=/var/run/postgresql"), "socket");
  assert.match(String(await passwordOf("host=/other")), /at \/other:5432/);
  assert.equal(connectionOf(parseDatabaseUrl(`host=db password=given passfile=${file}`)).password, "given");
  write("*:*:*:*:seen", 0o640);
  assert.throws(() => parseDatabaseUrl(`passfile=${file}`), /other users have access to .*: run chmod 0600/);
});

test("ST-35 sslmode means what it means to libpq, and what may end unencrypted is refused", (t) => {
  const ssl = (query: string) => parseDatabaseUrl(`postgres://db/x?${query}`).ssl;
  const key = join(temporaryFolder(t), "client.key");
  writeFileSync(key, "a key", { mode: 0o600 });
  assert.equal(ssl("sslmode=disable"), false);
  assert.deepEqual(ssl("sslmode=require"), { rejectUnauthorized: false });
  const full = ssl(`sslmode=verify-full&sslrootcert=${FILE}`);
  assert.ok(full !== false && full.rejectUnauthorized && full.ca?.startsWith("import") && !full.checkServerIdentity);
  for (const mode of ["require", "verify-ca"]) {
    const authority = ssl(`sslmode=${mode}&sslrootcert=${FILE}&sslcert=${FILE}&sslkey=${key}`);
    assert.ok(authority !== false && authority.rejectUnauthorized && authority.cert && authority.key, mode);
    assert.equal(authority.checkServerIdentity?.("any", {} as never), undefined);
  }
  for (const mode of ["prefer", "allow", "on"])
    assert.throws(() => ssl(`sslmode=${mode}`), /sslmode must be disable, /);
  assert.throws(() => ssl(`sslrootcert=${FILE}`), /without sslmode: add sslmode=verify-full/);
  assert.throws(() => ssl("sslmode=verify-full&sslrootcert=/none"), /sslrootcert: \/none cannot be read \(ENOENT\)/);
});

test("ST-35 the key of a client certificate is nobody else's: 0600, or 0640 if root owns it", (t) => {
  const key = join(temporaryFolder(t), "client.key");
  writeFileSync(key, "a key");
  const ssl = (mode: number) => {
    chmodSync(key, mode);
    return parseDatabaseUrl(`postgres://db/x?sslmode=require&sslcert=${FILE}&sslkey=${key}`).ssl;
  };
  const isRoot = process.geteuid?.() === 0;
  for (const mode of [0o600, 0o400, ...(isRoot ? [0o640, 0o440] : [])]) {
    const read = ssl(mode);
    assert.equal(read !== false && read.key, "a key", mode.toString(8));
  }
  const exposed = /^Error: sslkey: other users have access to \S+client\.key: run chmod 06[40]0 /;
  for (const mode of [0o644, 0o604, 0o660, 0o650, ...(isRoot ? [] : [0o640])]) {
    assert.throws(() => ssl(mode), exposed, mode.toString(8));
  }
  assert.throws(
    () => parseDatabaseUrl("host=db sslmode=require sslkey=/dev/null"),
    /sslkey: \/dev\/null is not a plain file/,
  );
  if (!isRoot) return;
  chownSync(key, 65_534, 65_534);
  assert.throws(() => ssl(0o600), /sslkey: another user \(65534\) owns \S+client\.key: change the owner with chown/);
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
