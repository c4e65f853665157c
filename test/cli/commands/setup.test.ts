import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { person } from "../../support/person/person.ts";
import { missing } from "../../support/programs.ts";
import { startHelpers } from "../helpers/helper.ts";

test("setup docker: shows the change, makes table, link and entry, keeps what is there, and takes it back", async (t) => {
  const alice = person(t);
  const docker = join(alice.home, ".docker/config.json");
  mkdirSync(join(alice.home, ".docker"));
  writeFileSync(docker, '{"credHelpers":{"other.example":"x"},"auths":{}}');
  const dry = await alice.run(["setup", "docker", "registry.example", "corp", "--dry-run"]);
  assert.match(dry.err, /config\.json, credentials\.docker:\n {2}\+ "registry\.example": "corp"/);
  assert.ok(!existsSync(join(alice.home, "config/coatcheck/config.json")));
  assert.equal((await alice.run(["setup", "docker", "registry.example", "corp"])).code, 0);
  const read = () => JSON.parse(readFileSync(docker, "utf8"));
  assert.deepEqual(read(), { credHelpers: { "other.example": "x", "registry.example": "coatcheck" }, auths: {} });
  const link = join(alice.home, ".local/bin/docker-credential-coatcheck");
  assert.match(readlinkSync(link), /bin\/coatcheck\.js$/);
  const settings = () => JSON.parse(readFileSync(join(alice.home, "config/coatcheck/config.json"), "utf8"));
  assert.deepEqual(settings().credentials.docker, { "registry.example": "corp" });
  assert.equal((await alice.run(["setup", "docker", "registry.example", "--undo"])).code, 0);
  assert.deepEqual(read(), { credHelpers: { "other.example": "x" }, auths: {} });
  assert.ok(!existsSync(link));
  assert.deepEqual(settings().credentials.docker, {});
});

test("setup docker: a link to the file stays one, another's helper is not replaced, and undo leaves no trace", async (t) => {
  const alice = person(t);
  const real = join(alice.home, "dotfiles/docker.json");
  mkdirSync(join(alice.home, "dotfiles"));
  mkdirSync(join(alice.home, ".docker"));
  symlinkSync("../dotfiles/docker.json", join(alice.home, ".docker/config.json"));
  const setup = (...args: string[]) => alice.run(["setup", "docker", ...args]);
  assert.equal((await setup("registry.example", "corp")).code, 0);
  assert.equal(readlinkSync(join(alice.home, ".docker/config.json")), "../dotfiles/docker.json");
  assert.deepEqual(JSON.parse(readFileSync(real, "utf8")), { credHelpers: { "registry.example": "coatcheck" } });
  assert.equal(statSync(real).mode & 0o777, 0o600);
  assert.equal((await setup("registry.example", "--undo")).code, 0);
  assert.deepEqual(JSON.parse(readFileSync(real, "utf8")), {});
  const theirs = '{"credHelpers":{"registry.example":"ecr-login"}}';
  writeFileSync(real, theirs, { mode: 0o644 });
  chmodSync(real, 0o644);
  const taken = await setup("registry.example", "corp");
  assert.deepEqual([taken.code, readFileSync(real, "utf8")], [1, theirs]);
  assert.match(taken.err, /has the helper "ecr-login" for registry\.example: remove it there first/);
  assert.equal((await setup("other.example", "corp")).code, 0);
  assert.equal(statSync(real).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(join(alice.home, "dotfiles")), ["docker.json"]);
});

test("setup git: somebody's own helpers stay, ours is the last; undo restores the file", {
  skip: missing("git"),
}, async (t) => {
  const alice = person(t);
  const path = join(alice.home, ".gitconfig");
  const helpers = () =>
    spawnSync("git", ["config", "--global", "--get-all", "credential.https://git.example.helper"], {
      env: { ...alice.env, PATH: process.env.PATH },
    })
      .stdout.toString()
      .split("\n")
      .slice(0, -1);
  const setup = async (...args: string[]) =>
    assert.equal((await alice.run(["setup", "git", "git.example", ...args])).code, 0);
  for (const [before, own] of [
    ["# mine\n[user]\n\tname = a\n", []],
    ['[credential "https://git.example"]\n\t# why\n\thelper = store\n[user]\n\tname = a\n', ["store"]],
    ['[credential "https://git.example"]\n\thelper = \n\thelper = cache\n', ["", "cache"]],
  ] as const) {
    writeFileSync(path, before);
    await setup("corp");
    await setup("corp");
    const all = helpers();
    assert.deepEqual(all.slice(0, -1), [...own, ""]);
    assert.match(all.at(-1) ?? "", /^!.*coatcheck\.js credential git$/);
    await setup("--undo");
    assert.equal(readFileSync(path, "utf8"), before);
    await setup("--undo");
    assert.equal(readFileSync(path, "utf8"), before);
  }
});

test("setup git --kind: a host of one's own is known as what serves it", async (t) => {
  const { ask, person, token } = await startHelpers(t, {});
  const bad = await person.run(["setup", "git", "review.example", "corp", "--kind", "svn"]);
  assert.deepEqual([bad.code, bad.out], [2, ""]);
  assert.equal((await person.run(["setup", "git", "review.example", "corp", "--kind", "gerrit"])).code, 0);
  const { out } = await ask(["git", "get"], "capability[]=authtype\nprotocol=https\nhost=review.example\n\n");
  assert.match(out, new RegExp(`authtype=Bearer\ncredential=${await token()}\n`));
});

