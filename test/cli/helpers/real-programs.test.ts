import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { LOCAL_CERTIFICATE, LOCAL_KEY } from "../../servers/local-certificate.ts";
import { BIN } from "../../support/bin.ts";
import { missing } from "../../support/programs.ts";
import { type Helpers, startHelpers } from "./helper.ts";

interface Guarded {
  readonly port: number;
  /** What was sent as Authorization, in order; "" for nothing. */
  readonly authorizations: string[];
}

/** An https server that serves a folder, or an object, to who has the token. */
async function startGuarded(
  t: TestContext,
  accepted: (authorization: string) => boolean,
  folder: string,
  challenge = 'Basic realm="x"',
): Promise<Guarded> {
  const authorizations: string[] = [];
  const server = createServer({ key: LOCAL_KEY, cert: LOCAL_CERTIFICATE }, (request, response) => {
    const authorization = request.headers.authorization ?? "";
    authorizations.push(authorization);
    if (!accepted(authorization)) {
      response.writeHead(401, { "www-authenticate": challenge }).end();
      return;
    }
    const path = join(folder, new URL(request.url ?? "", "https://x").pathname);
    if (existsSync(path) && statSync(path).isFile()) createReadStream(path).pipe(response);
    else if (request.url?.startsWith("/api")) response.end('{"kind":"APIVersions","versions":["v1"]}');
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, authorizations };
}

function trusted(helpers: Helpers): string {
  const path = join(helpers.person.home, "ca.pem");
  writeFileSync(path, LOCAL_CERTIFICATE);
  return path;
}

/** `coatcheck` in the search path, run by this Node. */
function installed({ person }: Helpers): string {
  const bin = join(person.home, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  writeFileSync(join(bin, "coatcheck"), `#!/bin/sh\nexec node ${BIN} "$@"\n`);
  chmodSync(join(bin, "coatcheck"), 0o755);
  return `${bin}:${process.env.PATH}`;
}

/** Set up by the command, and the environment in which the program finds it. */
async function setUp(helpers: Helpers, ...args: string[]) {
  const { person } = helpers;
  const env: Record<string, string> = { ...person.env, PATH: `${person.home}/.local/bin:${installed(helpers)}` };
  const { code, out, err } = await person.run(["setup", ...args], { env: { PATH: env.PATH ?? "" } });
  assert.equal(code, 0, err);
  return { env: { ...env, SSL_CERT_FILE: trusted(helpers) } as Record<string, string>, out };
}

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ out: string; err: string; code: number }> {
  return new Promise((done) => {
    const child = execFile(program, [...args], { env }, (_error, out, err) =>
      done({ out, err, code: child.exitCode ?? -1 }),
    );
  });
}

test("git clones from a server that wants the token, set up by the command", { skip: missing("git") }, async (t) => {
  const helpers = await startHelpers(t, {});
  const { person, token } = helpers;
  const folder = join(person.home, "served");
  const git = (...args: string[]) =>
    execFileSync("git", args, { env: { ...person.env, PATH: process.env.PATH }, stdio: "pipe" });
  git("init", "-q", join(person.home, "work"));
  const identity = ["-c", "user.name=a", "-c", "user.email=a@example"];
  git("-C", join(person.home, "work"), ...identity, "commit", "-q", "--allow-empty", "-m", "the commit");
  git("clone", "-q", "--bare", join(person.home, "work"), join(folder, "repo.git"));
  git("-C", join(folder, "repo.git"), "update-server-info");
  const current = await token();
  const basic = `Basic ${Buffer.from(`bot:${current}`).toString("base64")}`;
  const { port, authorizations } = await startGuarded(t, (authorization) => authorization === basic, folder);
  const PATH = installed(helpers);
  const setup = await person.run(["setup", "git", `localhost:${port}`, "corp", "--username", "bot"], { env: { PATH } });
  assert.equal(setup.code, 0, setup.err);
  assert.match(setup.err, /credential\.https:\/\/localhost:\d+\.helper:\n {2}\+ ""/);
  const env = { ...person.env, PATH, GIT_SSL_CAINFO: trusted(helpers), GIT_TERMINAL_PROMPT: "0" };
  const cloned = await run("git", ["clone", `https://localhost:${port}/repo.git`, join(person.home, "cloned")], env);
  assert.equal(cloned.code, 0, cloned.err);
  assert.equal(authorizations[0], "", "git asks without credentials first");
  assert.ok(authorizations.includes(basic));
  assert.match(git("-C", join(person.home, "cloned"), "log", "--oneline").toString(), /the commit/);
  assert.equal((await person.run(["setup", "git", `localhost:${port}`, "--undo"], { env: { PATH } })).code, 0);
  assert.ok(!readFileSync(join(person.home, ".gitconfig"), "utf8").includes("coatcheck.js"));
});

test("kubectl asks its exec plugin and sends the token", { skip: missing("kubectl") }, async (t) => {
  const helpers = await startHelpers(t, {});
  const current = await helpers.token();
  const guarded = await startGuarded(t, (authorization) => authorization === `Bearer ${current}`, helpers.person.home);
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "coatcheck",
    args: ["credential", "kubectl", "corp"],
    interactiveMode: "IfAvailable",
    provideClusterInfo: true,
  };
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    users: [{ name: "u", user: { exec } }],
    clusters: [
      {
        name: "k",
        cluster: {
          server: `https://127.0.0.1:${guarded.port}`,
          "certificate-authority-data": Buffer.from(LOCAL_CERTIFICATE).toString("base64"),
        },
      },
    ],
  };
  const path = join(helpers.person.home, "kubeconfig");
  writeFileSync(path, JSON.stringify(config));
  const env = { ...helpers.person.env, PATH: installed(helpers), KUBECONFIG: path };
  const asked = await run("kubectl", ["get", "--raw", "/api"], env);
  assert.equal(asked.code, 0, asked.err);
  assert.match(asked.out, /APIVersions/);
  assert.deepEqual(new Set(guarded.authorizations), new Set([`Bearer ${current}`]));
});

