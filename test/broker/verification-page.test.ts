import assert from "node:assert/strict";
import { test } from "node:test";
import { verificationWarning } from "../../src/broker/credential/start-device-code.ts";
import { expandProvider, findProvider } from "../../src/providers/index.ts";
import { proper } from "../servers/faults.ts";
import { ask, begin, startSessions } from "../support/sessions.ts";

for (const [uri, options, warning] of [
  ["https://evil.example/link", {}, /^the page to open is on evil\.example, which is not one of the server's hosts \(/],
  ["https://pages.as.example/link", { verification_hosts: "pages.as.example" }, undefined],
  ["http://evil.example/link", {}, /^the page to open is not https: /],
  [undefined, {}, undefined],
] as const) {
  test(`XD-13 a program is told that ${uri ?? "the server's own page"} is ${warning ? "strange" : "as expected"}`, async (t) => {
    const pair = await startSessions(t, { provider_options: options });
    const reply = uri === undefined ? {} : { verification_uri: uri, verification_uri_complete: undefined };
    pair.as.reply("/device", proper(reply));
    const { started, secret } = await begin(pair);
    const later = await ask(pair, "GET", "/session", { bearer: secret });
    for (const { verification_warning: said, verification_uri } of [started, later.body]) {
      if (uri !== undefined) assert.equal(verification_uri, uri, "it is shown all the same");
      if (warning) assert.match(String(said), warning);
      else assert.equal(said, undefined);
    }
  });
}

/** What the providers' documentation shows, and what it does not. */
for (const [id, options, issuer, uri, expected] of [
  ["google", {}, "https://accounts.google.com", "https://www.google.com/device", true],
  ["microsoft_azure_ad", {}, "https://login.microsoftonline.com", "https://microsoft.com/devicelogin", true],
  ["github", {}, "https://github.com", "https://github.com/login/device", true],
  ["github", {}, "https://github.com", "https://www.google.com/device", false],
  ["google", {}, "https://accounts.google.com", "https://google.com.evil.example/device", false],
] as const) {
  test(`XD-13 ${id}: ${uri} is ${expected ? "" : "not "}the provider's`, () => {
    const provider = findProvider(id);
    assert.ok(provider);
    const server = { provider: expandProvider(provider, options, {}), metadata: { issuer } };
    const page = { verificationUri: uri } as Parameters<typeof verificationWarning>[1];
    const warning = verificationWarning(server as Parameters<typeof verificationWarning>[0], page);
    assert.equal(warning === undefined, expected, warning);
  });
}
