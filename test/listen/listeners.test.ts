import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { networkOf } from "../../src/http/gate/network.ts";
import { readIdentity } from "../../src/listen/certificates.ts";
import { createListeners, type Listeners } from "../../src/listen/listeners.ts";
import { parseListen, passedSockets, socketRights } from "../../src/process/listening.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { AUTHORITY, writeTls } from "./secure.ts";

interface Stage {
  readonly listeners: Listeners;
  readonly clock: FakeClock;
  readonly logged: string[];
}

interface Options {
  readonly tls?: boolean;
  readonly mostHandshakes?: number;
  readonly isBalancer?: (address: string) => boolean;
}

/** Listeners of a server that tells each client where it comes from. */
function stage(t: TestContext, { tls, ...options }: Options = {}): Stage {
  const http = createServer(({ socket }, response) => {
    const { remoteAddress, remotePort } = socket;
    response.end(JSON.stringify([remoteAddress, remotePort, "encrypted" in socket]));
  });
  const clock = new FakeClock();
  const logged: string[] = [];
  const write = (event: string, fields = {}) => void logged.push(JSON.stringify({ event, ...fields }));
  const files = tls ? writeTls(t) : undefined;
  const listeners = createListeners({
    http,
    clock,
    networkOf,
    log: { info: write, warn: write, error: write },
    ...(files && { tls: { files, identity: readIdentity(files, clock.now()) } }),
    ...options,
  });
  t.after(async () => {
    const closed = listeners.close();
    listeners.destroy();
    await closed;
    http.close();
  });
  return { listeners, clock, logged };
}

const ANY = { host: "127.0.0.1", port: 0 };
const REQUEST = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const HEADER = "PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n";

/** What is answered until the end, to these packets one after the other. */
async function talk(socket: Socket, packets: readonly string[]): Promise<string> {
  let text = "";
  socket.on("data", (chunk) => {
    text += String(chunk);
  });
  socket.on("error", () => {});
  for (const packet of packets) await new Promise((sent) => socket.write(packet, sent));
  if (!socket.closed) await new Promise((closed) => socket.once("close", closed));
  return text.split("\r\n\r\n")[1] ?? text;
}

const portOf = (address: string) => Number(new URL(address).port);

function overSocket(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath: path, path: "/", agent: false }, async (incoming) => {
      resolve((await incoming.toArray()).join(""));
    });
    outgoing.on("error", reject).end();
  });
}

test("ST-43 the address that a balancer tells is the client's, in clear and under TLS, in one packet or in many", async (t) => {
  const seen = ["203.0.113.7", 56_324] as const;
  const clear = stage(t, { isBalancer: () => true });
  const port = portOf(await clear.listeners.open(ANY));
  const once = await talk(connect(port, "127.0.0.1"), [HEADER + REQUEST]);
  assert.deepEqual(JSON.parse(once), [...seen, false]);
  const many = [...HEADER, REQUEST.slice(0, 20), REQUEST.slice(20)];
  assert.deepEqual(JSON.parse(await talk(connect({ port, host: "127.0.0.1", noDelay: true }), many)), [...seen, false]);
  const secure = stage(t, { tls: true, isBalancer: () => true });
  const raw = connect(portOf(await secure.listeners.open(ANY)), "127.0.0.1");
  raw.write(HEADER);
  const encrypted = connectTls({ socket: raw, ca: AUTHORITY.cert, servername: "localhost" });
  assert.deepEqual(JSON.parse(await talk(encrypted, [REQUEST])), [...seen, true]);
  const local = await talk(connect(port, "127.0.0.1"), [`PROXY UNKNOWN\r\n${REQUEST}`]);
  assert.equal(JSON.parse(local)[0], "127.0.0.1", "the balancer speaks for itself");
});

test("ST-43 without a proper header in time, or from elsewhere, there is no connection; and none is believed unasked", async (t) => {
  const { listeners, clock, logged } = stage(t, { isBalancer: () => true });
  const port = portOf(await listeners.open(ANY));
  for (const first of [REQUEST, "PROXY TCP4 x y 1 2\r\n"]) {
    assert.equal(await talk(connect(port, "127.0.0.1"), [first]), "", first);
    assert.equal(logged.filter((line) => line.includes("no proper header")).length, 1, "once in a while");
  }
  const silent = connect(port, "127.0.0.1");
  const ended = talk(silent, ["PROXY "]);
  await eventually("it is waited for", () => clock.next(new Set()) === 5_000);
  clock.advance(5_000);
  assert.equal(await ended, "");
  const elsewhere = stage(t, { isBalancer: () => false });
  const refused = connect(portOf(await elsewhere.listeners.open(ANY)), "127.0.0.1");
  assert.equal(await talk(refused, [HEADER + REQUEST]), "");
  assert.match(
    elsewhere.logged.join(""),
    /"proxy_protocol_refused","address":"127.0.0.1","cause":"not a trusted proxy"/,
  );
  const unasked = stage(t);
  const answer = await talk(connect(portOf(await unasked.listeners.open(ANY)), "127.0.0.1"), [HEADER + REQUEST]);
  assert.match(answer, /^HTTP\/1.1 400|^$/);
});

test("ST-43 a handshake that does not come to its end ends the connection", async (t) => {
  const { listeners, clock } = stage(t, { tls: true });
  const port = portOf(await listeners.open(ANY));
  const ended = talk(connect(port, "127.0.0.1"), ["\x16\x03\x01"]);
  await eventually("it is waited for", () => clock.next(new Set([5_000])) === 10_000);
  const greeted = connectTls({ port, ca: AUTHORITY.cert, servername: "localhost" });
  greeted.write(REQUEST.replace("close", "keep-alive"));
  await once(greeted, "data");
  clock.advance(10_000);
  assert.equal(await ended, "");
  assert.match(await talk(greeted, [REQUEST]), /127.0.0.1/, "one that has is not ended by it");
});