test("FC-61 terraform asks its credentials helper for a host, and its logout is its own", {
  skip: missing("terraform"),
}, async (t) => {
  const helpers = await startHelpers(t, {});
  const { person } = helpers;
  const bearer = `Bearer ${await helpers.token()}`;
  const { port, authorizations } = await startGuarded(t, (authorization) => authorization === bearer, person.home);
  const { env, out } = await setUp(helpers, "terraform", `localhost:${port}`, "corp");
  const [, config = ""] = /^(credentials_helper .*)$/m.exec(out) ?? [];
  writeFileSync(join(person.home, ".terraformrc"), `${config}\n`);
  const folder = join(person.home, "module");
  mkdirSync(folder);
  writeFileSync(
    join(folder, "main.tf"),
    `terraform {\n  required_providers {\n    x = { source = "localhost:${port}/a/x" }\n  }\n}\n`,
  );
  const { err } = await run("terraform", [`-chdir=${folder}`, "init", "-no-color"], {
    ...env,
    CHECKPOINT_DISABLE: "1",
  });
  assert.deepEqual(authorizations.slice(0, 1), [bearer], err);
  const { code } = await run("terraform", ["logout", "-no-color", `localhost:${port}`], env);
  assert.equal(code, 0);
  await forgotten(helpers, "terraform", bearer);
});

/** FC-61: that program's entry is gone, and the login is what it was. */
async function forgotten({ person, token }: Helpers, program: string, bearer: string): Promise<void> {
  const settings = JSON.parse(readFileSync(join(person.home, "config/coatcheck/config.json"), "utf8"));
  assert.deepEqual(settings.credentials[program], {});
  assert.equal(`Bearer ${await token()}`, bearer);
}

test("go asks for its module proxy", { skip: without("go", "go", "version") }, async (t) => {
  const helpers = await startHelpers(t, {});
  const { person } = helpers;
  const bearer = `Bearer ${await helpers.token()}`;
  const served = join(person.home, "served");
  mkdirSync(join(served, "corp.example/x/@v"), { recursive: true });
  const file = (name: string, text: string) => writeFileSync(join(served, "corp.example/x/@v", name), text);
  file("list", "v1.2.3\n");
  file("v1.2.3.info", '{"Version":"v1.2.3"}');
  file("v1.2.3.mod", "module corp.example/x\n");
  const { port, authorizations } = await startGuarded(t, (authorization) => authorization === bearer, served);
  const { env, out } = await setUp(helpers, "go", `localhost:${port}`, "corp");
  const [, GOAUTH = ""] = /^go env -w GOAUTH="(.+)"$/m.exec(out) ?? [];
  const go = {
    ...env,
    GOAUTH,
    GOPROXY: `https://localhost:${port}`,
    GONOSUMDB: "*",
    GOTOOLCHAIN: "local",
    GOFLAGS: "-modcacherw",
  };
  const listed = await run("go", ["list", "-m", "-versions", "corp.example/x"], go);
  assert.equal(listed.out, "corp.example/x v1.2.3\n", listed.err);
  const missing = await run("go", ["list", "-m", "corp.example/y@v1.0.0"], go);
  assert.match(missing.err, /404 Not Found/);
  assert.deepEqual(new Set(authorizations), new Set([bearer]), "a module that is not there is no refusal");
});

