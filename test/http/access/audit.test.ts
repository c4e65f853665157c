import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Verifier } from "../../../src/audit/verify.ts";
import { startApi } from "../../servers/api-server.ts";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { eventually } from "../../support/eventually.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { begin, beginActive, startSessions } from "../../support/sessions.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { whileTimePasses } from "../../support/while-time-passes.ts";
import { converse, documentedRoutes, start } from "../start.ts";
import { call, child, policy, wrapped } from "./stage.ts";

interface Line {
  readonly line: number;
  readonly type: string;
  readonly error?: string;
  readonly auth: Readonly<Record<string, unknown>>;
  readonly request: Readonly<Record<string, unknown>> & { readonly id: string; readonly path: string };
  readonly response: Readonly<Record<string, unknown>> & { readonly data?: Readonly<Record<string, unknown>> };
}

/** A device of the type file; answers how to read it. */
async function enable(t: TestContext, broker: Pick<Coatcheck, "running">, options: Record<string, string> = {}) {
  const path = join(temporaryFolder(t), "audit.log");
  const answer = await call(broker, ROOT_TOKEN, "PUT", "sys/audit/file", {
    type: "file",
    options: { file_path: path, ...options },
  });
  assert.equal(answer.status, 204, answer.errors.join());
  const text = () => readFileSync(path, "utf8");
  const lines = () =>
    text()
      .split("\n")
      .filter((line) => line !== "");
  const records = (): readonly Line[] => lines().map((line) => JSON.parse(line));
  return { path, text, lines, records };
}

function findingsIn(lines: readonly string[]) {
  const verifier = new Verifier();
  for (const [at, line] of lines.entries()) verifier.take(Buffer.from(line), `log:${at + 1}`);
  return verifier.end();
}

test("each request has a line before and one before its answer, in Vault's words, and a value is found by its hash", async (t) => {
  const pair = await startPair(t);
  const log = await enable(t, pair);
  await importGrant(pair, "ci");
  await policy(pair, "ci", 'path "oauth2/creds/ci" { capabilities = ["read"] }');
  const { client_token: token, accessor } = await child(pair, { policies: ["ci"], meta: { team: "a" } });
  const before = log.records().length;
  const { data } = await call(pair, token, "GET", "oauth2/creds/ci");
  const [asked, answered] = log.records().slice(before);
  assert.deepEqual([asked?.type, answered?.type], ["request", "response"]);
  assert.equal(asked?.request.id, answered?.request.id);
  const hash = async (input: unknown) =>
    (await call(pair, ROOT_TOKEN, "POST", "sys/audit-hash/file", { input })).data.hash;
  const { auth, request, response } = answered ?? assert.fail();
  assert.deepEqual(auth.policies, ["ci", "default"]);
  assert.deepEqual(auth.metadata, { team: "a" });
  assert.equal(auth.client_token, await hash(token));
  assert.equal(request.client_token_accessor, await hash(accessor));
  assert.deepEqual([request.operation, request.path, request.mount_point], ["read", "oauth2/creds/ci", "oauth2/"]);
  assert.equal(request.remote_address, "127.0.0.1");
  const { data: told = {} } = response;
  assert.equal(told.access_token, await hash(data.access_token));
  assert.equal(told.expire_time, data.expire_time);
  // What policies and nobody allow is told as well, and so is a wrong token.
  assert.equal((await call(pair, token, "GET", "oauth2/creds/other")).status, 403);
  assert.equal((await call(pair, "hvs.wrong-token", "GET", "oauth2/creds/ci")).status, 403);
  const [denied, wrong] = log.records().filter(({ error }) => error === "permission denied");
  assert.equal(denied?.request.path, "oauth2/creds/other");
  assert.equal(wrong?.auth.client_token, await hash("hvs.wrong-token"));
  const listed = await call(pair, ROOT_TOKEN, "GET", "sys/audit");
  assert.partialDeepStrictEqual(listed.data, { "file/": { type: "file" } });
  const { options, signing_key } = Object(listed.data["file/"]);
  // Terraform replaces a device whose options are not those that it wrote.
  assert.deepEqual([Object.keys(options), typeof signing_key], [["file_path"], "string"]);
  assert.deepEqual(findingsIn(log.lines()).problems, []);
  assert.equal((await call(pair, ROOT_TOKEN, "DELETE", "sys/audit/file")).status, 204);
  const after = log.lines().length;
  await call(pair, token, "GET", "oauth2/creds/ci");
  assert.equal(log.lines().length, after);
});

