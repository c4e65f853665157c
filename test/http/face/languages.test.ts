import assert from "node:assert/strict";
import { test } from "node:test";
import { FACE_LANGUAGES, FACE_TEXTS } from "../../../src/messages/face/index.ts";
import { sharedChromium } from "../../support/person/chromium.ts";
import { begin, startSessions } from "../../support/sessions.ts";
import { call } from "../access/stage.ts";
import { Guest, openScreens, personsToken, signInOn } from "./stage.ts";

const browserOf = sharedChromium();
const OTHERS = FACE_LANGUAGES.filter((language) => language !== "en");

test("every language has every text that people see, with the same values in it, and none left in English", () => {
  const holes = (text: string) => (text.match(/\{\w*\}/g) ?? []).toSorted();
  for (const language of OTHERS) {
    const texts = new Map(Object.entries(FACE_TEXTS[language]));
    for (const [key, english] of Object.entries(FACE_TEXTS.de).map(([key]) => [key, Object(FACE_TEXTS.en)[key]])) {
      const text = texts.get(key) ?? "";
      assert.deepEqual(holes(text), holes(english), `${language} ${key}`);
      assert.ok(text.trim() !== "" && text === text.trim(), `${language} ${key}`);
      assert.ok(text !== english || english.replaceAll(/\{\w+\}/g, "").length < 10, `${language} ${key}: ${text}`);
    }
  }
});

/** Texts without values that are long enough to be no word of something else. */
const ENGLISH = Object.keys(FACE_TEXTS.de)
  .map((key) => String(Object(FACE_TEXTS.en)[key]))
  .filter((text) => text.length > 9 && !text.includes("{"));

test("what people see is in the language that their browser prefers; a screen of operators alone is English as a whole", async (t) => {
  const pair = await startSessions(t);
  const client_token = await personsToken(pair);
  const { data } = await call(pair, client_token, "POST", "/sessions", { server: "as", label: "bot", flow: "page" });
  const screens = ["/ui", "/ui/mine", "/ui/sessions", `/ui/sessions/${data.id}`, `/ui/sessions/${data.id}?do=end`];
  for (const language of OTHERS) {
    const headers = { "accept-language": `${language}, en;q=0.5` };
    const guest = await new Guest(pair).open("/ui/servers", headers);
    const look = (where: string) => {
      assert.equal(guest.headers.get("content-language"), language, where);
      for (const text of ENGLISH) assert.ok(!guest.html.includes(`>${text}<`), `${language} ${where}: ${text}`);
    };
    look("signing in, on the way to any screen");
    await guest.signIn(client_token);
    for (const screen of screens) {
      await guest.open(screen, headers);
      assert.equal(guest.status, 200, screen);
      look(screen);
    }
    await guest.open("/ui/servers", headers);
    assert.deepEqual([guest.status, guest.headers.get("content-language")], [403, "en"]);
    assert.match(guest.html, /Your token does not allow this/);
  }
});

for (const language of OTHERS)
  test(`my logins in ${language}: axe finds nothing, light, dark and on a phone`, async (t) => {
    const pair = await startSessions(t);
    await begin(pair, { label: "deploy-bot", flow: "page" });
    const { page, go, look } = await openScreens(t, pair, await browserOf(t));
    await go("/ui/mine");
    await signInOn(page);
    await page.setExtraHTTPHeaders({ "accept-language": language });
    await page.reload();
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await page.getByRole("heading", { name: FACE_TEXTS[language]["mine.title"] }).waitFor();
    await look(`mine-${language}`);
  });
