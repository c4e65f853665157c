import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { importGrant, startDevice } from "../../support/misbehaving.ts";
import { requireAccessible } from "../../support/person/axe.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { begin, startSessions } from "../../support/sessions.ts";
import { child, policy } from "../access/stage.ts";
import { Guest, openScreens, signInOn } from "./stage.ts";

const browserOf = sharedChromium();

/** Every screen there is, of a broker with something on each. */
const SCREENS = [
  "/ui",
  "/ui/credentials",
  "/ui/credentials/oauth2/ci",
  "/ui/credentials/oauth2/waits",
  "/ui/credentials/oauth2/ci?do=revoke",
  "/ui/login",
  "/ui/sessions",
  "/ui/mine",
  "/ui/servers",
  "/ui/servers/oauth2/as",
  "/ui/servers/oauth2/as?do=delete",
  "/ui/test-server/oauth2/as",
  "/ui/new-server",
  "/ui/new-server?provider=oidc",
  "/ui/mcp",
  "/ui/access/tokens",
  "/ui/access/policies",
  "/ui/access/policies?new=yes",
  "/ui/access/policies/default",
  "/ui/access/methods",
  "/ui/access/mounts",
  "/ui/access/audit",
];

/** What a person can reach by the keyboard, each once, in the order of the page; of radios that belong together the one that is chosen. */
const REACHABLE = `[...document.querySelectorAll("a[href], button, input, select, textarea, summary")].filter((one) =>
  one.type !== "hidden" && !one.disabled && one.checkVisibility() && (one.type !== "radio" || one.checked))`;

/** What has the focus, as its place among those; and whether that can be seen. */
const FOCUSED = `(() => {
  const style = getComputedStyle(document.activeElement);
  const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return [${REACHABLE}.indexOf(document.activeElement), isSeen];
})()`;

async function walkByKeyboard(page: Page): Promise<void> {
  const count = Number(await page.evaluate(`${REACHABLE}.length`));
  assert.ok(count > 3, page.url());
  await page.evaluate("document.activeElement?.blur(); getSelection()?.removeAllRanges()");
  const walked: unknown[] = [];
  for (let index = 0; index < count; index++) {
    await page.keyboard.press("Tab");
    walked.push(await page.evaluate(FOCUSED));
  }
  assert.deepEqual(
    walked,
    Array.from({ length: count }, (_, index) => [index, true]),
    `${page.url()}: by Tab alone, each in its turn and to be seen`,
  );
}

test("each screen by the keyboard alone, at 200 % zoom with text twice as large, and with nothing that moves for who wants none", async (t) => {
  const pair = await startSessions(t);
  await importGrant(pair, "ci");
  await startDevice(pair, "waits");
  await begin(pair, { label: "deploy-bot" });
  const { page, go } = await openScreens(t, pair, await browserOf(t));
  await go("/ui");
  await signInOn(page);
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const screen of SCREENS) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await go(screen);
    await walkByKeyboard(page);
    assert.equal(await page.evaluate("document.getAnimations().length"), 0, screen);
    // A window of 1280 at 200 %.
    await page.setViewportSize({ width: 640, height: 400 });
    await page.evaluate("document.documentElement.style.fontSize = '200%'");
    const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
    assert.ok(width <= 640, `${screen} is ${width} wide of 640, with text twice as large`);
    await page.evaluate("document.documentElement.style.fontSize = ''");
    await requireAccessible(page);
  }
});

/** What can be done at screens, by the form that does it, and what the audit log has of it. */
const ACTIONS: readonly (readonly [screen: string, form: Record<string, string>, operation: string, path: string])[] = [
  ["/ui/login", { name: "begun", server: "as", scopes: "", way: "by-code" }, "update", "oauth2/creds/begun"],
  ["/ui/login", { name: "linked", server: "as", scopes: "", way: "by-link" }, "update", "oauth2/auth-code-url"],
  ["/ui/credentials/oauth2/ci", { do: "refresh" }, "read", "oauth2/creds/ci"],
  ["/ui/credentials/oauth2/ci", { do: "retry" }, "update", "oauth2/creds/ci/retry"],
  ["/ui/credentials/oauth2/ci", { do: "revoke" }, "delete", "oauth2/creds/ci"],
  ["/ui/test-server/oauth2/as", {}, "update", "oauth2/try/servers/as"],
  ["/ui/new-server", { name: "new", provider: "oidc", edits: "no", do: "save" }, "update", "oauth2/servers/new"],
  ["/ui/servers/oauth2/as", { do: "delete" }, "delete", "oauth2/servers/as"],
  [
    "/ui/access/policies",
    { name: "p", policy: 'path "x" {}', path: "x", method: "GET", do: "check" },
    "update",
    "sys/policies/check",
  ],
  ["/ui/access/policies", { name: "p", policy: 'path "x" {}', do: "save" }, "update", "sys/policies/acl/p"],
  ["/ui/access/policies/p", { do: "delete" }, "delete", "sys/policies/acl/p"],
  ["/ui/sign-out", {}, "update", "ui/sign-out"],
];

test("each action of a screen is in the audit log: which, at what, by whose token, from where", async (t) => {
  const pair = await startSessions(t);
  await importGrant(pair, "ci");
  await begin(pair, { label: "deploy-bot" });
  const folder = join(pair.data, "audited");
  mkdirSync(folder);
  const file = join(folder, "audit.log");
  assert.equal((await pair.write("sys/audit/file", { type: "file", options: { file_path: file } })).status, 204);
  await policy(pair, "other", 'path "nowhere" { capabilities = ["read"] }');
  const { accessor } = await child(pair, { policies: ["other"] });
  const guest = await new Guest(pair).signIn(ROOT_TOKEN, "/ui/sessions");
  const [, session = ""] = /href="(\/ui\/sessions\/[^"?]*)/.exec(guest.html) ?? [];
  const actions: typeof ACTIONS = [
    [session, {}, "delete", session.replace("/ui/", "")],
    [`/ui/access/tokens/${accessor}`, { do: "revoke" }, "update", "auth/token/revoke-accessor"],
    ["/ui/access/audit", { device: "file", text: "nobody" }, "update", "sys/audit-search/file"],
    ...ACTIONS,
  ];
  for (const [screen, form, operation, path] of actions) {
    const before = readFileSync(file, "utf8").length;
    await guest.open(screen === "/ui/sign-out" ? "/ui" : screen);
    await guest.send(screen, form);
    const lines = readFileSync(file, "utf8")
      .slice(before)
      .split("\n")
      .filter((line) => line !== "");
    const found = lines
      .map((line) => JSON.parse(line))
      .find(({ type, request }) => type === "request" && request.path === path && request.operation === operation);
    const said = `${screen} ${JSON.stringify(form)}: ${guest.status}\n${lines.map((line) => line.slice(0, 300)).join("\n")}`;
    assert.ok(found, said);
    assert.deepEqual([found.request.remote_address, found.auth?.display_name], ["127.0.0.1", "browser"], said);
  }
});