test("FC-61 cargo asks its credential provider for a registry, and its logout is its own", {
  skip: without("cargo", "cargo", "--version"),
}, async (t) => {
  const helpers = await startHelpers(t, {});
  const { person } = helpers;
  const bearer = `Bearer ${await helpers.token()}`;
  const served = join(person.home, "served");
  mkdirSync(join(served, "api/v1"), { recursive: true });
  const { port, authorizations } = await startGuarded(t, (one) => one === bearer, served, 'Bearer realm="x"');
  const config = { dl: `https://localhost:${port}/dl`, api: `https://localhost:${port}`, "auth-required": true };
  writeFileSync(join(served, "config.json"), JSON.stringify(config));
  writeFileSync(join(served, "api/v1/crates"), JSON.stringify({ crates: [], meta: { total: 0 } }));
  const { env, out } = await setUp(helpers, "cargo", "corp", "corp");
  const folder = join(person.home, ".cargo");
  mkdirSync(folder);
  const [, provider = ""] = /^(credential-provider .*)$/m.exec(out) ?? [];
  writeFileSync(
    join(folder, "config.toml"),
    `[registries.corp]\nindex = "sparse+https://localhost:${port}/"\n${provider}\n`,
  );
  const cargo = {
    ...env,
    CARGO_HOME: folder,
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), ".rustup"),
    CARGO_HTTP_CAINFO: join(person.home, "ca.pem"),
  };
  const found = await run("cargo", ["search", "--registry", "corp", "x"], cargo);
  assert.equal(found.code, 0, found.err);
  assert.deepEqual(new Set(authorizations), new Set(["", bearer]));
  const { code, err } = await run("cargo", ["logout", "--registry", "corp"], cargo);
  assert.equal(code, 0, err);
  await forgotten(helpers, "cargo", bearer);
});

test("docker asks its credential helper for a registry", { skip: missing("docker") }, async (t) => {
  const helpers = await startHelpers(t, {});
  const basic = `Basic ${Buffer.from(`oauth2accesstoken:${await helpers.token()}`).toString("base64")}`;
  const { port, authorizations } = await startGuarded(t, (one) => one === basic, helpers.person.home);
  const { env } = await setUp(helpers, "docker", `localhost:${port}`, "corp");
  const { err } = await run("docker", ["manifest", "inspect", "--insecure", `localhost:${port}/x:1`], env);
  assert.ok(authorizations.includes(basic), err);
});

test("pip asks keyring for an index", { skip: without("pip", "python3", "-m", "pip", "--version") }, async (t) => {
  const helpers = await startHelpers(t, {});
  const { person } = helpers;
  const basic = `Basic ${Buffer.from(`oauth2accesstoken:${await helpers.token()}`).toString("base64")}`;
  const { port, authorizations } = await startGuarded(t, (one) => one === basic, person.home);
  const { env, out } = await setUp(helpers, "pip", `localhost:${port}`, "corp");
  const [index = ""] = /https:\/\/oauth2accesstoken@\S+/.exec(out) ?? [];
  const options = [
    "--isolated",
    "--no-cache-dir",
    "--keyring-provider",
    "subprocess",
    "--cert",
    join(person.home, "ca.pem"),
  ];
  const { err } = await run("python3", ["-m", "pip", "download", ...options, "--index-url", index, "x"], env);
  assert.ok(authorizations.includes(basic), err);
});

/** go has no --version, and pip is a part of python. */
function without(name: string, program: string, ...args: string[]): string | false {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0 ? false : `${name} is not installed here`;
}
