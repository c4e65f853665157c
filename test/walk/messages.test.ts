import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseLanguage } from "../../src/messages/language.ts";
import { message, sayWalk, WALK_LANGUAGES, WALK_TEXTS, type WalkKey } from "../../src/messages/walk/index.ts";
import { checkClientMetadata } from "../../src/protocol/client/check-client-metadata.ts";
import { checkMetadata } from "../../src/protocol/ladder/check-metadata.ts";
import { told } from "../../src/walk/index.ts";

const holes = (text: string): readonly string[] => (text.match(/\{\w*\}/g) ?? []).sort();

test("MX-P14 every language has every text, none of them empty, with the same values in it", () => {
  const { en } = WALK_TEXTS;
  for (const language of WALK_LANGUAGES) {
    const { [language]: texts } = WALK_TEXTS;
    assert.deepEqual(Object.keys(texts), Object.keys(en), language);
    for (const [key, text] of Object.entries(texts)) {
      assert.deepEqual(holes(text), holes(en[key as WalkKey]), `${language} ${key}`);
      assert.ok(text.trim() !== "" && text === text.trim(), `${language} ${key}`);
    }
  }
});

test("MX-P14 German and French are other texts than English, but for what has no language", () => {
  const { en } = WALK_TEXTS;
  for (const language of ["de", "fr"] as const) {
    const same = Object.entries(WALK_TEXTS[language]).filter(([key, text]) => text === en[key as WalkKey]);
    for (const [key, text] of same) assert.ok(text.replaceAll(/\{\w+\}/g, "").length < 30, `${language} ${key}`);
  }
});

test("MX-P14 no language spells a code, a parameter or a server otherwise than another", () => {
  const WORDS =
    /\b[a-z]+_[a-z_]+\b|\bM_[A-Z_]+\b|\b(?:Tuwunel|Continuwuity|Synapse|Coatcheck|curl|CORS)\b|--?[a-z]+\b/g;
  const words = (text: string) => [...new Set(text.match(WORDS))].filter((word) => /_|[A-Z]|--/.test(word)).sort();
  for (const language of ["de", "fr"] as const)
    for (const [key, text] of Object.entries(WALK_TEXTS.en))
      assert.deepEqual(words(WALK_TEXTS[language][key as WalkKey]), words(text), `${language} ${key}`);
});

test("MX-P14 values are said in the same language, numbers as people there write them, and braces in them stay", () => {
  const what = message("missing.token");
  assert.equal(sayWalk("de", message("step.missing", { what })), "Aus einem früheren Schritt fehlt: ein Token.");
  assert.match(sayWalk("de", message("code.lasts", { seconds: 1800 })), /1\.800 s/);
  assert.match(sayWalk("en", message("code.lasts", { seconds: 1800 })), /1,800 s/);
  assert.equal(sayWalk("en", message("discover.api", { url: "{key} {url}" })), "API: {key} {url}");
});

test("MX-P14 the language: what the address names, else what the browser prefers, else English", () => {
  const chosen = (named: string | undefined, accepted?: string) => chooseLanguage(WALK_LANGUAGES, named, accepted);
  assert.equal(chosen(undefined, undefined), "en");
  assert.equal(chosen(undefined, "fr-CH, fr;q=0.9, de;q=0.8"), "fr");
  assert.equal(chosen(undefined, "es, de-AT;q=0.5, fr;q=0.7"), "fr");
  assert.equal(chosen(undefined, "de;q=0, *;q=0.5"), "en");
  assert.equal(chosen(undefined, ",;q=,de;q=x,\u0000"), "en");
  assert.equal(chosen("de", "fr"), "de");
  assert.equal(chosen("DE-ch", "fr"), "de");
  assert.equal(chosen("xx", "fr"), "fr");
});

test("MX-P1 MX-P14 what the rules and the protocol say of bad metadata is said in German and French too", () => {
  const client = { client_uri: "https://example.org/", client_name: "x", redirect_uris: ["http://127.0.0.1/"] };
  const bodies = [
    { client_uri: undefined, grant_types: "x", client_name: 1, application_type: "other" },
    { "logo_uri#fr": "https://example.org/", "scope#fr": "x", "client_name#1": "x", what: "x" },
    { client_uri: "https://localhost/", logo_uri: "https://u:p@example.org/", tos_uri: "https://example.org/#f" },
    { policy_uri: "https://elsewhere.example/", logo_uri: "ftp://x", tos_uri: "https://example.org/a;b" },
    {
      redirect_uris: ["x", "http://127.0.0.1:1/", "http://example.org/", "com.other:/cb", "https://1.2.3.4/", "a:/#b"],
    },
    {
      application_type: "native",
      redirect_uris: ["org.example://cb", "http://127.0.0.1:1/", "http://example.org/", "com.other:/cb"],
    },
    { grant_types: ["authorization_code"], response_types: [], redirect_uris: [] },
  ];
  const ofClients = bodies.map((body) => checkClientMetadata({ ...client, ...body }));
  const url = "http://u@example.org/";
  const ofServers = [{}, { issuer: `${url}?q`, token_endpoint: url, device_authorization_endpoint: url }].map((one) =>
    checkMetadata(one, false),
  );
  const texts = [...ofClients, ...ofServers].flatMap(({ violations, warnings }) => [...violations, ...warnings]);
  assert.ok(new Set(texts).size > 30, `${texts.length}`);
  for (const text of texts) {
    const said = told(text);
    assert.notEqual(said.key, "plain", text);
    assert.equal(sayWalk("en", said), text);
    assert.notEqual(sayWalk("de", said), text);
    assert.notEqual(sayWalk("fr", said), text);
  }
  const nested = "http://x is not a Matrix homeserver: versions (GET http://x/v) answered with status 500";
  assert.equal(
    sayWalk("de", told(nested)),
    "http://x ist kein Matrix-Homeserver: versions (GET http://x/v) hat mit Status 500 geantwortet",
  );
  const own = 'rung "stable" (GET http://x/m) has no usable metadata: issuer is missing; token_endpoint is missing';
  assert.equal(told(own).key, "plain", "half a sentence is not said in another language");
});
