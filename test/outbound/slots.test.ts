import assert from "node:assert/strict";
import { test } from "node:test";
import { createSlots } from "../../src/outbound/slots.ts";

const signal = new AbortController().signal;

const own = (endpoint: string) => ({ endpoint, stranger: false });
const strangers = (endpoint: string) => ({ endpoint, stranger: true });

/** The names of those that have gone through so far. */
function watch(waits: Record<string, Promise<unknown>>): string[] {
  const through: string[] = [];
  for (const [name, wait] of Object.entries(waits)) void wait.then(() => through.push(name));
  return through;
}

const settle = () => new Promise((done) => setImmediate(done));

test("I9 an endpoint that is full delays no other", async () => {
  const slots = createSlots(1, 10);
  await slots.take(own("hung"), signal);
  const through = watch({ hung: slots.take(own("hung"), signal), other: slots.take(own("other"), signal) });
  await settle();
  assert.deepEqual(through, ["other"]);
});

test("I9 waiting goes on in order as places become free, and giving one back twice frees one", async () => {
  const slots = createSlots(1, 10);
  const giveBack = await slots.take(own("a"), signal);
  const through = watch({ second: slots.take(own("a"), signal), third: slots.take(own("a"), signal) });
  giveBack();
  giveBack();
  await settle();
  assert.deepEqual(through, ["second"]);
});

test("I9 the whole is bounded too", async () => {
  const slots = createSlots(5, 2);
  const giveBack = await slots.take(own("a"), signal);
  await slots.take(own("b"), signal);
  const through = watch({ third: slots.take(own("c"), signal) });
  await settle();
  assert.deepEqual(through, []);
  giveBack();
  await settle();
  assert.deepEqual(through, ["third"]);
});

test("I9 who gives up waiting takes no place", async () => {
  const slots = createSlots(1, 10);
  const giveBack = await slots.take(own("a"), signal);
  const impatient = new AbortController();
  const gone = slots.take(own("a"), impatient.signal);
  const through = watch({ patient: slots.take(own("a"), signal) });
  impatient.abort();
  await assert.rejects(gone, { name: "AbortError" });
  giveBack();
  await settle();
  assert.deepEqual(through, ["patient"]);
});

test("ST-7 slow servers of strangers take a quarter of the connections, and the rest is left to the others", async () => {
  const slots = createSlots(6, 8);
  const giveBack = await slots.take(strangers("a.example"), signal);
  await slots.take(strangers("b.example"), signal);
  const through = watch({
    third: slots.take(strangers("c.example"), signal),
    own: slots.take(own("as.example.com"), signal),
  });
  await settle();
  assert.deepEqual(through, ["own"]);
  giveBack();
  await settle();
  assert.deepEqual(through, ["own", "third"]);
});