test("a quick read has the lines that the routes would have written, but for the chain, time and id", async (t) => {
  const pair = await startSessions(t);
  const log = await enable(t, pair);
  await importGrant(pair, "me");
  const { secret } = await beginActive(pair);
  const plain = (from: number) =>
    log
      .records()
      .slice(from)
      .map(({ line: _, ...record }) => {
        const { id: __, remote_port: ___, ...request } = record.request;
        return { ...record, time: "", previous: "", request };
      });
  for (const [path, headers] of [
    ["/v1/oauth2/creds/me", { "x-vault-token": ROOT_TOKEN }],
    ["/session/token", { authorization: `Bearer ${secret}` }],
  ] as const) {
    const get = (more = {}) => fetch(`${pair.running.address}${path}`, { headers: { ...headers, ...more } });
    for (let times = 0; times < 2; times++) assert.equal((await get()).status, 200);
    let from = log.records().length;
    // A header that the quick way leaves to the routes.
    assert.equal((await get({ "x-anything": "1" })).status, 200);
    const routed = plain(from);
    from = log.records().length;
    assert.equal((await get()).status, 200);
    const { expires_in: _, ...data } = routed[1]?.response.data ?? {};
    assert.deepEqual(plain(from), [routed[0], { ...routed[1], response: { ...routed[1]?.response, data } }]);
    assert.equal(routed.length, 2);
  }
  assert.match(String(log.records().at(-1)?.auth.session_id), /^ses_/);
  assert.deepEqual(findingsIn(log.lines()).problems, []);
});

/** Nobody asks these: they are the same for everybody (gate/audit). */
const OPEN = /^\/($|docs|walk|robots|livez|readyz|client|\.well-known|v1\/sys\/(health|seal-status|leader|init)$)/;

