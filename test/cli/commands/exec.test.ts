import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BIN } from "../../support/bin.ts";
import { signedIn, signIn } from "../../support/demo.ts";
import { eventually } from "../../support/eventually.ts";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";

const SHOW =
  "console.log(JSON.stringify([process.argv.slice(1), process.env.X ?? '', process.env.COATCHECK_TOKEN ?? '']))";

test("FC-64 exec: the token is in the variable and in no argument; the exit code is the command's, or a shell's 127 or 126", async (t) => {
  const { person } = await signedIn(t);
  const token = (await person.run(["token"])).out.trim();
  const shown = await person.runProcess([
    "exec",
    "demo",
    "--env",
    "X",
    "--",
    process.execPath,
    "-e",
    SHOW,
    "--",
    "--json",
  ]);
  assert.deepEqual(JSON.parse(shown.out), [["--json"], token, ""]);
  const failed = await person.runProcess(["exec", "--", process.execPath, "-e", "process.exit(7)"]);
  assert.equal(failed.code, 7);
  const none = join(person.home, "nothing");
  const ends = async (program: string) => {
    const { code, err } = await person.run(["exec", "--", program]);
    return [code, err];
  };
  assert.deepEqual(await ends(none), [127, `coatcheck: cannot run ${none}: not found\n`], "FC-64 as a shell says it");
  writeFileSync(none, "");
  const forbidden = `coatcheck: cannot run ${none}: it is not executable, or you may not run it\n`;
  assert.deepEqual(await ends(none), [126, forbidden]);
});

test("exec --env VAR=LOGIN: tokens of several logins, each in its variable", async (t) => {
  const stage = await signedIn(t, "one");
  await signIn(stage, "two", "offline_access");
  const { person } = stage;
  const tokens = await Promise.all(["one", "two"].map(async (name) => (await person.run(["token", name])).out.trim()));
  assert.notEqual(tokens[0], tokens[1]);
  const show = 'printf "%s\\n" "$A" "$B" "$C" "$COATCHECK_TOKEN"';
  const run = async (...args: string[]) => {
    const { code, out, err } = await person.runProcess(["exec", ...args, "--", "sh", "-c", show]);
    assert.equal(code, 0, err);
    return out.split("\n").slice(0, 4);
  };
  const [one = "", two = ""] = tokens;
  assert.deepEqual(await run("--env", "A=one", "--env", "B=two"), [one, two, "", ""]);
  assert.deepEqual(await run("two", "--env", "A=one"), [one, "", "", two]);
  assert.deepEqual(await run("one", "--env=A", "--env=B=two", "--env=C"), [one, two, one, ""]);
  const renew = await person.run(["exec", "--renew", "--env", "A=one", "--env", "B=two", "--", "true"]);
  assert.deepEqual([renew.code, /--renew keeps the token of only one login/.test(renew.err)], [2, true]);
});

test("exec: what is not usable is said before anybody is asked", async (t) => {
  const alice = person(t);
  for (const [args, line] of [
    [["demo"], "give the command after --"],
    [["--env", "1X", "--", "true"], '--env "1X" does not name a variable: give VAR or VAR=LOGIN'],
    [["--env", "=demo", "--", "true"], '--env "=demo" does not name a variable: give VAR or VAR=LOGIN'],
    [["--env", "A-B=demo", "--", "true"], '--env "A-B=demo" does not name a variable: give VAR or VAR=LOGIN'],
    [["--env", "A=", "--", "true"], '--env "A=" does not name a login: give A=LOGIN'],
    [["--env", "A=x", "--env", "A=y", "--", "true"], "--env A is given twice"],
    [["demo", "gh", "--", "true"], 'unexpected argument "gh": put the command after --'],
    [["demo", "--min-valid", "x", "--", "true"], '--min-valid "x" is not a number of seconds'],
  ] as const) {
    const { code, out, err } = await alice.run(["exec", ...args], { env: { COATCHECK_SESSION: "x" } });
    assert.deepEqual([code, out, err], [2, "", `coatcheck: ${line}\n`]);
  }
});

