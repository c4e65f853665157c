import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { connect } from "node:tls";
import { converse } from "../http/start.ts";
import { type Certificate, makeCertificate } from "../servers/certificates.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { AUTHORITY, get, type Written, writeTls } from "./secure.ts";

interface Secure extends Coatcheck {
  readonly files: Written;
}

async function startSecure(t: TestContext, first?: Certificate): Promise<Secure> {
  const files = writeTls(t, first);
  return { ...(await startCoatcheck(t, { wayIn: { tls: files } })), files };
}

const serialOf = ({ cert }: Certificate) => new X509Certificate(cert).serialNumber;

/** A look at the files is due each 5 s. */
const LOOK_MS = 5_000;

test("ST-40 by address everything is encrypted, from TLS 1.2 on, and nothing is answered in clear", async (t) => {
  const own = makeCertificate({ by: AUTHORITY });
  const { running } = await startSecure(t, own);
  assert.match(running.address, /^https:\/\/127\.0\.0\.1:\d+$/);
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    assert.deepEqual(await get(running.address, { maxVersion }), {
      status: 200,
      serial: serialOf(own),
      protocol: maxVersion,
    });
  }
  const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  await assert.rejects(get(running.address, old), /alert protocol version|unsupported protocol/);
  const plain = await converse(Number(new URL(running.address).port), [
    "GET /v1/sys/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  ]).catch(() => "");
  assert.ok(!plain.includes("HTTP/1.1"), plain);
  const list = connect({ port: Number(new URL(running.address).port), ca: AUTHORITY.cert, servername: "localhost" });
  list.write("LIST /v1/oauth2/creds HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.match((await list.toArray()).join(""), /^HTTP\/1\.1 403 .*permission denied/s, "Vault's own method");
});

test("ST-41 a certificate is renewed under load: no request fails, kept connections stay, new ones see the new one", async (t) => {
  const { running, files, clock, logged } = await startSecure(t);
  const kept = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => kept.destroy());
  const first = await get(running.address, { agent: kept });
  const statuses: number[] = [];
  let done = false;
  const load = [1, 2, 3, 4].map(async () => {
    while (!done) statuses.push((await get(running.address)).status);
  });
  for (let renewal = 1; renewal <= 3; renewal++) {
    const next = makeCertificate({ by: AUTHORITY });
    const sofar = statuses.length;
    files.write(next);
    clock.advance(LOOK_MS);
    assert.equal((await get(running.address)).serial, serialOf(next));
    while (statuses.length < sofar + 8) await setImmediate();
  }
  done = true;
  await Promise.all(load);
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal((await get(running.address, { agent: kept })).serial, first.serial);
  assert.equal(logged.filter((line) => line.includes('"tls_reloaded"')).length, 3);
  assert.ok(!logged.join("").includes('"tls_not_reloaded"'));
});

const DAY_MS = 86_400_000;

/** What is wrong, and what is said of it. */
const WRONG: Readonly<Record<string, readonly [Partial<Certificate>, RegExp]>> = {
  "no certificate": [{ cert: "hello" }, /cert\.pem has no certificate: give the chain in PEM/],
  "a certificate that cannot be read": [
    { cert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" },
    /cert\.pem has a certificate that cannot be read: export it again/,
  ],
  "no key": [{ key: "hello" }, /key\.pem has no private key that can be read: give one in PEM/],
  "another's key": [
    { key: makeCertificate().key },
    /the key in .*key\.pem does not belong to the first certificate in .*cert\.pem/,
  ],
  "an end that is over": [
    makeCertificate({ by: AUTHORITY, from: Date.now() - 9 * DAY_MS, until: Date.now() - DAY_MS }),
    /the certificate in .*cert\.pem ended on \d{4}-\d\d-\d\d: renew it/,
  ],
  "a beginning to come": [
    makeCertificate({ by: AUTHORITY, from: Date.now() + DAY_MS }),
    /the certificate in .*cert\.pem begins on \d{4}-\d\d-\d\d: check this machine's clock/,
  ],
};

test("ST-41 wrong, mismatching and expired files are one sentence at the start, and nothing is made", async (t) => {
  for (const [what, [wrong, sentence]] of Object.entries(WRONG)) {
    const files = writeTls(t);
    files.write(wrong);
    const data = join(temporaryFolder(t), "data");
    await assert.rejects(startCoatcheck(t, { data, wayIn: { tls: files } }), ({ name, message }: Error) => {
      assert.equal(name, "CannotListen", what);
      assert.match(message, sentence);
      return !message.includes("\n");
    });
    assert.equal(existsSync(data), false);
  }
  const files = writeTls(t);
  rmSync(files.key);
  await assert.rejects(
    startCoatcheck(t, { wayIn: { tls: files } }),
    /key\.pem cannot be read \(ENOENT\): give a file in PEM/,
  );
});

test("ST-41 at a reload they are a warning, once for each change, and what was good before stays; a signal reads them too", async (t) => {
  const good = makeCertificate({ by: AUTHORITY });
  const { running, files, clock, logged } = await startSecure(t, good);
  const warned = () => logged.filter((line) => line.includes('"tls_not_reloaded"'));
  for (const [index, [what, [wrong, sentence]]] of Object.entries(WRONG).entries()) {
    files.write({ ...good, ...wrong });
    clock.advance(LOOK_MS);
    clock.advance(LOOK_MS);
    assert.equal(warned().length, index + 1, what);
    assert.match(warned().at(-1) ?? "", sentence);
    assert.deepEqual(await get(running.address), { status: 200, serial: serialOf(good), protocol: "TLSv1.3" });
  }
  rmSync(files.cert);
  running.reload();
  assert.match(warned().at(-1) ?? "", /cert\.pem cannot be read \(ENOENT\)/);
  const next = makeCertificate({ by: AUTHORITY });
  files.write(next);
  running.reload();
  assert.equal((await get(running.address)).serial, serialOf(next));
});

test("ST-41 a certificate that nobody renews is a warning each day of its last week", async (t) => {
  const until = Date.now() + 8.5 * DAY_MS;
  const { clock, logged, files } = await startSecure(t, makeCertificate({ by: AUTHORITY, until }));
  const warned = () => logged.filter((line) => line.includes('"tls_certificate_ends"')).length;
  for (let day = 0; day < 4; day++) {
    assert.equal(warned(), Math.max(0, day - 1), `day ${day}`);
    clock.stand(DAY_MS);
    clock.advance(LOOK_MS);
  }
  files.write(makeCertificate({ by: AUTHORITY, until: Date.now() + 90 * DAY_MS }));
  clock.advance(LOOK_MS);
  clock.stand(DAY_MS);
  clock.advance(LOOK_MS);
  assert.equal(warned(), 3);
});

test("ST-42 where client certificates are demanded, only one of their authorities is let in", async (t) => {
  const files = writeTls(t);
  const clientCa = join(files.folder, "clients.pem");
  writeFileSync(clientCa, makeCertificate({ name: "clients", isAuthority: true }).cert);
  const clients = makeCertificate({ name: "clients", isAuthority: true });
  const { running, clock } = await startCoatcheck(t, { wayIn: { tls: { ...files, clientCa } } });
  const client = makeCertificate({ name: "program", by: clients });
  const strangers = [
    {},
    makeCertificate({ name: "program" }),
    makeCertificate({ name: "program", by: AUTHORITY }),
    client,
  ];
  for (const stranger of strangers) await assert.rejects(get(running.address, stranger));
  writeFileSync(clientCa, clients.cert);
  clock.advance(LOOK_MS);
  const { cert, key } = client;
  assert.equal((await get(running.address, { cert, key })).status, 200);
  await assert.rejects(get(running.address));
  const over = makeCertificate({
    name: "program",
    by: clients,
    from: Date.now() - 2 * DAY_MS,
    until: Date.now() - DAY_MS,
  });
  await assert.rejects(get(running.address, { cert: over.cert, key: over.key }));
});