test("pip and uv ask a link named keyring, pnpm one that is named after the login", async (t) => {
  const { person, token } = await startHelpers(t, {});
  const setup = await person.run(["setup", "pip", "pypi.example", "corp"]);
  assert.match(setup.out, /https:\/\/oauth2accesstoken@pypi\.example\/simple\/[\s\S]*UV_KEYRING_PROVIDER=subprocess/);
  const env = { ...person.env, PATH: process.env.PATH };
  const run = (link: string, ...args: string[]) =>
    new Promise<[number | null, string, string]>((done) => {
      const child = execFile(process.execPath, [link, ...args], { env }, (_error, out, err) =>
        done([child.exitCode, out, err]),
      );
    });
  const keyring = join(person.home, ".local/bin/keyring");
  const current = await token();
  for (const index of ["https://pypi.example/simple/", "pypi.example"]) {
    assert.deepEqual(await run(keyring, "get", index, "__token__"), [0, `${current}\n`, ""]);
  }
  for (const index of ["https://other.example/", "http://pypi.example/"]) {
    assert.deepEqual(await run(keyring, "get", index, "__token__"), [1, "", ""]);
  }
  const { out } = await person.run(["setup", "pnpm", "npm.example", "corp"]);
  const [, helper = ""] = /^\/\/npm\.example\/:tokenHelper=(\/.+)$/m.exec(out) ?? [];
  assert.deepEqual(await run(helper), [0, `Bearer ${current}\n`, ""]);
  assert.equal((await person.run(["setup", "pnpm", "npm.example", "--undo"])).code, 0);
  assert.equal((await person.run(["setup", "pip", "pypi.example", "--undo"])).code, 0);
  assert.deepEqual(readdirSync(join(person.home, ".local/bin")), []);
});

test("setup netrc: on request alone, 0600, with a warning; another's entry is not touched", async (t) => {
  const { person, token } = await startHelpers(t, {});
  const path = join(person.home, ".netrc");
  const theirs = "machine other.example login me password x\nmachine api.example.org\n  login me\n  password y";
  writeFileSync(path, theirs, { mode: 0o644 });
  const setup = (...args: string[]) => person.run(["setup", "netrc", ...args]);
  for (const _again of [1, 2]) {
    const { code, err } = await setup("api.example", "corp");
    assert.equal(code, 0, err);
    assert.match(
      err,
      /warning: every program that you run can read a token in a file; .* expires in \d+ seconds: run this command again then/,
    );
    assert.ok(!err.includes(await token()));
  }
  const ours = `machine api.example login oauth2 password ${await token()}\n`;
  assert.equal(readFileSync(path, "utf8"), `${theirs}\n${ours}`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const host of ["other.example", "api.example.org"]) {
    const taken = await setup(host, "corp");
    assert.deepEqual([taken.code, taken.out], [1, ""]);
    assert.match(taken.err, /has an entry for .*: remove it there first/);
  }
  assert.equal((await setup("api.example", "--undo")).code, 0);
  assert.equal(readFileSync(path, "utf8"), `${theirs}\n`);
  assert.equal((await setup("other.example", "--undo")).code, 0);
  assert.equal(readFileSync(path, "utf8"), `${theirs}\n`, "what was not set up is not taken back");
  assert.equal((await setup("api.example", "nobody")).code, 4);
});

test("setup of the others prints what to paste; one that is not known is refused", async (t) => {
  const alice = person(t);
  const text = async (program: string, key: string) => (await alice.run(["setup", program, key, "corp"])).out;
  assert.match(
    await text("aws", "deploy"),
    /\[profile deploy\]\ncredential_process = \/.*coatcheck\.js credential aws corp --role ARN\n$/,
  );
  const kubectl = await text("kubectl", "dev");
  for (const part of [
    "- name: dev\n  user:\n    exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: /",
    "      args: [credential, kubectl, corp]\n      interactiveMode: IfAvailable\n      provideClusterInfo: true\n      installHint: ",
    "credentialPluginAllowlist:\n- command: /",
  ]) {
    assert.ok(kubectl.includes(part), kubectl);
  }
  assert.match(await text("cargo", "reg"), /\[registries\.reg\]\ncredential-provider = \["\/.*coatcheck\.js"\]\n/);
  assert.match(await text("bazel", "cache.example"), /--credential_helper=cache\.example=credential-helper-coatcheck/);
  assert.match(await text("terraform", "app.example"), /credentials_helper "coatcheck" \{ args = \[\] \}/);
  assert.ok(existsSync(join(alice.home, ".terraform.d/plugins/terraform-credentials-coatcheck")));
  assert.match(await text("go", "go.example"), /go env -w GOAUTH="\/.*coatcheck\.js credential go"/);
  assert.match(await text("google", "aud"), /"command": "\/.*coatcheck\.js credential google corp"/);
  assert.match(await text("npm", "npm.example"), /^\/\/npm\.example\/:_authToken=\$\{NPM_TOKEN\}$/m);
  const bad = await alice.run(["setup", "fax", "x"]);
  assert.deepEqual([bad.code, bad.out], [2, ""]);
});
