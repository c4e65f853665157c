import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ask } from "../../../src/cli/connect/held-session.ts";
import type { CliError } from "../../../src/cli/frame/fail.ts";
import { CoatcheckError } from "../../../src/client/index.ts";
import { signedIn } from "../../support/demo.ts";
import { soon } from "../../support/person/soon.ts";
import { said } from "../../support/process.ts";

/** An address that takes every connection and never says a word; `heard` is what came. */
async function startSilence(t: TestContext): Promise<{ address: string; heard(): string }> {
  const sockets: Socket[] = [];
  let heard = "";
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (text) => {
      heard += text;
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as { port: number }).port}`, heard: () => heard };
}

/** Somebody with a login at a broker that answers, and one more, written into the file, at one that does not. */
async function twoBrokers(t: TestContext) {
  const stage = await signedIn(t);
  const silence = await startSilence(t);
  const path = join(stage.person.home, "state/coatcheck/sessions.json");
  const file = JSON.parse(readFileSync(path, "utf8"));
  file.sessions.far = {
    ...file.sessions.demo,
    broker: silence.address,
    server: "other",
    session: "ccs_of-the-far-broker",
  };
  writeFileSync(path, JSON.stringify(file));
  return { ...stage, silence, session: file.sessions.demo.session as string };
}

test("the broker that is named, by --addr or else COATCHECK_ADDR, gets only sessions of its own", async (t) => {
  const { person, running, silence } = await twoBrokers(t);
  const run = (args: string[], addr: string) =>
    person.run(args, { env: { COATCHECK_ADDR: addr, COATCHECK_TIMEOUT: "1" } });
  assert.equal((await run(["token"], running.address)).code, 0, "the only one there");
  assert.equal((await run(["token"], `${running.address}/`)).code, 0);
  const wrong = await run(["token", "demo"], silence.address);
  assert.equal(wrong.code, 4);
  assert.equal(
    wrong.err,
    `coatcheck: there is no login "demo" at ${silence.address} (set by COATCHECK_ADDR), and logins at other brokers are not used there\n  run: coatcheck login demo --scopes offline_access,notes:read\n`,
  );
  const flag = await run(["header", "demo", "--json", "--addr", silence.address], running.address);
  assert.deepEqual(JSON.parse(flag.out).error.next, [
    ...["coatcheck", "login", "demo", "--scopes", "offline_access,notes:read"],
    ...["--addr", silence.address],
  ]);
  assert.equal((await run(["token", "demo", "--addr", running.address], silence.address)).code, 0, "the flag wins");
  assert.equal(silence.heard(), "", "nobody else's session was sent");
  const none = await run(["token"], "");
  assert.deepEqual([none.code, none.err], [2, "coatcheck: there are several logins: name one of demo, far\n"]);
});

test("ST-45 COATCHECK_SESSION goes before what is kept, for status too, and may be in a file", async (t) => {
  const { person, running, session } = await twoBrokers(t);
  const env = { COATCHECK_SESSION: session, COATCHECK_ADDR: running.address };
  assert.match(
    (await person.run(["status"], { env })).out,
    /^COATCHECK_SESSION: signed in at demo as octavia;[^\n]*\n$/,
  );
  assert.equal((await person.run(["status"], { env: { ...env, COATCHECK_SESSION: "ccs_nonsense" } })).code, 4);
  const file = join(person.home, "session");
  writeFileSync(file, `${session}\n`);
  const { COATCHECK_SESSION: _, ...inFile } = { ...env, COATCHECK_SESSION_FILE: file };
  assert.match(
    (await person.run(["status"], { env: inFile })).out,
    /^COATCHECK_SESSION: signed in at demo as octavia;/,
  );
  const both = await person.run(["status"], { env: { ...env, COATCHECK_SESSION_FILE: file } });
  assert.deepEqual([both.code, /COATCHECK_SESSION and COATCHECK_SESSION_FILE are both set/.test(both.err)], [2, true]);
});

test("a session in COATCHECK_SESSION that the broker does not know is named as the cause, and no login as the cure", async () => {
  const unknown = Promise.reject(new CoatcheckError("invalid_session", "the session is unknown", { status: 401 }));
  const given = { name: "COATCHECK_SESSION", login: ["coatcheck", "login"] };
  await assert.rejects(ask(given, unknown), (error: CliError) => {
    assert.match(error.message, /^the broker has ended the session in COATCHECK_SESSION .*: unset COATCHECK_SESSION/);
    assert.deepEqual([error.code, error.exit, error.next], ["invalid_session", 4, undefined]);
    return true;
  });
});

test("status: a broker that does not answer is a line among the others, exit 4", async (t) => {
  const { person } = await twoBrokers(t);
  const env = { COATCHECK_ADDR: "", COATCHECK_TIMEOUT: "1" };
  const plain = await person.run(["status"], { env });
  const [good = "", unknown = ""] = plain.out.split("\n");
  assert.match(good, /^demo: signed in at demo as octavia;/);
  assert.match(unknown, /^far: unknown \(unreachable\): the broker at .* cannot be reached; run: coatcheck doctor$/);
  assert.equal(plain.code, 4);
  const json = await person.run(["status", "--json"], { env });
  const [, far] = json.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual([json.code, far.name, far.status, far.reason], [4, "far", "unknown", "unreachable"]);
});

test("a broker that never answers: an end within 10 s, exit 7", async (t) => {
  const { person, silence } = await twoBrokers(t);
  const end = async () => {
    const asked = ["token", "header", "why"].map((command) =>
      person.start([command, "far"], { COATCHECK_ADDR: "", COATCHECK_TIMEOUT: "1" }),
    );
    for (const started of asked) {
      await said(started, /coatcheck: the broker at \S+ cannot be reached\n/);
      assert.equal(await started.ended, 7);
    }
  };
  await soon("an end", end, 10_000);
  assert.match(silence.heard(), /GET \/session\/token/);
});
