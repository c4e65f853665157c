import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hang } from "../../servers/faults.ts";
import { startMisbehavingServer } from "../../servers/misbehaving-server.ts";
import { CLONE } from "../../support/bin.ts";
import { eventually } from "../../support/eventually.ts";
import { soon } from "../../support/person/soon.ts";
import { coatcheck, said } from "../../support/process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const serve = (data: string, ...more: string[]) => ["serve", "--data", data, "--listen", "127.0.0.1:0", ...more];
const READY = /coatcheck is listening at (http:\/\/127\.0\.0\.1:\d+)/;

async function call(address: string, token: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${address}/v1/${path}`, {
    method,
    headers: { "x-vault-token": token },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

const tokenOf = (data: string) => readFileSync(join(data, "root-token"), "utf8").trim();

test("first start makes key and token, readable by their owner alone, and says where they are", async (t) => {
  const data = temporaryFolder(t);
  const started = coatcheck(t, serve(data));
  const [, address = ""] = await said(started, READY);
  await said(started, /root token is in .*root-token/);
  for (const name of readdirSync(data)) assert.equal(statSync(join(data, name)).mode & 0o077, 0, name);
  assert.ok(!started.stderr().includes(tokenOf(data)), "the token itself is not printed");
  assert.equal((await call(address, tokenOf(data), "GET", "auth/token/lookup-self")).status, 200);
  assert.equal((await call(address, "wrong", "GET", "auth/token/lookup-self")).status, 403);
});

test("a second process on the same data is refused, also after the first was killed and started again", async (t) => {
  const data = temporaryFolder(t);
  const first = coatcheck(t, serve(data));
  await said(first, READY);
  const second = coatcheck(t, serve(data));
  assert.equal(await second.ended, 1);
  assert.match(
    second.stderr(),
    new RegExp(`^coatcheck: the data .* is in use by process ${first.child.pid}: stop that`),
  );
  first.child.kill("SIGKILL");
  await first.ended;
  await said(coatcheck(t, serve(data)), READY);
});

test("SIGTERM: finishes, settles and exits 0 within 10 s, even with a provider that never answers", async (t) => {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  const data = temporaryFolder(t);
  const started = coatcheck(t, serve(data, "--allow-networks", "loopback"));
  const [, address = ""] = await said(started, READY);
  const provider_options = { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` };
  const token = tokenOf(data);
  await call(address, token, "PUT", "oauth2/servers/as", { provider: "custom", client_id: "c", provider_options });
  as.reply("/token", hang);
  const importing = call(address, token, "PUT", "oauth2/creds/me", { server: "as", refresh_token: as.tokens.grant() });
  importing.catch(() => {});
  while (as.to("/token").length === 0) await new Promise((next) => setTimeout(next, 10));
  started.child.kill("SIGTERM");
  assert.equal(await soon("the end", () => started.ended, 10_000), 0);
});

test("a signal during the start, or just as it says that it serves, ends it in order", async (t) => {
  const data = temporaryFolder(t);
  const starting = coatcheck(t, serve(data));
  while (!existsSync(join(data, "coatcheck.db"))) await new Promise((next) => setTimeout(next, 1));
  starting.child.kill("SIGTERM");
  assert.equal(await starting.ended, 0);
  const serving = coatcheck(t, serve(data));
  // In the same turn as its words arrive: the smallest gap there can be.
  serving.child.stderr?.on("data", (text) => READY.test(String(text)) && serving.child.kill("SIGINT"));
  assert.equal(await serving.ended, 0);
});

