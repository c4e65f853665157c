import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { test } from "node:test";
import { AfterBursts, giveMemoryBack, thisProcess } from "../../../src/process/memory.ts";
import { eventually } from "../../support/eventually.ts";
import { listen, start } from "../start.ts";

const MIB = 1_048_576;

test("ST-6 memory is given back after a burst of whatever kind, and ever more rarely where it is needed again at once", () => {
  let now = 100 * MIB;
  const times: number[] = [];
  let looks = 0;
  const after = new AfterBursts({
    resident: () => now,
    open: () => 20,
    giveBack: () => {
      times.push(looks);
      now = 120 * MIB;
    },
  });
  const look = (count: number, mebibytes: number) => {
    for (let i = 0; i < count; i++) {
      now = mebibytes * MIB;
      looks += 1;
      after.look();
    }
  };
  look(2, 157);
  look(1, 100);
  look(2, 157);
  assert.deepEqual(times, [], "a quarter more and 32 MiB may go by themselves");
  look(1, 300);
  look(9, 120);
  assert.deepEqual(times, [6]);
  look(130, 300);
  assert.deepEqual(times.slice(1), [16, 19, 24, 33, 50, 83]);
  look(60, 120);
  look(2, 300);
  assert.deepEqual(times.slice(7), [206], "it was quiet, and is done at once again");
  look(29, 120);
  look(4, 300);
  assert.deepEqual(times.slice(8), [237, 240], "5 minutes are to be quiet until what was needed again is forgotten");
});

test("ST-6 what a small burst has left is given back when it lasts, so that a fifth more does not stay", () => {
  let now = 150 * MIB;
  const times: number[] = [];
  const after = new AfterBursts({
    resident: () => now,
    open: () => 20,
    giveBack: () => void times.push(now / MIB),
  });
  const look = (count: number, mebibytes: number) => {
    now = mebibytes * MIB;
    for (let i = 0; i < count; i++) after.look();
  };
  look(50, 180);
  assert.deepEqual(times, [], "a fifth more is what is promised");
  look(2, 182);
  assert.deepEqual(times, []);
  look(1, 182);
  assert.deepEqual(times, [182], "the third time, 30 s after the first");
  look(50, 200);
  assert.deepEqual(times, [182], "what was still in use then is what is needed");
});

test("ST-6 what is in use after memory was given back is no burst any more", () => {
  let now = 100 * MIB;
  let times = 0;
  const after = new AfterBursts({
    resident: () => now,
    open: () => 20,
    giveBack: () => {
      times += 1;
      now = Math.min(now, 400 * MIB);
    },
  });
  now = 600 * MIB;
  for (let i = 0; i < 500; i++) after.look();
  assert.equal(times, 1);
  now = 600 * MIB;
  after.look();
  assert.equal(times, 2, "a burst above it still is one");
});

test("ST-6 what was in use amid a burst is not what is needed: memory is given back once more when it is over", () => {
  let [now, open] = [168 * MIB, 30];
  const left: number[] = [];
  const after = new AfterBursts({
    resident: () => now,
    open: () => open,
    giveBack: () => {
      now = (160 + open / 100) * MIB;
      left.push(now / MIB);
    },
  });
  const look = (count: number, mebibytes: number, things: number) => {
    [now, open] = [mebibytes * MIB, things];
    for (let i = 0; i < count; i++) after.look();
  };
  look(1, 300, 4_000);
  look(5, 220, 4_000);
  assert.deepEqual(left, [200], "a tenth more than was in use then");
  look(5, 215, 2_100);
  assert.deepEqual(left, [200], "it goes on");
  look(1, 215, 1_000);
  look(1, 180, 60);
  assert.deepEqual(left, [200, 170, 160.6], "half has gone, and then half of that");
  look(5, 180, 100);
  look(5, 180, 20);
  assert.equal(left.length, 3, "few come and go without a burst");
  look(3, 180, 4_000);
  look(1, 180, 30);
  assert.equal(left.length, 4, "a crowd for which there was room leaves something too");
});

test("ST-6 what a process has open is what a crowd opens and leaves", async (t) => {
  const port = await listen(start(t).app);
  const before = thisProcess.open();
  const sockets = Array.from({ length: 60 }, () => createConnection({ port, host: "127.0.0.1" }));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const many = thisProcess.open() - before;
  assert.ok(many >= 60, String(many));
  await Promise.all(sockets.map((socket) => once(socket.destroy(), "close")));
  await eventually("both ends are closed", () => thisProcess.open() < before + many / 2);
});

test("ST-6 what V8 keeps of a heap that was larger is given back to the system", () => {
  let many: object[] | undefined = Array.from({ length: 1_000_000 }, (_, index) => ({ index }));
  assert.equal(many.length, 1_000_000);
  const before = process.memoryUsage().heapTotal;
  many = undefined;
  giveMemoryBack();
  const { heapTotal } = process.memoryUsage();
  assert.ok(heapTotal < before - 10_000_000, `${before} → ${heapTotal} bytes`);
});

test("ST-6 the short cut of a whole burst, in a process whose clock is moved by hand", () => {
  const script = `
    import { giveMemoryBackAfterBursts } from ${JSON.stringify(import.meta.resolve("../../../src/process/memory.ts"))};
    let look;
    giveMemoryBackAfterBursts({ after: (milliseconds, callback) => { look = callback; } });
    const total = () => process.memoryUsage().heapTotal;
    let crowd = Array.from({ length: 400 }, () => setTimeout(() => {}, 1_000_000));
    let live = Array.from({ length: 2_000_000 }, (_, index) => ({ index }));
    look();
    const amid = total();
    crowd.forEach(clearTimeout);
    crowd = live = undefined;
    look();
    console.log(amid, total());`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const [amid = 0, after = 0] = said.split(" ").map(Number);
  assert.ok(amid > 60 * MIB && after < 20 * MIB, said);
});

test("ST-6 a body that nobody wants is freed as it comes, whether its request was refused or it is too long", async (t) => {
  const { app, token: right } = start(t);
  const port = await listen(app);
  const size = 24 * MIB;
  const body = Buffer.alloc(size, "x");
  const head = (token: string) =>
    `PUT /v1/oauth2/creds/a HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Vault-Token: ${token}\r\nContent-Length: ${size}\r\n\r\n`;
  for (const [token, status] of [
    ["hvs.guessed-by-a-stranger", 403],
    [right, 413],
  ] as const) {
    giveMemoryBack();
    const before = process.memoryUsage().arrayBuffers;
    const socket = createConnection({ port, host: "127.0.0.1" });
    const answered = once(socket, "data");
    socket.write(head(token));
    await new Promise((sent) => socket.write(body, sent));
    assert.match(String(await answered), new RegExp(`^HTTP/1\\.1 ${status} `));
    socket.destroy();
    const more = process.memoryUsage().arrayBuffers - before;
    assert.ok(more < 6 * MIB, `${status}: ${more} bytes stay until a collection`);
  }
});