test("exec --renew: a file of the owner alone that follows the token while the command runs, and is gone after it", async (t) => {
  // Seconds: the first look of the command finds that its token has little life left.
  const stage = await signedIn(t, "demo", "offline_access", { AccessToken: 6 });
  const look = `const fs = require("node:fs"); const f = process.env.COATCHECK_TOKEN_FILE;
    const first = fs.readFileSync(f, "utf8"); console.log(JSON.stringify([f, first, fs.statSync(f).mode & 0o777]));
    const timer = setInterval(() => {
      const next = fs.readFileSync(f, "utf8");
      if (next === first) return;
      clearInterval(timer);
      console.log("then " + JSON.stringify([next, fs.statSync(f).mode & 0o777]));
    }, 20);`;
  const job = stage.person.startProcess(["exec", "--renew", "--verbose", "--", process.execPath, "-e", look]);
  const [, shown = ""] = await said(job, /^(\[.*\])\n/);
  const [path, first, mode] = JSON.parse(shown);
  assert.equal(mode, 0o600);
  // Nobody reads any more what --verbose says: that ends neither the command nor the renewal.
  job.child.stderr.destroy();
  await stage.pass(10_000);
  const [, later = ""] = await said(job, /then (.*)\n/);
  assert.deepEqual(JSON.parse(later), [(await stage.person.run(["token"])).out.trim(), 0o600]);
  assert.notEqual(JSON.parse(later)[0], first);
  assert.equal(await job.ended, 0);
  assert.ok(!existsSync(path));
});

const WAIT = `for (const s of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"]) {
    process.on(s, () => { console.log("got " + s); if (s === "SIGTERM") process.exit(9); });
  }
  setInterval(() => {}, 1000); console.log("ready " + process.pid);`;

test("exec: signals reach the command, each once, and its end is ours", async (t) => {
  const { person } = await signedIn(t);
  const job = person.startProcess(["exec", "--", process.execPath, "-e", WAIT]);
  await said(job, /ready/);
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGHUP", "SIGTERM"] as const) {
    job.kill(signal);
    await said(job, new RegExp(`got ${signal}\n`));
  }
  assert.equal(await job.ended, 9);
  const killed = await person.runProcess(["exec", "--", "sh", "-c", "kill -KILL $$"]);
  assert.equal(killed.code, 137);
  const typed = person.type(["exec", "--", process.execPath, "-e", WAIT]);
  const [, pid = ""] = await typed.sees(/ready (\d+)/);
  typed.press("\x03");
  await typed.sees(/got SIGINT/);
  process.kill(Number(pid), "SIGTERM");
  assert.equal(await typed.ended, 9);
  assert.equal(typed.seen().match(/got SIGINT/g)?.length, 1);
});

test("exec: without a terminal an interrupt is passed on", async (t) => {
  const { person } = await signedIn(t);
  // Detached: in a session of its own, which has no terminal.
  const job = spawn(process.execPath, [BIN, "exec", "--", process.execPath, "-e", WAIT], {
    env: { PATH: process.env.PATH ?? "", ...person.env },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  job.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const sees = (what: string) => eventually(what, async () => text.includes(what));
  await sees("ready");
  job.kill("SIGINT");
  await sees("got SIGINT");
  job.kill("SIGTERM");
  assert.equal(await new Promise((done) => job.once("exit", done)), 9);
});

test("exec: the token is in no file of the process but its environment", {
  skip: process.platform !== "linux",
}, async (t) => {
  const { person } = await signedIn(t);
  const token = (await person.run(["token"])).out.trim();
  const job = person.startProcess(["exec", "--", process.execPath, "-e", WAIT]);
  const [, pid = ""] = await said(job, /ready (\d+)/);
  t.after(() => process.kill(Number(pid), "SIGKILL"));
  const read = (id: number | string, what: string) => readFileSync(`/proc/${id}/${what}`, "utf8");
  assert.ok(read(pid, "environ").includes(token));
  for (const id of [pid, job.child.pid ?? 0]) assert.ok(!read(id, "cmdline").includes(token));
  assert.ok(!read(job.child.pid ?? 0, "environ").includes(token));
});