test("ST-43 of many who only connect the oldest makes room, and whoever speaks is let in", async (t) => {
  const { listeners } = stage(t, { tls: true, mostHandshakes: 8 });
  const port = portOf(await listeners.open(ANY));
  const strangers = Array.from({ length: 9 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  t.after(() => {
    for (const socket of strangers) socket.destroy();
  });
  await once(strangers[0] as Socket, "close");
  assert.equal(strangers.filter(({ closed }) => closed).length, 1);
  const honest = connectTls({ port, ca: AUTHORITY.cert, servername: "localhost" });
  assert.match(await talk(honest, [REQUEST]), /127.0.0.1/);
  const leaver = connect(port, "127.0.0.1");
  await once(leaver, "connect");
  leaver.write("\x16\x03");
  leaver.resetAndDestroy();
});

test("ST-170 of whoever has most handshakes the oldest makes room: one address pushes nobody else out of theirs", async (t) => {
  const { listeners } = stage(t, { tls: true, mostHandshakes: 16 });
  const port = portOf(await listeners.open(ANY));
  // Somebody far away, whose handshake takes a while.
  const honest = connect(port, "127.0.0.1");
  await once(honest, "connect");
  const strangers: Socket[] = [];
  t.after(() => {
    for (const socket of [honest, ...strangers]) socket.destroy();
  });
  for (let i = 0; i < 32; i++) {
    const stranger = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2" }).on("error", () => {});
    strangers.push(stranger);
    await once(stranger, "connect");
  }
  await eventually("all room was made by them", () => strangers.filter(({ closed }) => closed).length === 17);
  const encrypted = connectTls({ socket: honest, ca: AUTHORITY.cert, servername: "localhost" });
  assert.match(await talk(encrypted, [REQUEST]), /127.0.0.1/);
});

test("ST-44 a Unix socket is its owner's alone unless a mode or group is given; it is never encrypted and has no PROXY header", async (t) => {
  const { listeners } = stage(t, { tls: true, isBalancer: () => false });
  const folder = temporaryFolder(t);
  const [own, shared] = [join(folder, "own.sock"), join(folder, "shared.sock")];
  const group = process.getgid?.() ?? 0;
  assert.equal(await listeners.open({ path: own }), `unix:${own}`);
  assert.equal(
    await listeners.open(parseListen(`unix:${shared}`, socketRights("0660", String(group)), "--listen")),
    `unix:${shared}`,
  );
  const rights = (path: string) => [(statSync(path).mode & 0o777).toString(8), statSync(path).gid];
  assert.deepEqual(rights(own), ["600", group]);
  assert.deepEqual(rights(shared), ["660", group]);
  assert.match(await listeners.open(ANY), /^https:/, "and addresses beside them");
  for (const path of [own, shared]) assert.equal(JSON.parse(await overSocket(path))[2], false);
  await assert.rejects(listeners.open({ path: own }), /own.sock is in use: stop the program that listens there/);
  const file = join(folder, "file");
  writeFileSync(file, "somebody's");
  await assert.rejects(listeners.open({ path: file }), /in use/);
  assert.equal(readFileSync(file, "utf8"), "somebody's", "a file that is no socket is left alone");
  const closed = listeners.close();
  await closed;
  assert.deepEqual([existsSync(own), existsSync(shared)], [false, false]);
});

test("ST-44 what is no mode or no group of a socket is one sentence", () => {
  for (const mode of ["rw", "888", "0770x", "0060", "07777"]) {
    assert.throws(() => socketRights(mode, undefined), /^Error: --socket-mode: ".*" is not a mode of a socket/, mode);
  }
  assert.throws(
    () => socketRights(undefined, "no-such-group"),
    /--socket-group: this machine has no group "no-such-group"/,
  );
  assert.deepEqual(socketRights("660", "root"), { mode: 0o660, group: 0 });
  assert.deepEqual(socketRights(undefined, undefined), {});
});

test("sockets that systemd passes are for this very process, and for no child", () => {
  const env = { LISTEN_PID: String(process.pid), LISTEN_FDS: "2", LISTEN_FDNAMES: "api:metrics", OTHER: "1" };
  assert.deepEqual(passedSockets(env), [
    { fd: 3, name: "api" },
    { fd: 4, name: "metrics" },
  ]);
  assert.deepEqual(env, { OTHER: "1" });
  for (const other of [
    { LISTEN_PID: "1", LISTEN_FDS: "1" },
    { LISTEN_FDS: "1" },
    { LISTEN_PID: String(process.pid), LISTEN_FDS: "x" },
    {},
  ]) {
    assert.deepEqual(passedSockets(other), []);
  }
});

test("who takes no more connections ends when the last one is over", async (t) => {
  const { listeners } = stage(t);
  const port = portOf(await listeners.open(ANY));
  const socket = connect(port, "127.0.0.1");
  const answer = talk(socket, [REQUEST.slice(0, -2)]);
  await once(socket, "connect");
  await eventually("it is here", async () => socket.bytesWritten > 0);
  let done = false;
  const closed = listeners.close().then(() => {
    done = true;
  });
  await assert.rejects(once(connect(port, "127.0.0.1"), "connect"), /ECONNREFUSED/);
  assert.equal(done, false);
  socket.write("\r\n");
  assert.match(await answer, /127.0.0.1/);
  await closed;
});
