import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { BIN } from "../../support/bin.ts";
import { soon } from "../../support/person/soon.ts";
import { startHelpers } from "./helper.ts";

const SETTINGS = {
  credentials: { git: { "git.corp.example:8443": "corp", "github.com": "corp", "dead.example": "nobody" } },
  gitHosts: { "git.corp.example:8443": { username: "bot", bearer: true } },
};

const hash = (token: string) => createHash("sha256").update(token).digest("hex");

test("get: a Bearer credential where git offers it and the host takes it, a password elsewhere", async (t) => {
  const { ask, token } = await startHelpers(t, SETTINGS);
  const current = await token();
  const bearer = await ask(
    ["git", "get"],
    "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=git.corp.example:8443\nwwwauth[]=Bearer realm=x\n\n",
  );
  assert.equal(bearer.code, 0, bearer.err);
  assert.match(
    bearer.out,
    new RegExp(
      `^capability\\[\\]=authtype\ncapability\\[\\]=state\nauthtype=Bearer\ncredential=${current}\nephemeral=1\npassword_expiry_utc=\\d{10}\nstate\\[\\]=coatcheck:v1:${hash(current)}\n$`,
    ),
  );
  const stateless = await ask(["git", "get"], "capability[]=authtype\nprotocol=https\nhost=git.corp.example:8443\n\n");
  assert.match(
    stateless.out,
    new RegExp(
      `^capability\\[\\]=authtype\nauthtype=Bearer\ncredential=${current}\nephemeral=1\npassword_expiry_utc=\\d{10}\n$`,
    ),
  );
  const old = await ask(["git", "get"], "protocol=https\nhost=git.corp.example:8443\nunknown=x\n");
  assert.match(old.out, new RegExp(`^username=bot\npassword=${current}\npassword_expiry_utc=\\d{10}\n$`));
  const github = await ask(["git", "get"], "capability[]=authtype\nprotocol=https\nhost=github.com\n\n");
  assert.match(github.out, new RegExp(`^username=x-access-token\npassword=${current}\n`));
  assert.ok(!`${bearer.out}${old.out}`.includes("refresh"));
});

test("CLI-29 get: what is not ours is passed over in silence; ours and dead ends git's asking, and says the command", async (t) => {
  const { ask } = await startHelpers(t, SETTINGS);
  for (const input of ["protocol=https\nhost=other.example\n\n", "protocol=http\nhost=github.com\n\n", ""]) {
    assert.deepEqual(await ask(["git", "get"], input), { code: 0, out: "", err: "" });
  }
  const dead = await soon("git get", () => ask(["git", "get"], "protocol=https\nhost=dead.example\n\n"));
  assert.deepEqual(dead, {
    code: 0,
    out: "quit=1\n",
    err: 'coatcheck: there is no login "nobody"; run: coatcheck login nobody\n',
  });
});

test("get: a broker that is away is no dead login: git may ask others", async (t) => {
  const { ask, running } = await startHelpers(t, SETTINGS);
  await running.close();
  const { code, out, err } = await ask(["git", "get"], "protocol=https\nhost=github.com\n\n");
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /^coatcheck: .+\n$/);
});

test("what is known of hosts: user name and Bearer", async (t) => {
  const hosts = {
    "github.com": "password:x-access-token",
    "corp.ghe.com": "password:x-access-token",
    "gitlab.com": "password:oauth2",
    "gitea.com": "Bearer",
    "codeberg.org": "Bearer",
    "bitbucket.org": "Bearer",
    "android.googlesource.com": "Bearer",
    "own.example": "password:oauth2",
  };
  const table = Object.fromEntries(Object.keys(hosts).map((host) => [host, "corp"]));
  const { ask } = await startHelpers(t, { credentials: { git: table } });
  const seen = Object.keys(hosts).map(async (host) => {
    const { out } = await ask(["git", "get"], `capability[]=authtype\nprotocol=https\nhost=${host}\n\n`);
    return [host, /authtype=(.*)/.exec(out)?.[1] ?? `password:${/username=(.*)/.exec(out)?.[1]}`];
  });
  assert.deepEqual(Object.fromEntries(await Promise.all(seen)), hosts);
});

test("a request ends at a blank line, though its pipe stays open; NUL and endless lines are refused; a CR forges nothing", async (t) => {
  const { ask, person, token } = await startHelpers(t, SETTINGS);
  const open = person.start(["credential", "git", "get"]);
  open.stdin.write("protocol=https\nhost=github.com\n\n");
  assert.equal(await open.ended, 0);
  assert.match(open.stdout(), new RegExp(`password=${await token()}`));
  const request = (line: string) => ask(["git", "get"], `protocol=https\nhost=github.com\n${line}\n\n`);
  for (const line of ["path=a\0b", `path=${"x".repeat(65_531)}`]) {
    const { code, out, err } = await request(line);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^coatcheck: a line of git's request (contains a NUL character|is too long)\n$/);
  }
  assert.equal((await request(`path=${"x".repeat(65_530)}`)).code, 0);
  const forged = await ask(["git", "get"], "protocol=https\nhost=evil.example\rhost=github.com\n\n");
  assert.deepEqual(forged, { code: 0, out: "", err: "" });
});

test("settings that cannot be read: get says it; store, erase and verbs of the future do not mind", async (t) => {
  const { ask, person } = await startHelpers(t, SETTINGS);
  writeFileSync(join(person.home, "config/coatcheck/config.json"), "{");
  const input = "protocol=https\nhost=github.com\npassword=x\n\n";
  for (const verb of ["store", "erase", "dance"]) {
    assert.deepEqual(await ask(["git", verb], input), { code: 0, out: "", err: "" });
  }
  const { code, out, err } = await ask(["git", "get"], input);
  assert.deepEqual([code, out], [1, ""]);
  assert.match(err, /config\.json is not valid JSON/);
});

test("capability, store, and verbs of the future", async (t) => {
  const { ask } = await startHelpers(t, SETTINGS);
  assert.equal((await ask(["git", "capability"])).out, "version 0\ncapability authtype\ncapability state\n");
  for (const verb of ["store", "dance"]) {
    assert.deepEqual(await ask(["git", verb], "protocol=https\nhost=github.com\npassword=x\n\n"), {
      code: 0,
      out: "",
      err: "",
    });
  }
});

test("erase: the token of that state or password is refreshed once, the grant stays; another's is left alone", async (t) => {
  const { ask, token } = await startHelpers(t, SETTINGS);
  const first = await token();
  await ask(["git", "erase"], "protocol=https\nhost=github.com\npassword=somebody-elses\n\n");
  assert.equal(await token(), first);
  await ask(["git", "erase"], `protocol=https\nhost=github.com\nusername=x\npassword=${first}\n\n`);
  const second = await token();
  assert.notEqual(second, first);
  await ask(
    ["git", "erase"],
    `protocol=https\nhost=github.com\nstate[]=other:1\nstate[]=coatcheck:v1:${hash(second)}\n\n`,
  );
  assert.notEqual(await token(), second);
});

test("by the name git-credential-… of a link it is the same program", async (t) => {
  const { person, token } = await startHelpers(t, SETTINGS);
  const link = join(person.home, "git-credential-coatcheck");
  symlinkSync(BIN, link);
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = execFile(process.execPath, [link, "get"], { env: person.env }, (_error, out, err) =>
    resolve(out + err),
  );
  child.stdin?.end("protocol=https\nhost=github.com\n\n");
  assert.match(await promise, new RegExp(`^username=x-access-token\npassword=${await token()}\n`));
});