test("ST-70 no secret that is sent to any route, or answered by one, is in a line; and every route leaves both", async (t) => {
  const api = await startApi(t);
  const pair = await startSessions(t, { proxy_apis: { api: `${api.url}/base` } });
  const log = await enable(t, pair);
  const { app } = start(t, { mounts: ["oauth2"] });
  const routes = (await documentedRoutes(app)).map(
    ({ method, url }) => [method, url.replaceAll(/\{\w+\}/g, "one")] as const,
  );
  const canary = "canary-7f3a9c";
  const grant = await importGrant(pair, "me");
  const { secret } = await beginActive(pair);
  const { data } = await call(pair, ROOT_TOKEN, "GET", "oauth2/creds/me");
  const { client_token } = await child(pair, { policies: ["default"], no_parent: true });
  const fields = [
    "token",
    "accessor",
    "client_secret",
    "client_secrets",
    "refresh_token",
    "code",
    "input",
    "url",
    "user_code",
    "id",
    canary,
  ];
  const body = JSON.stringify(
    Object.fromEntries(fields.map((name) => [name, name === canary ? canary : `${canary}-${name}`])),
  );
  const ask = async (method: string, url: string) => {
    const isWrite = method === "PUT" || method === "POST";
    const query = isWrite ? "" : `?code=${canary}&state=${canary}&token=${canary}`;
    const isSessions = url.startsWith("/session") || url.startsWith("/mcp");
    const answer = await fetch(`${pair.running.address}${url}${query}`, {
      method,
      redirect: "manual",
      headers: isSessions ? { authorization: `Bearer ${canary}` } : { "x-vault-token": ROOT_TOKEN },
      ...(isWrite && { body }),
    });
    await answer.body?.cancel();
    return [`${method} ${url}`, answer.headers.get("x-request-id")] as const;
  };
  const asked = routes.filter(([, url]) => !/hand-over|sys\/audit|revoke-self/.test(url));
  const answers = await whileTimePasses(pair, Promise.all(asked.map(([method, url]) => ask(method, url))));
  const told = Map.groupBy(log.records(), ({ request }) => request?.id);
  for (const [what, id] of answers.filter(([, one]) => one !== null)) {
    const types = told.get(id ?? "")?.map(({ type }) => type) ?? [];
    assert.deepEqual(types, OPEN.test(what.replace(/^\w+ /, "")) ? [] : ["request", "response"], what);
  }
  assert.ok(answers.filter(([, id]) => id !== null).length > 60);
  for (const path of [
    "/v1/oauth2/callback?code=canary-7f3a9c&state=x",
    `/mcp/as/${secret}`,
    `/v1/auth/token/lookup/${client_token}`,
  ]) {
    await fetch(`${pair.running.address}${path}`, { headers: { "x-vault-token": client_token } });
  }
  await fetch(`${pair.running.address}/session/proxy/api/bot${canary}/x?key=${canary}`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const form = new URLSearchParams({ user_code: canary, code: canary });
  await fetch(`${pair.running.address}/device`, { method: "POST", body: form });
  const secrets = [canary, ROOT_TOKEN, secret, grant, client_token, String(data.access_token)];
  const text = log.text();
  for (const one of secrets)
    assert.ok(!text.includes(one), `${one} in ${log.lines().find((line) => line.includes(one))}`);
  assert.ok(api.seen.length > 0 && text.includes('"path":"device"'));
  assert.deepEqual(findingsIn(log.lines()).problems, []);
});

test("ST-71 a full disk: nothing is answered or done, health says why, due refreshes wait, no grant is lost, and it heals", async (t) => {
  const pair = await startPair(t);
  const log = await enable(t, pair);
  await importGrant(pair, "me");
  const { data: first } = await call(pair, ROOT_TOKEN, "GET", "oauth2/creds/me");
  const kept = `${log.path}.kept`;
  renameSync(log.path, kept);
  symlinkSync("/dev/full", log.path);
  assert.equal(pair.running.reload(), true);
  const refused = await call(pair, ROOT_TOKEN, "PUT", "sys/policies/acl/x", { policy: "#" });
  assert.equal(refused.status, 503);
  assert.match(refused.errors.join(), /audit log not writable/);
  for (const path of ["/v1/oauth2/creds/me", "/session/token", "/sessions"]) {
    const answer = await call(pair, ROOT_TOKEN, "GET", path);
    assert.equal(answer.status, 503, path);
    assert.ok(!JSON.stringify(answer).includes(String(first.access_token)));
  }
  const health = await fetch(`${pair.running.address}/v1/sys/health`);
  assert.equal(health.status, 503);
  assert.match(((await health.json()) as { audit_blocked: string }).audit_blocked, /^file: ENOSPC/);
  const asked = pair.as.requests.length;
  await pair.pass(3_600_000);
  assert.equal(pair.as.requests.length, asked);
  rmSync(log.path);
  renameSync(kept, log.path);
  pair.running.reload();
  await eventually("healed", async () => (await fetch(`${pair.running.address}/v1/sys/health`)).status === 200);
  const { status, data } = await whileTimePasses(pair, call(pair, ROOT_TOKEN, "GET", "oauth2/creds/me"));
  assert.equal(status, 200);
  assert.notEqual(data.access_token, first.access_token);
  assert.equal((await call(pair, ROOT_TOKEN, "GET", "sys/policies/acl/x")).status, 404);
  const { problems } = findingsIn(log.lines());
  assert.deepEqual(problems, []);
  const refresh = log.records().find(({ type, request }) => type === "background" && request.operation === "refresh");
  assert.deepEqual([refresh?.request.path, refresh?.response.result], ["oauth2/creds/me", "issued"]);
  assert.ok(pair.logged.some((line) => line.includes('"audit_blocked"')));
});

test("ST-71 a disk that is full before the answer: what was found out is not told, and what waited is answered 503", async (t) => {
  const pair = await startSessions(t);
  const log = await enable(t, pair);
  const { started, get } = await begin(pair);
  const waiting = get("?wait=5");
  await eventually("begun", () => log.records().at(-1)?.request?.path === "session");
  rmSync(log.path);
  symlinkSync("/dev/full", log.path);
  pair.running.reload();
  const { status, body } = await whileTimePasses(pair, waiting);
  assert.deepEqual([status, body.error], [503, "temporarily_unavailable"]);
  assert.match(String(body.error_description), /audit log not writable/);
  assert.ok(!JSON.stringify(body).includes(String(started.user_code)));
});

test("ST-71 ST-126 a reader that stops reading blocks after 5 s, one that goes blocks at once, and both can come back", async (t) => {
  const broker = await startCoatcheck(t);
  const readers: Socket[] = [];
  let received = "";
  const server = createServer((socket) => {
    readers.push(socket);
    socket.on("data", (chunk) => {
      received += chunk;
    });
  });
  const address = join(temporaryFolder(t), "s");
  server.listen(address);
  t.after(() => {
    for (const one of readers) one.destroy();
    server.close();
  });
  const device = { type: "socket", options: { address, socket_type: "unix", prefix: "<109> " } };
  assert.equal((await call(broker, ROOT_TOKEN, "PUT", "sys/audit/siem", device)).status, 204);
  assert.match(received, /^<109> \{"line":1,"previous":"","time":/);
  readers[0]?.pause();
  const large = { meta: Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`n${at}`, `v${at}`])) };
  let status = 0;
  for (let times = 0; times < 20 && status !== 503; times++) {
    ({ status } = await whileTimePasses(broker, call(broker, ROOT_TOKEN, "POST", "auth/token/lookup", large)));
  }
  assert.equal(status, 503);
  assert.ok(broker.logged.some((line) => line.includes("it took nothing for 5 seconds")));
  const answers = async () => (await call(broker, ROOT_TOKEN, "GET", "sys/policy")).status;
  const isBack = async (connections: number) => {
    broker.clock.advance(1_000);
    return readers.length >= connections && (await answers()) === 200;
  };
  // ST-126 the one that hangs never reads again.
  await eventually("another connection", () => isBack(2));
  readers.at(-1)?.destroy();
  await eventually("gone", async () => (await answers()) === 503);
  await eventually("back", () => isBack(3));
});

