import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { keepLogin } from "../../support/person/kept-login.ts";
import { person } from "../../support/person/person.ts";
import { missing } from "../../support/programs.ts";
import { startHelpers } from "../helpers/helper.ts";

/** Somebody who signed in as `corp`, as far as this machine knows. */
function signedUp(t: TestContext) {
  const alice = person(t);
  keepLogin(join(alice.home, "state"), "corp");
  return alice;
}

test("setup docker: shows the change, makes table, link and entry, keeps what is there, and takes it back", async (t) => {
  const alice = signedUp(t);
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
  const alice = signedUp(t);
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
  const alice = signedUp(t);
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

test("FC-62 pip and uv ask a link named keyring, pnpm one that is named after the login", async (t) => {
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
  const creds = `oauth2accesstoken\n${current}\n`;
  const asked = ["get", "https://pypi.example/simple/"];
  assert.deepEqual(await run(keyring, ...asked, "--mode", "creds"), [0, creds, ""], "FC-62: uv without a user");
  assert.deepEqual(await run(keyring, "--mode=creds", "--output=json", ...asked), [
    0,
    `${JSON.stringify({ username: "oauth2accesstoken", password: current })}\n`,
    "",
  ]);
  assert.deepEqual(await run(keyring, ...asked, "me", "--mode=creds"), [0, `me\n${current}\n`, ""]);
  for (const index of ["https://other.example/", "http://pypi.example/", "ftp://pypi.example/"]) {
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
  const alice = signedUp(t);
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

const settingsOf = (home: string) => JSON.parse(readFileSync(join(home, "config/coatcheck/config.json"), "utf8"));

test("FC-58 a key is kept as the program asks for it, or refused with exit 2 and nothing written", async (t) => {
  const alice = signedUp(t);
  const setup = (...args: string[]) => alice.run(["setup", ...args]);
  for (const [program, typed, kept] of [
    ["bazel", "HTTPS://Cache.Example/", "cache.example"],
    ["npm", "https://NPM.example:8443/team/", "npm.example:8443/team"],
    ["docker", "docker.io", "https://index.docker.io/v1/"],
    ["docker", "https://Registry.Example:5000", "registry.example:5000"],
  ] as const) {
    const { code, err } = await setup(program, typed, "corp");
    assert.equal(code, 0, err);
    assert.ok(Object.hasOwn(settingsOf(alice.home).credentials[program], kept), typed);
  }
  const before = readFileSync(join(alice.home, "config/coatcheck/config.json"), "utf8");
  const refused = await Promise.all(
    (
      [
        ["docker", "registry.example/team", /has a path: give the host alone, registry\.example$/m],
        ["bazel", "*.example.com", /is not a host: give it as git\.example\.com/],
        ["terraform", "http://app.example", /tokens are sent over https only/],
        ["git", "https://me@git.example/x", /has more than a host and a path: give git\.example\/x/],
        ["netrc", "api.example:8443", /without a port: give api\.example$/m],
        ["cargo", "sparse+https://crates.example/", /is not the name of a registry/],
        ["kubectl", "dev: {}", /cannot be a name there/],
      ] as const
    ).map(async ([program, typed, says]) => ({ says, ...(await setup(program, typed, "corp")) })),
  );
  for (const { code, out, err, says } of refused) {
    assert.deepEqual([code, out], [2, ""], err);
    assert.match(err, says);
  }
  assert.equal(readFileSync(join(alice.home, "config/coatcheck/config.json"), "utf8"), before);
});

test("FC-58 a key that an earlier version wrote down as it was typed can still be undone", async (t) => {
  const alice = signedUp(t);
  mkdirSync(join(alice.home, "config/coatcheck"), { recursive: true, mode: 0o700 });
  const old = JSON.stringify({ credentials: { bazel: { "https://Cache.Example": "corp" } } });
  writeFileSync(join(alice.home, "config/coatcheck/config.json"), old, { mode: 0o600 });
  assert.equal((await alice.run(["setup", "bazel", "https://Cache.Example", "--undo"])).code, 0);
  assert.deepEqual(settingsOf(alice.home).credentials.bazel, {});
});

test("FC-59 a login that does not exist is refused, with the command that makes it", async (t) => {
  const alice = signedUp(t);
  for (const more of [["nologin"], ["nologin", "--dry-run"], []]) {
    const { code, out, err } = await alice.run(["setup", "git", "git.example", ...more]);
    assert.deepEqual([code, out], [4, ""], err);
    assert.match(err, /there is no login "(nologin|git\.example)"/);
  }
  assert.ok(!existsSync(join(alice.home, ".gitconfig")));
  assert.ok(!existsSync(join(alice.home, "config/coatcheck/config.json")));
});

test("FC-58 a login's name that would say more in what is pasted is refused", async (t) => {
  const alice = person(t);
  const name = "corp]\n      env: [{name: X, value: y}";
  keepLogin(join(alice.home, "state"), name);
  for (const program of ["kubectl", "aws", "google", "npm"]) {
    const { code, out, err } = await alice.run(["setup", program, "dev", name]);
    assert.deepEqual([code, out], [2, ""], err);
    assert.match(err, /cannot stand in what is pasted/);
  }
  assert.ok(!existsSync(join(alice.home, "config/coatcheck/config.json")));
});

test("FC-60 --undo says what a person has pasted, what is not its own, and when there was nothing", async (t) => {
  const alice = signedUp(t);
  const setup = (...args: string[]) => alice.run(["setup", ...args]);
  await setup("kubectl", "dev", "corp");
  const undone = await setup("kubectl", "dev", "--undo");
  assert.match(
    undone.out,
    /^Coatcheck no longer answers kubectl for dev\. kubectl still asks until you remove what you pasted:\nIn your kubeconfig:\nusers:\n- name: dev\n/,
  );
  assert.equal((await setup("kubectl", "dev", "--undo")).out, "nothing was set up for kubectl and dev\n");
  for (const host of ["a.example", "b.example"]) await setup("go", host, "corp");
  assert.equal((await setup("go", "a.example", "--undo")).out, "go no longer asks Coatcheck for a.example\n");
  assert.match((await setup("go", "b.example", "--undo")).out, /remove what you pasted:\ngo env -w GOAUTH=/);
  await setup("bazel", "c.example", "corp");
  const link = join(alice.home, ".local/bin/credential-helper-coatcheck");
  rmSync(link);
  writeFileSync(link, "mine");
  assert.match((await setup("bazel", "c.example", "--undo")).err, /coatcheck was not made by this setup, and stays/);
  assert.equal(readFileSync(link, "utf8"), "mine");
});

test("FC-58 setup git HOST/PATH: git asks with the path, and the longest that is set up answers", {
  skip: missing("git"),
}, async (t) => {
  const { person, token } = await startHelpers(t, {});
  const setup = async (...args: string[]) => assert.equal((await person.run(["setup", "git", ...args])).code, 0);
  await setup("https://Git.example/Team/", "corp");
  const fill = (url: string) =>
    new Promise<string>((done) => {
      const env = { ...person.env, PATH: process.env.PATH, GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "" };
      const child = execFile("git", ["credential", "fill"], { env }, (_error, out) => done(out));
      child.stdin?.end(`url=${url}\n\n`);
    });
  const ours = new RegExp(`^password=${await token()}$`, "m");
  assert.match(await fill("https://GIT.example/Team/app.git"), ours);
  assert.match(await fill("https://git.example/Team/deep/app.git"), ours);
  for (const other of ["https://git.example/Teams/app.git", "https://git.example/app.git"]) {
    assert.doesNotMatch(await fill(other), /password/, other);
  }
  const config = join(person.home, ".gitconfig");
  assert.match(readFileSync(config, "utf8"), /\[credential "https:\/\/git\.example\/Team"\][^[]*useHttpPath = true/);
  await setup("git.example/Team", "--undo");
  assert.equal(readFileSync(config, "utf8"), "");
});
