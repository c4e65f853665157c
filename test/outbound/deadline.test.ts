import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { FakeClock } from "../support/fake-clock.ts";
import { failure, loopbackFetch, serveTcp } from "./servers.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n";

/** A server that says something and then nothing more, and a fetch whose clock stands still. */
async function hang(t: Parameters<typeof serveTcp>[0], said: string, init: RequestInit = {}) {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  const url = await serveTcp(t, (socket) => {
    if (said === "") asked.resolve();
    else socket.write(said, () => setImmediate(asked.resolve));
  });
  const result = failure(loopbackFetch({ clock })(url, init));
  await asked.promise;
  return { clock, result };
}

test("N10 a server that never answers a GET ends after 10 s", async (t) => {
  const { clock, result } = await hang(t, "");
  clock.advance(9_999);
  assert.equal(await Promise.race([result, immediate()]), "open");
  clock.advance(1);
  assert.deepEqual(await result, { code: "timeout", sent: true });
});

test("N06 what may change something is waited for as long as its operation lasts, 8.3 says how long", async (t) => {
  const operation = new AbortController();
  const { signal } = operation;
  const { clock, result } = await hang(t, "", { method: "POST", body: "x=1", signal });
  clock.advance(119_000);
  assert.equal(await Promise.race([result, immediate()]), "open");
  operation.abort(new DOMException("late", "TimeoutError"));
  assert.deepEqual(await result, { code: "timeout", sent: true });
});

test("N11 a body that stops ends after 15 s in all", async (t) => {
  const { clock, result } = await hang(t, `${HEAD}{`);
  await settled();
  clock.advance(14_999);
  assert.equal(await Promise.race([result, immediate()]), "open");
  clock.advance(1);
  assert.deepEqual(await result, { code: "timeout", sent: true });
});

test("N11 a drip does not move the deadline", async (t) => {
  const clock = new FakeClock();
  const dripped = Promise.withResolvers<void>();
  const url = await serveTcp(t, (socket) => {
    socket.write(HEAD);
    for (let drop = 0; drop < 20; drop++) socket.write(" ");
    socket.write(" ", () => setImmediate(dripped.resolve));
  });
  const result = failure(loopbackFetch({ clock })(url));
  await dripped.promise;
  clock.advance(15_000);
  assert.deepEqual(await result, { code: "timeout", sent: true });
});

test("N22 a flood of interim answers does not move the deadline", async (t) => {
  const { clock, result } = await hang(t, "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(200));
  clock.advance(10_000);
  assert.deepEqual(await result, { code: "timeout", sent: true });
});

test("CL-13 a look-up that never ends is given up after 5 s, not sent", async () => {
  const clock = new FakeClock();
  const resolve = () => new Promise<readonly string[]>(() => undefined);
  const result = failure(loopbackFetch({ clock, resolve })("https://as.example.com/"));
  await settled();
  clock.advance(5_000);
  assert.deepEqual(await result, { code: "timeout", sent: false });
});

test("the caller's signal is the deadline, and says which kind of end it is", async (t) => {
  for (const [reason, code] of [
    [undefined, "aborted"],
    [new DOMException("late", "TimeoutError"), "timeout"],
  ] as const) {
    const controller = new AbortController();
    const asked = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const url = await serveTcp(t, (socket) => {
      asked.resolve();
      void once(socket, "close").then(() => closed.resolve());
    });
    const result = failure(loopbackFetch()(url, { signal: controller.signal }));
    await asked.promise;
    controller.abort(reason);
    assert.deepEqual(await result, { code, sent: true });
    await closed.promise;
  }
});

test("I9 waiting for a free connection ends with the deadline, not sent", async (t) => {
  const clock = new FakeClock();
  const asked = Promise.withResolvers<void>();
  const url = await serveTcp(t, () => asked.resolve());
  const fetch = loopbackFetch({ clock, limits: { connectionsPerEndpoint: 1 } });
  const first = failure(fetch(url));
  await asked.promise;
  const controller = new AbortController();
  const second = failure(fetch(url, { signal: controller.signal }));
  await settled();
  controller.abort();
  assert.deepEqual(await second, { code: "aborted", sent: false });
  clock.advance(10_000);
  assert.deepEqual(await first, { code: "timeout", sent: true });
});

function immediate(): Promise<string> {
  return new Promise((done) => setImmediate(done, "open"));
}

/** Long enough for bytes that were written on loopback to be read. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await immediate();
}
