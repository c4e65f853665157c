import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { proper } from "../../servers/faults.ts";
import { startDemoStage } from "../../support/demo.ts";
import { eventually } from "../../support/eventually.ts";
import { type Person, person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";
import { startSessions } from "../../support/sessions.ts";

/** A browser and a clipboard that leave a trace. */
function traps({ home }: Person) {
  const bin = join(home, "bin");
  mkdirSync(bin);
  const programs = { browser: "opened", "wl-copy": "copied" };
  for (const [name, trace] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\ntouch ${home}/${trace}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const env = { PATH: `${bin}:${process.env.PATH}`, COATCHECK_BROWSER: join(bin, "browser") };
  return { env, sprung: () => Object.values(programs).filter((trace) => existsSync(join(home, trace))) };
}

async function strangePage(t: TestContext) {
  const pair = await startSessions(t);
  pair.as.reply("/device", proper({ verification_uri: "https://evil.example/link" }));
  const alice = person(t, { COATCHECK_ADDR: pair.running.address });
  return { alice, ...traps(alice) };
}

test("XD-13 a page that is none of the provider's: shown with a warning, no QR code, and not opened", async (t) => {
  const { alice, env, sprung } = await strangePage(t);
  const login = alice.type(["login", "as", "--open"], { env, size: { columns: 200, rows: 60 } });
  await login.sees(/Open: {2}https:\/\/evil\.example\/link\n/);
  await login.sees(/warning: the page to open is on evil\.example, .*; the page is not opened automatically\n/);
  await login.sees(/Waiting, .* \(c copies the code, Ctrl-C cancels\)/);
  login.press("o");
  await login.sees(
    /The browser cannot be opened from here: open the address yourself\n[\s\S]*The browser cannot be opened/,
  );
  assert.doesNotMatch(login.seen(), /[█▀▄]|Link:/);
  assert.deepEqual(sprung(), []);
});

test("XD-13 with --json and --no-wait the warning is told, too", async (t) => {
  const { alice } = await strangePage(t);
  const json = await alice.run(["login", "as", "--no-wait", "--json"]);
  assert.match(JSON.parse(json.out).verification_warning, /^the page to open is on evil\.example/);
  const plain = await alice.run(["login", "as", "--no-wait"]);
  assert.match(plain.err, /\nwarning: the page to open is on evil\.example/);
});

for (const [what, flags, more] of [
  ["on pipes", [], {}],
  ["under CI", [], { CI: "true" }],
  ["with --no-input", ["--no-input"], {}],
] as const) {
  test(`CLI-4 ${what}: nothing is opened, copied or drawn, whatever was asked for`, async (t) => {
    const { person: alice } = await startDemoStage(t);
    const { env, sprung } = traps(alice);
    const args = ["login", "demo", "--open", "--clipboard", ...flags];
    if (what === "on pipes") {
      const login = alice.start(args, env);
      await said(
        login,
        /no browser was opened and no code was copied: there is no terminal, or CI or --no-input is set\n/,
      );
      await said(login, /Waiting for approval/);
      assert.ok(!login.stderr().includes("\x1b"));
    } else {
      const login = alice.type(args, { env: { ...env, ...more }, size: { columns: 200, rows: 60 } });
      await login.sees(/no browser was opened and no code was copied[\s\S]*Waiting, .* \(Ctrl-C cancels\)/);
      assert.doesNotMatch(login.seen(), /[█▀▄]/);
      assert.ok(!login.raw().includes("\x1b]52"));
    }
    assert.deepEqual(sprung(), []);
  });
}

test("CLI-24 where no program takes the code the terminal is asked (OSC 52)", async (t) => {
  const { person: alice } = await startDemoStage(t);
  const login = alice.type(["login", "demo", "--clipboard", "--no-qr"], { env: { PATH: "/nonexistent" } });
  const [, code = ""] = await login.sees(/Code: {2}(\S+)/);
  await login.sees(/The code was copied with the terminal/);
  assert.ok(login.raw().includes(`\x1b]52;c;${Buffer.from(code).toString("base64")}\x07`));
});

for (const flag of ["--no-browser", "--device"]) {
  test(`section 4: ${flag} says that there is no browser, whatever the variables name`, async (t) => {
    const { person: alice } = await startDemoStage(t);
    const { env, sprung } = traps(alice);
    const login = alice.type(["login", "demo", "--no-qr", "--open", flag], { env });
    await login.sees(/The browser cannot be opened from here: open the address yourself/);
    await login.sees(/\(c copies the code, Ctrl-C cancels\)/);
    assert.deepEqual(sprung(), []);
  });
}

test("CLI-25 on pipes: a line now, and a reminder about every half minute", async (t) => {
  const { person: alice, pass } = await startDemoStage(t);
  const login = alice.start(["login", "demo"]);
  await said(login, /Waiting for approval\n/);
  // The long poll begins in its own time.
  await eventually("a reminder", async () => {
    await pass(5_000);
    return /Still waiting; the code expires in \d:\d\d\n$/.test(login.stderr());
  });
});

test("CLI-25 a broker that is lost: one line, then one when it is back, and the login goes on", async (t) => {
  const stage = await startDemoStage(t);
  const login = stage.person.start(["login", "demo"]);
  await said(login, /Waiting for approval\n/);
  const code = login.stderr();
  const port = Number(new URL(stage.running.address).port);
  const again = await stage.restart(() => said(login, /the login is still pending\n/), { port });
  await said(login, /The broker can be reached again\n/);
  assert.equal(login.stderr().match(/cannot be reached|broke off/g)?.length, 1);
  const { decide } = await import("../../support/person/decide.ts");
  await decide(`${stage.issuer}/device?user_code=${/[A-Z]{4}-[A-Z]{4}/.exec(code)?.[0]}`, "allow");
  await again.pass(6_000);
  assert.equal(await login.ended, 0);
});
