import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { startDemoStage } from "../../support/demo.ts";
import { Visitor } from "../../support/person/visitor.ts";
import { said } from "../../support/process.ts";

for (const size of [
  { columns: 80, rows: 24 },
  { columns: 40, rows: 10 },
]) {
  test(`a login at ${size.columns} × ${size.rows}: address and code whole, the QR code where it fits, one line that waits`, async (t) => {
    const { person, decide, issuer } = await startDemoStage(t);
    const isLinked = size.rows === 24;
    const login = person.type(["login", "demo"], { size, env: isLinked ? { TERM_PROGRAM: "WezTerm" } : {} });
    await login.sees(/Waiting, /);
    const lines = login.seen().trim().split("\n");
    assert.equal(lines[0], `! Sign in to demo for "demo" (asked by ${hostname()})`);
    assert.equal(lines[1], `  Open:  ${issuer}/device`);
    assert.match(lines[2] ?? "", /^ {2}Code: {2}[A-Z]{4}-[A-Z]{4} {10}expires in /);
    const whole = /^ {2}Link: {2}(\S+\/device\?user_code=[A-Z-]+)$/.exec(lines[3] ?? "")?.[1] ?? "";
    const link = `\x1b]8;;${whole}\x1b\\${whole}\x1b]8;;\x1b\\`;
    assert.equal(login.raw().includes(link), isLinked, "to be clicked, where the terminal says that it knows how");
    assert.equal(lines[4], "  If you did not start this, do not enter the code.");
    const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / size.columns)), 0);
    assert.ok(rows <= size.rows, "all of it is on the screen");
    assert.equal(lines.length > 6, size.rows === 24, "the QR code is there where it fits");
    assert.match(lines.at(-1) ?? "", /^. Waiting, /);
    for (const line of lines.slice(5)) assert.ok(line.length <= size.columns, line);
    await decide(login.seen());
    await login.sees(/✓ signed in as octavia/);
    assert.equal(await login.ended, 0);
    assert.doesNotMatch(login.seen(), /Waiting, /, "the line that waits is gone");
  });
}

for (const [what, args, env, coloured] of [
  ["a terminal", [], {}, true],
  ["NO_COLOR", [], { NO_COLOR: "1" }, false],
  ["--color never", ["--color", "never"], {}, false],
  ["--plain", ["--plain"], { NO_COLOR: "1" }, false],
] as const) {
  test(`a login with ${what}: ${coloured ? "" : "not "}coloured`, async (t) => {
    const { person } = await startDemoStage(t);
    const login = person.type(["login", "demo", "--no-qr", ...args], { env });
    await login.sees(/Waiting/);
    assert.equal(login.raw().includes("\x1b[1m"), coloured, "bold is what the code is in");
  });
}

test("--web: the broker's own page and its code, refused there", async (t) => {
  const { person, running } = await startDemoStage(t);
  const login = person.start(["login", "demo", "--web"]);
  const [, code = ""] = await said(login, /Open: {2}http:\/\/127\.0\.0\.1:8200\/device\n {2}Code: {2}(\S+)/);
  await said(login, /Waiting/);
  const visitor = await new Visitor().open(`${running.address}/device`);
  await visitor.submit({ user_code: code });
  assert.match(visitor.html, /demo on /);
  await visitor.submit({ decision: "deny" });
  assert.equal(await login.ended, 5);
  assert.match(
    login.stderr(),
    /coatcheck: the person denied the login; if that was a mistake, sign in again\n {2}run: coatcheck login demo --web\n$/,
  );
});
