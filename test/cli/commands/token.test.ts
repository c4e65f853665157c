import assert from "node:assert/strict";
import { chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { signedIn } from "../../support/demo.ts";
import { soon } from "../../support/person/soon.ts";
import { missing } from "../../support/programs.ts";
import { ROOT_TOKEN } from "../../support/request.ts";

test("curl: sends the header, and nobody sees it in the arguments", { skip: missing("curl") }, async (t) => {
  const { person } = await signedIn(t);
  const server = createServer((request, response) => void response.end(request.headers.authorization));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const got = await person.runProcess(["curl", "demo", "--", "-s", `http://127.0.0.1:${port}/`]);
  assert.equal(got.out, `Bearer ${(await person.run(["token"])).out.trim()}`, got.err);
});

test("token --write: the WLCG file, 0600, where BEARER_TOKEN_FILE or the folders say; always a new one", async (t) => {
  const { person } = await signedIn(t);
  const current = (await person.run(["token"])).out;
  const name = `bt_u${process.getuid?.()}`;
  const [named, temporary] = [join(person.home, "named"), join(person.home, "tmp")];
  mkdirSync(temporary, { mode: 0o777 });
  for (const [env, path] of [
    [{}, join(person.home, "run", name)],
    [{ BEARER_TOKEN_FILE: named }, named],
    [{ XDG_RUNTIME_DIR: "", TMPDIR: temporary }, join(temporary, name)],
  ] as const) {
    writeFileSync(path, "an older and longer text that readers still have open", { mode: 0o644 });
    const before = statSync(path).ino;
    const { out, err } = await person.run(["token", "--write"], { env });
    assert.equal(out, `${path}\n`, err);
    assert.deepEqual([statSync(path).mode & 0o777, readFileSync(path, "utf8")], [0o600, current]);
    assert.notEqual(statSync(path).ino, before);
  }
  const link = join(person.home, "link");
  symlinkSync(named, link);
  const linked = await person.run(["token", "--write"], { env: { BEARER_TOKEN_FILE: link } });
  assert.deepEqual([linked.code, linked.out, /link is not a regular file: remove it/.test(linked.err)], [1, "", true]);
  if (process.getuid?.() !== 0) return;
  chownSync(named, 12_345, 0);
  const others = await person.run(["token", "--write"], { env: { BEARER_TOKEN_FILE: named } });
  assert.deepEqual([others.code, /named belongs to another user/.test(others.err)], [1, true]);
});

test("a dead credential: state, exit 4 and the command to run within 2 s; why says it", async (t) => {
  const { person, read, pass } = await signedIn(t, "bot", "offline_access");

  const listed = await read("oauth2/creds?list=true");
  const [name] = (listed.body?.data?.keys ?? []) as string[];
  assert.ok(name);
  const ended = await person.run(["session", "list", "--json"], {
    env: { COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN },
  });
  const id = JSON.parse(ended.out).sessions[0].id;
  const end = await person.run(["session", "end", id], {
    env: { COATCHECK_OPERATOR_TOKEN: ROOT_TOKEN },
  });
  assert.equal(end.code, 0, end.err);
  await pass(1_000);
  const dead = await soon("token", () => person.run(["token", "--json"]));
  assert.equal(dead.code, 4);
  const { error } = JSON.parse(dead.out);
  assert.deepEqual(
    [error.code, error.next],
    ["invalid_session", ["coatcheck", "login", "demo", "--name", "bot", "--scopes", "offline_access"]],
  );
  assert.equal((await person.run(["status"])).code, 4);
  assert.match(
    (await person.run(["why", "bot"])).out,
    /^bot: failed \(invalid_session\)\n[\s\S]*to fix it: coatcheck login demo --name bot/,
  );
});
