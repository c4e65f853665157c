import assert from "node:assert/strict";
import { get } from "node:http";
import { test } from "node:test";
import { person } from "../../support/person/person.ts";
import { said } from "../../support/process.ts";

test("ST-51 coatcheck docs: the documentation of this version on loopback, with search and pictures, until it is stopped", async (t) => {
  const alice = person(t);
  const docs = alice.startProcess(["docs", "cli", "--no-browser"]);
  const [address = ""] = await said(docs, /^http:\/\/127\.0\.0\.1:\d+\/docs\/cli$/m);
  const page = await fetch(address);
  const text = await page.text();
  assert.match(text, /<h1 id="the-command-line">The command line/);
  const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(text) ?? [];
  for (const path of [script, "/docs/search.json", "/docs/pictures/login.svg", "/docs/reference", "/"]) {
    assert.equal((await fetch(new URL(path, address))).status, 200, path);
  }
  assert.equal((await fetch(new URL("/docs/nope", address))).status, 404);
  assert.equal((await fetch(new URL("/docs/%zz", address))).status, 404);
  assert.equal((await fetch(address, { method: "POST" })).status, 405);
  assert.equal(await statusOf(address, "//"), 404, "ST-51");
  docs.kill("SIGINT");
  assert.equal(await docs.ended, 0);
});

/** Of a target that no URL has. */
function statusOf(address: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path }, (answer) => resolve(answer.resume().statusCode)).on("error", reject);
  });
}
