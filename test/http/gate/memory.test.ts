import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { test } from "node:test";
import { AfterBursts, giveMemoryBack } from "../../../src/process/memory.ts";
import { listen, start } from "../start.ts";

const MIB = 1_048_576;

test("ST-6 memory is given back after a burst of whatever kind, and ever more rarely where it is needed again at once", () => {
  let now = 100 * MIB;
  const times: number[] = [];
  let looks = 0;
  const after = new AfterBursts(
    () => now,
    () => {
      times.push(looks);
      now = 120 * MIB;
    },
  );
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
  assert.deepEqual(times.slice(1), [16, 18, 21, 26, 35, 52, 85]);
  look(60, 120);
  look(1, 300);
  assert.equal(times.at(-1), 206, "it was quiet, and is done at once again");
});

test("ST-6 what a small burst has left is given back when it lasts, so that a fifth more does not stay", () => {
  let now = 150 * MIB;
  const times: number[] = [];
  const after = new AfterBursts(
    () => now,
    () => times.push(now / MIB),
  );
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
  const after = new AfterBursts(
    () => now,
    () => {
      times += 1;
      now = Math.min(now, 400 * MIB);
    },
  );
  now = 600 * MIB;
  for (let i = 0; i < 500; i++) after.look();
  assert.equal(times, 1);
  now = 600 * MIB;
  after.look();
  assert.equal(times, 2, "a burst above it still is one");
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
