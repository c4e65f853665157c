import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_LANGUAGES, PAGE_TEXTS } from "../../../src/messages/pages/index.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { requireAccessible } from "../../support/person/axe.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { begin, startSessions } from "../../support/sessions.ts";

const browserOf = sharedChromium();

const holes = (text: string): readonly string[] => (text.match(/\{\w*\}/g) ?? []).sort();

test("pages for people: every language has every text, none of them English or empty, with the same values in it", () => {
  const { en } = PAGE_TEXTS;
  for (const language of PAGE_LANGUAGES) {
    const { [language]: texts } = PAGE_TEXTS;
    assert.deepEqual(Object.keys(texts), Object.keys(en), language);
    const said: Readonly<Record<string, string>> = texts;
    for (const [key, english] of Object.entries(en)) {
      const { [key]: text = "" } = said;
      assert.deepEqual(holes(text), holes(english), `${language} ${key}`);
      assert.ok(text.trim() !== "" && text === text.trim(), `${language} ${key}`);
      assert.ok(language === "en" || text !== english || english.length < 16, `${language} ${key}`);
    }
  }
});

test("pages for people are in the language that their browser prefers, and say which; the broker's own words are English", async (t) => {
  const pair = await startSessions(t);
  const open = async (language: string, path: string, init: RequestInit = {}) => {
    const headers = { "accept-language": language, accept: "text/html" };
    const answer = await fetch(`${pair.running.address}${path}`, { headers, redirect: "manual", ...init });
    return { html: await answer.text(), headers: answer.headers, status: answer.status };
  };
  for (const [language, accepted, said] of [
    ["de", "de-AT, en;q=0.5", "Ein Programm verbinden"],
    ["fr", "fr", "Connecter un programme"],
    ["es", "pt, es-MX;q=0.9", "Conectar un programa"],
    ["ja", "ja", "プログラムを接続する"],
    ["en", "pt, *", "Connect a program"],
  ] as const) {
    const { html, headers } = await open(accepted, "/device");
    assert.ok(html.includes(`<html lang="${language}">`) && html.includes(said), html);
    assert.deepEqual(
      [headers.get("content-language"), /accept-language/i.test(headers.get("vary") ?? "")],
      [language, true],
    );
  }
  assert.match((await open("de", "/nowhere")).html, /Hier ist nichts/);
  assert.match((await open("de", "/v1/oauth2/callback")).html, /Dieser Link ist nicht zu gebrauchen/);
  const unknown = await open("ja", "/v1/oauth2/callback?code=x&state=y");
  assert.deepEqual([unknown.status, /<p lang="en">/.test(unknown.html)], [400, true]);
});

test("a person decides in Spanish and in Japanese: nothing is wrong for a reader of screens, light and dark, wide and narrow", async (t) => {
  const pair = await startSessions(t);
  const browser = await browserOf(t);
  for (const [locale, submit, question, deny, denied] of [
    ["es-ES", "Continuar", "¿Permitir este programa?", "Denegar", "No se ha conectado nada"],
    ["ja-JP", "続ける", "このプログラムを許可しますか？", "拒否する", "何も接続されませんでした"],
  ] as const) {
    const program = await begin(pair, { label: "deploy-bot", flow: "page" });
    await pair.pass(120_000);
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await page.goto(`${pair.running.address}/device?user_code=${program.started.user_code}`);
    await requireAccessible(page);
    await page.getByRole("button", { name: submit }).click();
    await page.getByRole("heading", { name: question }).waitFor();
    assert.match(
      await page.locator("dl").innerText(),
      new RegExp(new Intl.RelativeTimeFormat(locale).format(-2, "minute")),
    );
    await requireAccessible(page);
    await page.getByRole("button", { name: deny }).click();
    await page.getByRole("heading", { name: denied }).waitFor();
    await context.close();
  }
});

test("a stale form of the code page says so in its reader's language", async (t) => {
  const broker = await startCoatcheck(t);
  const answer = await fetch(`${broker.running.address}/device`, {
    method: "POST",
    headers: { "accept-language": "fr" },
    body: new URLSearchParams({ user_code: "X", token: "nonsense" }),
  });
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /Cette page est restée ouverte trop longtemps/);
});
