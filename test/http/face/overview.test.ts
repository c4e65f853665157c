import assert from "node:assert/strict";
import { test } from "node:test";
import { Facts } from "../../../src/http/face/facts.ts";
import { lateness } from "../../../src/http/face/overview/spans.ts";
import { hang } from "../../servers/faults.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

test("the overview: all is well; then who has to act, and how refreshes went, live, in pictures and tables", async (t) => {
  const pair = await startPair(t);
  const token = await importGrant(pair, "deploy-bot");
  await importGrant(pair, "report-bot");
  const { page, go, look } = await openScreens(t, pair, await browserOf(t));
  await page.clock.install();
  await go("/ui");
  await signInOn(page);
  await page.getByText("The broker is well").waitFor();
  await page.getByText("Nobody: no credential is in trouble").waitFor();
  pair.as.tokens.end(token);
  await pair.pass(3_540_000);
  await page.clock.runFor(6_000);
  await page.getByRole("link", { name: "deploy-bot" }).waitFor();
  await page.getByRole("img", { name: /Refreshes of The last hour: \d+ brought a token, \d+ did not/ }).waitFor();
  await page.getByText("The same as a table").first().click();
  await look("overview");
  await page.getByRole("link", { name: "All that are in trouble" }).click();
  await page.getByRole("link", { name: "deploy-bot" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "report-bot" }).count(), 0);
});

test("sys/activity counts what the charts show, and wants read; without it the overview says only what the token may see", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "me");
  await pair.pass(3_540_000);
  const activity = new Facts((await pair.read("sys/activity")).body?.data);
  const hour = activity.list("hour").map((slice) => slice.count("refreshed") ?? 0);
  assert.deepEqual([hour.length, activity.list("day").length], [60, 48]);
  assert.equal(
    hour.reduce((sum, count) => sum + count, 0),
    1,
  );
  await policy(pair, "reads", 'path "oauth2/creds/*" { capabilities = ["read"] }');
  const { client_token: few } = await child(pair, { policies: ["reads"] });
  const guest = await new Guest(pair).signIn(few);
  assert.equal(guest.status, 200);
  assert.match(guest.html, /The broker is well[\s\S]*Your sign-in/);
  assert.doesNotMatch(guest.html, /<svg class="chart"|Who has to act|>me</);
  assert.equal((await pair.read("sys/activity?list=true")).status, 405);
});

test("a server that does not answer is on the overview until it does", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "me");
  pair.as.reply("/token", hang, hang);
  await pair.pass(3_580_000);
  const guest = await new Guest(pair).signIn();
  assert.match(guest.html, /Servers in trouble[\s\S]*<dt>as<\/dt>/);
});

test("things are not later on average than at most", () => {
  const slice = (tasks: number, late_average: number, late_most: number) =>
    new Facts({ tasks, late_average, late_most });
  assert.deepEqual(lateness([slice(1, 0.006, 0.006)]), { average: 0.006, most: 0.006 });
  assert.deepEqual(lateness([slice(3, 0.001, 0.002), slice(1, 0.004, 0.009)]), { average: 0.002, most: 0.009 });
  assert.deepEqual(lateness([slice(0, 0, 0)]), { average: 0, most: 0 });
});