test("ST-72 after a kill between the two lines, or within one, the chain goes on; a file that was cut meanwhile is told", async (t) => {
  const broker = await startCoatcheck(t);
  const log = await enable(t, broker);
  await call(broker, ROOT_TOKEN, "GET", "sys/policy");
  await broker.pass(61_000);
  await eventually("signed", () => log.records().at(-1)?.type === "head");
  await call(broker, ROOT_TOKEN, "GET", "sys/policy");
  const [asked = "", answered = ""] = log.lines().slice(-2);
  const headFile = join(broker.data, "audit", "file.head");
  await eventually("kept", () => existsSync(headFile));
  const head = readFileSync(headFile);
  const killedAt = log.text().slice(0, -`${answered}\n`.length);
  const kill = (text: string) => () => {
    writeFileSync(log.path, text);
    writeFileSync(headFile, head);
  };
  let again = await broker.restart(kill(killedAt));
  assert.equal((await call(again, ROOT_TOKEN, "GET", "sys/policy")).status, 200);
  assert.deepEqual(findingsIn(log.lines()).problems, []);
  assert.equal(log.lines().filter((line) => line.includes(String(JSON.parse(asked).request.id))).length, 1);
  again = await again.restart(() => appendFileSync(log.path, answered.slice(0, 100)));
  assert.equal((await call(again, ROOT_TOKEN, "GET", "sys/policy")).status, 200);
  const found = findingsIn(log.lines());
  assert.deepEqual(found.problems, []);
  assert.match(found.notes.join(), /is half a line: the process was killed/);
  assert.ok(again.logged.some((line) => line.includes('"audit_half_line"')));
  const cut = log.lines().slice(0, 4).join("\n");
  again = await again.restart(() => truncateSync(log.path, cut.length + 1));
  assert.ok(again.logged.some((line) => line.includes('"audit_cut"')));
  assert.match(findingsIn(log.lines()).problems.join(), /lines 5 to \d+ are missing/);
});

