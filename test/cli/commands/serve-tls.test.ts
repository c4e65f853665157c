import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AUTHORITY, get, writeTls } from "../../listen/secure.ts";
import { makeCertificate } from "../../servers/certificates.ts";
import { person } from "../../support/person/person.ts";
import { coatcheck, said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("ST-40 ST-41 a broker with TLS serves commands that trust its authority, and reads renewed files at SIGHUP", async (t) => {
  const data = temporaryFolder(t);
  const files = writeTls(t);
  const socket = join(data, "broker.sock");
  const listen = ["--listen", "127.0.0.1:0", "--listen", `unix:${socket}`];
  const tls = ["--tls-cert", files.cert, "--tls-key", files.key];
  const broker = coatcheck(t, ["serve", "--data", data, ...listen, ...tls]);
  const [, address = ""] = await said(broker, /coatcheck is listening at (https:\/\/127\.0\.0\.1:\d+)/);
  await said(broker, /coatcheck is listening at unix:.*broker\.sock/);
  const ca = join(files.folder, "ca.pem");
  writeFileSync(ca, AUTHORITY.cert);
  // ST-45: also a command's secret may be in a file.
  const alice = person(t, { COATCHECK_OPERATOR_TOKEN_FILE: join(data, "root-token") });
  const command = ["--addr", address.replace("127.0.0.1", "localhost"), "server", "list"];
  const [trusting, wary] = await Promise.all([alice.run([...command, "--ca-file", ca]), alice.run(command)]);
  assert.equal(trusting.code, 0, trusting.err);
  assert.equal(wary.code, 7);
  const before = (await get(address)).serial;
  files.write(makeCertificate({ by: AUTHORITY }));
  broker.child.kill("SIGHUP");
  await said(broker, /"tls_reloaded"/);
  assert.notEqual((await get(address)).serial, before);
  broker.child.kill("SIGTERM");
  assert.equal(await broker.ended, 0);
  files.write(makeCertificate({ until: Date.now() - 86_400_000, from: Date.now() - 2 * 86_400_000 }));
  const over = coatcheck(t, ["serve", "--data", data, ...listen, ...tls]);
  assert.equal(await over.ended, 1);
  assert.match(over.stderr(), /^coatcheck: the certificate in .* ended on [-\d]+: renew it\n$/);
});