test("FC-69 a start that cannot work is one clear sentence, and changes nothing", async (t) => {
  const data = temporaryFolder(t);
  const first = coatcheck(t, serve(data));
  await said(first, READY);
  first.child.kill("SIGTERM");
  assert.equal(await first.ended, 0);
  const database = readFileSync(join(data, "coatcheck.db"));
  const key = readFileSync(join(data, "key"), "utf8");
  const fails = async (sentence: RegExp, env: Record<string, string> = {}, ...args: string[]) => {
    const started = coatcheck(t, serve(data, ...args), env);
    const code = await started.ended;
    assert.match(started.stderr(), sentence);
    assert.equal(started.stderr().trim().split("\n").length, 1, started.stderr());
    return code;
  };
  rmSync(join(data, "key"));
  assert.equal(await fails(/^coatcheck: the key file .* is missing, .*put the key file back/), 1);
  assert.equal(await fails(/^coatcheck: this key does not open the data/, { COATCHECK_KEY: "A".repeat(43) }), 2);
  assert.equal(
    await fails(/^coatcheck: COATCHECK_KEY must contain 32 bytes as base64url/, { COATCHECK_KEY: "short" }),
    2,
  );
  const config = join(temporaryFolder(t), "config.json");
  writeFileSync(config, JSON.stringify({ key: `file:${join(data, "none")}` }), { mode: 0o600 });
  assert.equal(
    await fails(/^coatcheck: the key file \S+none does not exist: check COATCHECK_KEY/, {}, "--config", config),
    2,
  );
  writeFileSync(join(data, "key"), key, { mode: 0o644 });
  chmodSync(join(data, "key"), 0o644);
  assert.equal(await fails(/^coatcheck: other users can read the key file .*: run chmod 600/), 1);
  rmSync(join(data, "key"));
  writeFileSync(join(data, "elsewhere"), key, { mode: 0o600 });
  symlinkSync(join(data, "elsewhere"), join(data, "key"));
  assert.equal(await fails(/^coatcheck: the key file .* is a symbolic link/), 1);
  chmodSync(data, 0o777);
  assert.equal(await fails(/^coatcheck: other users can change .*: run chmod 700 \S+; for a container's volume/), 1);
  chmodSync(data, 0o700);
  assert.deepEqual(readFileSync(join(data, "coatcheck.db")), database);
  assert.equal(await fails(/--allow-networks: "no such!" is not a network/, {}, "--allow-networks", "no such!"), 2);
  assert.equal(await fails(/^coatcheck: cannot listen on "nowhere"/, {}, "--listen", "nowhere"), 2);
  assert.equal(await fails(/^coatcheck: COATCHECK_DATABASE: give postgres:/, { COATCHECK_DATABASE: "mysql://x" }), 2);
  assert.equal(await fails(/^coatcheck: --dev deletes its data/, {}, "--dev", "--database", "postgres://db/x"), 2);
  const origins = { COATCHECK_ALLOW_ORIGINS: "https://app.example.com/x" };
  assert.equal(await fails(/^coatcheck: --allow-origins: "https:\/\/app.example.com\/x" is not an origin/, origins), 2);
  assert.equal(await fails(/^coatcheck: the public URL .* is not valid/, { COATCHECK_PUBLIC_URL: "ftp://x" }), 2);
});

test("a folder that cannot be made is said at once", async (t) => {
  const file = join(temporaryFolder(t), "file");
  writeFileSync(file, "");
  const nowhere = coatcheck(t, serve("/proc/coatcheck"));
  assert.equal(await nowhere.ended, 1);
  assert.match(nowhere.stderr(), /^coatcheck: \/proc\S*: the data folder .*: give another one with --data\n$/);
  for (const data of [file, join(file, "below")]) {
    const started = coatcheck(t, serve(data));
    assert.equal(await started.ended, 1);
    assert.equal(started.stderr(), `coatcheck: ${file} is a file: give a folder with --data\n`);
  }
});

test("an address that is none is said, and the hint about key and token is not lost by it", async (t) => {
  const data = temporaryFolder(t);
  for (const listen of ["no.such.host.invalid:8300", "8.8.8.8:8300"]) {
    const started = coatcheck(t, ["serve", "--data", data, "--listen", listen]);
    assert.equal(await started.ended, 1);
    assert.match(
      started.stderr(),
      /coatcheck: \S+ is not an address of this machine: give another one with --listen\n$/,
    );
  }
  const good = coatcheck(t, ["serve", "--data", data, "--listen", "0.0.0.0:0"]);
  await said(
    good,
    /\(plain http\): give --tls-cert and --tls-key, or put a proxy that terminates TLS in front of it[\s\S]*root token is in .*root-token/,
  );
  await said(good, /Data and key are in .*\. Keep a copy of the key/);
});

test("--dev has homeservers that play, a demo server that the broker knows, and a guide whose commands run anywhere, without a secret on the page", async (t) => {
  const secret = "a-root-token-that-is-not-the-fixed-one";
  const started = coatcheck(t, ["serve", "--dev", "--listen", "127.0.0.1:0"], { COATCHECK_ROOT_TOKEN: secret }, [
    process.execPath,
    CLONE,
  ]);
  const [, walk = ""] = await said(started, /with simulated homeservers: (http:\S+\/walk)\n/);
  const walkPage = unescaped(await (await fetch(walk)).text());
  const urls = [...walkPage.matchAll(/"url":"([^"]+)"/g)].map(([, url]) => url);
  assert.equal(urls.length, 5);
  for (const url of urls) assert.equal((await fetch(`${url}/_matrix/client/versions`)).status, 200);
  const commands = started.stdout().match(/^ {2}\S.*$/gm) ?? [];
  const page = await (await fetch(walk.replace("/walk", "/"), { headers: { accept: "text/html" } })).text();
  const onPage = [...page.matchAll(/<code>([^<]*--addr[^<]*|curl[^<]*)<\/code>/g)].map(([, code = ""]) =>
    unescaped(code),
  );
  assert.ok(!page.includes(secret), "whoever reaches the broker reads its start page");
  assert.deepEqual(
    onPage.map((command) =>
      command.replace('"X-Vault-Token: $COATCHECK_OPERATOR_TOKEN"', `'X-Vault-Token: ${secret}'`),
    ),
    commands.map((command) => command.trim()),
  );
  assert.equal(commands.length, 6);
  assert.equal(commands.filter((command) => command.includes(secret)).length, 3);
  for (const command of commands) assert.match(command, command.includes("curl") ? /127\.0\.0\.1/ : new RegExp(CLONE));
  const session = await fetch(walk.replace("/walk", "/sessions"), { method: "POST", body: '{"server":"demo"}' });
  assert.equal(session.status, 201);
  // A clone strips the types of the page's scripts.
  assert.doesNotMatch(started.stderr(), /Warning/);
});

const unescaped = (text: string) => text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");

test("--dev with a folder is refused, because it would throw that away", async (t) => {
  const started = coatcheck(t, ["serve", "--dev", "--data", temporaryFolder(t)]);
  assert.equal(await started.ended, 2);
  assert.match(started.stderr(), /^coatcheck: --dev deletes its data/);
});

test("a stop sent to the wrapper that an old Node runs reaches the broker", async (t) => {
  const old = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => existsSync(path) && majorOf(path) < 24);
  if (old === undefined) return t.skip("this machine has no older Node");
  const data = temporaryFolder(t);
  const started = coatcheck(t, serve(data), {}, [old, CLONE]);
  const [, address = ""] = await said(started, READY);
  started.child.kill("SIGTERM");
  assert.equal(await started.ended, 0);
  await assert.rejects(fetch(`${address}/v1/sys/health`));
});

function majorOf(node: string): number {
  return Number(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.slice(1).split(".")[0]);
}

test("help shows examples on standard output, an unknown option ends with 2", async (t) => {
  const help = coatcheck(t, ["serve", "--help"]);
  assert.equal(await help.ended, 0);
  assert.match(help.stdout(), /Examples:\n {2}coatcheck serve --dev/);
  const wrong = coatcheck(t, ["serve", "--lissen", "x"]);
  assert.equal(await wrong.ended, 2);
  assert.match(wrong.stderr(), /unknown option '--lissen'[\s\S]*--listen/);
});

test("restart at any moment, also kill -9: flows go on, credentials stay", async (t) => {
  const as = await startMisbehavingServer();
  t.after(() => as.close());
  as.tokens.interval = 1;
  as.tokens.rotation = "reusable";
  const data = temporaryFolder(t);
  const start = async () => {
    const started = coatcheck(t, serve(data, "--allow-networks", "loopback"));
    const [, address = ""] = await said(started, READY);
    return { started, address };
  };
  let { started, address } = await start();
  const token = tokenOf(data);
  const provider_options = { token_url: `${as.issuer}/token`, device_code_url: `${as.issuer}/device` };
  await call(address, token, "PUT", "oauth2/servers/as", { provider: "custom", client_id: "c", provider_options });
  const device = { server: "as", grant_type: "urn:ietf:params:oauth:grant-type:device_code" };
  await call(address, token, "PUT", "oauth2/creds/flow", device);
  for (let round = 0; round < 4; round++) {
    const refresh_token = as.tokens.grant();
    const written = await call(address, token, "PUT", `oauth2/creds/import-${round}`, { server: "as", refresh_token });
    assert.equal(written.status, 204);
    started.child.kill("SIGKILL");
    await started.ended;
    ({ started, address } = await start());
    for (let kept = 0; kept <= round; kept++) {
      assert.equal((await call(address, token, "GET", `oauth2/creds/import-${kept}`)).status, 200);
    }
  }
  const polls = as.to("/token").filter(({ form }) => form.has("device_code"));
  for (const [index, poll] of polls.entries()) {
    const before = polls[index - 1];
    if (before) assert.ok(poll.at - before.at >= 990, "no poll is early, also across kills");
  }
  as.tokens.approved = true;
  const status = await eventually("the flow ends", async () => {
    await new Promise((next) => setTimeout(next, 50));
    const read = await call(address, token, "GET", "oauth2/creds/flow");
    return read.status !== 503 && read.status;
  });
  assert.equal(status, 200);
});