test("a head that cannot be kept beside the store is told in the log, and requests go on", async (t) => {
  const broker = await startCoatcheck(t);
  await enable(t, broker);
  writeFileSync(join(broker.data, "audit"), "no folder");
  await broker.pass(61_000);
  await eventually("told", () => broker.logged.some((line) => line.includes('"audit_head_not_kept"')));
  assert.equal((await call(broker, ROOT_TOKEN, "GET", "sys/policy")).status, 200);
});

test("ST-123 names and numbers of what is wrapped, a part of a text in an error and a path that leads nowhere are hashed too", async (t) => {
  const broker = await startCoatcheck(t);
  const log = await enable(t, broker);
  const response = await fetch(`${broker.running.address}/v1/sys/wrapping/wrap`, {
    method: "POST",
    headers: { "x-vault-token": ROOT_TOKEN, "x-vault-wrap-ttl": "60" },
    body: '{"pin":98765432,"hidden-name":"x","n":{"hidden-below":[{"a":11223344}]},"at":"2026-11-30T00:00:00Z"}',
  });
  const { wrap_info } = JSON.parse(await response.text());
  assert.equal((await call(broker, wrap_info.token, "POST", "sys/wrapping/unwrap")).data.pin, 98765432);
  for (const [method, path, body] of [
    ["PUT", "sys/audit/other", { type: "hidden-type" }],
    ["PUT", "sys/policies/acl/x", { policy: 'path "hidden-path" { capabilities = ["hidden capability"] }' }],
    ["POST", "auth/token/create", { type: "hidden.word" }],
    ["GET", "auth/hidden-mount/x", undefined],
  ] as const) {
    const { status, errors } = await call(broker, ROOT_TOKEN, method, path, body);
    assert.ok(status >= 400, path);
    assert.ok(log.records().at(-1)?.error, errors.join());
  }
  assert.doesNotMatch(log.text(), /hidden|98765432|11223344|2026-11-30T00:00:00Z/);
  assert.match(log.text(), /are not offered: give file or socket/);
});

test("ST-120 what cannot be a device is refused in a sentence, and nothing is kept or touched", async (t) => {
  const broker = await startCoatcheck(t);
  const put = (body: object) => call(broker, ROOT_TOKEN, "PUT", "sys/audit/file", body);
  const folder = temporaryFolder(t);
  symlinkSync(join(broker.data, "root-token.new"), join(folder, "link"));
  writeFileSync(join(folder, "other"), "something\n");
  for (const [body, said] of [
    [{ type: "syslog" }, /type "syslog" are not offered/],
    [{ type: "file" }, /file_path is required/],
    [{ type: "file", options: { file_path: "relative" } }, /must be absolute/],
    [{ type: "file", options: { file_path: "/nowhere/at/all" } }, /ENOENT/],
    [{ type: "file", options: { file_path: "/dev/full" } }, /ENOSPC/],
    [{ type: "file", options: { file_path: "/dev/null" } }, /forgets what is written/],
    [{ type: "file", options: { file_path: join(broker.data, "coatcheck.db") } }, /in the broker's own folder/],
    [{ type: "file", options: { file_path: join(broker.data, "root-token.new") } }, /in the broker's own folder/],
    [{ type: "file", options: { file_path: join(broker.data, "audit", "x.head") } }, /in the broker's own folder/],
    [{ type: "file", options: { file_path: join(folder, "link") } }, /a link that leads nowhere/],
    [{ type: "file", options: { file_path: join(folder, "other") } }, /holds something else/],
    [{ type: "file", options: { file_path: join(folder, "a"), prefix: "ssh-ed25519 AAAA " } }, /prefix is for sockets/],
    [{ type: "file", options: { file_path: join(folder, "a"), mode: "0755" } }, /nobody run it/],
    [{ type: "file", options: { file_path: join(folder, "a"), mode: "0666" } }, /nobody else write/],
    [{ type: "file", options: { file_path: join(folder, "a"), log_raw: "true" } }, /log_raw is not offered/],
    [{ type: "file", options: { file_path: join(folder, "a"), colour: "red" } }, /"colour" is no option/],
    [{ type: "file", options: { file_path: join(folder, "a"), mode: "rw" } }, /mode must be octal/],
    [{ type: "file", options: { file_path: join(folder, "a"), prefix: "{" } }, /prefix may have/],
    [{ type: "socket", options: { address: "127.0.0.1:514", socket_type: "udp" } }, /a datagram can get lost/],
    [{ type: "socket", options: { address: "nowhere" } }, /HOST:PORT/],
  ] as const) {
    const { status, errors } = await put(body);
    assert.equal(status, 400, errors.join());
    assert.match(errors.join(), said);
  }
  assert.deepEqual((await call(broker, ROOT_TOKEN, "GET", "sys/audit")).data, {});
  assert.ok(!existsSync(join(folder, "a")));
  const log = await enable(t, broker);
  assert.match((await put({ type: "file", options: { file_path: log.path } })).errors.join(), /path already in use/);
  const again = join(folder, "again");
  linkSync(log.path, again);
  for (const file_path of [log.path, again]) {
    const second = await call(broker, ROOT_TOKEN, "PUT", "sys/audit/two", { type: "file", options: { file_path } });
    assert.match(second.errors.join(), /another device's/, "two chains in one file");
  }
  await policy(broker, "reads", 'path "sys/audit" { capabilities = ["read"] }');
  const { client_token } = await child(broker, { policies: ["reads"] });
  assert.equal((await call(broker, client_token, "GET", "sys/audit")).status, 403);
});

test("what is wrapped is recorded as Vault does: by its token, for how long and from where, and not what is in it", async (t) => {
  const broker = await startCoatcheck(t);
  const log = await enable(t, broker);
  const before = log.records().length;
  const { info } = await wrapped(broker, ROOT_TOKEN, "GET", "sys/policies/acl/default", { ttl: "5m" });
  assert.ok(info);
  const [asked, answered] = log.records().slice(before);
  const hash = async (input: unknown) =>
    (await call(broker, ROOT_TOKEN, "POST", "sys/audit-hash/file", { input })).data.hash;
  assert.deepEqual([asked?.request.wrap_ttl, answered?.request.wrap_ttl], [300, 300]);
  assert.deepEqual(answered?.response, {
    status: 200,
    wrap_info: {
      ...{ token: await hash(info.token), accessor: await hash(info.accessor), ttl: 300 },
      ...{ creation_time: info.creation_time, creation_path: "sys/policies/acl/default" },
      wrapped_accessor: await hash(""),
    },
  });
});

test("a request that no route could be looked for has both lines, and no answer without them", async (t) => {
  const broker = await startCoatcheck(t);
  const log = await enable(t, broker);
  const { port } = new URL(broker.running.address);
  const head = `Host: 127.0.0.1:${port}\r\nX-Vault-Token: ${ROOT_TOKEN}\r\nConnection: close`;
  const ask = (target: string, more = "") =>
    converse(Number(port), [`GET ${target} HTTP/1.1\r\n${head}${more}\r\n\r\n`]);
  const requests = [
    ["/v1/oauth2/creds/%zz", "", 400],
    [`http://127.0.0.1:${port}/v1/nowhere/at-all`, "", 404],
    [`http://127.0.0.1:${port}/v1/sys/policy`, "", 200],
    ["/v1/sys/policy", "\r\nExpect: 200-ok", 417],
  ] as const;
  for (const [target, more, status] of requests) {
    const before = log.records().length;
    assert.match(await ask(target, more), new RegExp(`^HTTP/1.1 ${status} `), target);
    const [asked, answered, ...others] = log.records().slice(before);
    assert.deepEqual([asked?.type, answered?.type, others], ["request", "response", []], target);
    assert.deepEqual([answered?.response.status, asked?.request.id], [status, answered?.request.id], target);
    assert.match(String(asked?.request.path), status === 200 ? /^sys\/policy$/ : /^hmac-sha256:/, target);
    assert.match(String(asked?.auth.client_token), /^hmac-sha256:/, target);
  }
  assert.ok(!log.text().includes(ROOT_TOKEN) && !log.text().includes("at-all"));
  renameSync(log.path, `${log.path}.kept`);
  symlinkSync("/dev/full", log.path);
  broker.running.reload();
  for (const [target, more] of requests)
    assert.match(await ask(target, more), /^HTTP\/1.1 503 [\s\S]*not writable/, target);
});

test("ST-173 a device, or an option of one, may be named like a member of every object, and is none that nobody enabled", async (t) => {
  const broker = await startCoatcheck(t);
  const ask = (method: string, path: string, body?: object) => call(broker, ROOT_TOKEN, method, path, body);
  const file_path = join(temporaryFolder(t), "audit.log");
  for (const name of ["constructor", "toString", "__proto__"]) {
    for (const noun of ["audit-search", "audit-hash"]) {
      const { status, errors } = await ask("POST", `sys/${noun}/${name}`, { input: "x" });
      assert.deepEqual([status, errors], [400, [`unknown audit backend: "${name}"`]]);
    }
    const { errors } = await ask("DELETE", `sys/audit/${name}`);
    assert.deepEqual(errors, [`no audit device has the name ${name}`]);
    const refused = await ask("PUT", "sys/audit/file", { type: "file", options: { file_path, [name]: "x" } });
    assert.deepEqual([refused.status, /is no option of a file device/.test(refused.errors.join())], [400, true]);
  }
  assert.ok(!existsSync(file_path));
  const device = { type: "file", options: { file_path } };
  assert.deepEqual((await ask("PUT", "sys/audit/constructor", device)).errors, []);
  assert.equal((await ask("POST", "sys/audit-search/constructor", { limit: 1 })).status, 200);
  assert.equal((await ask("DELETE", "sys/audit/constructor")).status, 204);
  assert.deepEqual((await ask("GET", "sys/audit")).data, {});
});

test("ST-175 nothing but a file is searched: what has become a pipe is left to whoever reads it", async (t) => {
  const broker = await startCoatcheck(t);
  const { path } = await enable(t, broker);
  rmSync(path);
  execFileSync("sh", ["-c", `mkfifo "${path}"`]);
  // So that it would not be waited for, even by a search that waits.
  const pipe = openSync(path, "r+");
  t.after(() => closeSync(pipe));
  const { status, errors } = await call(broker, ROOT_TOKEN, "POST", "sys/audit-search/file", {});
  assert.equal(status, 400);
  assert.match(errors.join(), /cannot be read by the broker \(it is no file that keeps what is written\)/);
});

test("ST-140 a socket of the audit log goes only where --allow-networks says", async (t) => {
  const reader = createServer((socket) => socket.resume().on("error", () => {}));
  reader.listen(0, "127.0.0.1");
  t.after(() => reader.close());
  await once(reader, "listening");
  const address = reader.address();
  assert.ok(typeof address === "object" && address);
  const { port } = address;
  const broker = await startCoatcheck(t);
  const put = (host: string) =>
    call(broker, ROOT_TOKEN, "PUT", "sys/audit/siem", { type: "socket", options: { address: `${host}:${port}` } });
  for (const host of ["10.0.0.9", "169.254.169.254", "1.1.1.1"]) {
    const { status, errors } = await put(host);
    assert.equal(status, 400, host);
    assert.match(errors.join(), new RegExp(`${host} is no address that --allow-networks names`));
  }
  assert.equal((await put("127.0.0.1")).status, 204);
  const closed = await startCoatcheck(t, { networks: "10.0.0.0/8" });
  for (const host of ["127.0.0.1", "localhost"]) {
    const device = { type: "socket", options: { address: `${host}:${port}` } };
    const { errors } = await call(closed, ROOT_TOKEN, "PUT", "sys/audit/siem", device);
    assert.match(errors.join(), /is no address that --allow-networks names/, host);
  }
});
