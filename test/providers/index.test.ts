import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";
import { findProvider, linkParameters, PROVIDERS, providerIds } from "../../src/providers/index.ts";

const FOLDER = new URL("../../src/providers/", import.meta.url);

test("oauthapp 9: the providers of the plugin, with their versions; every other one is its first", () => {
  const versions = Object.fromEntries(providerIds().map((id) => [id, findProvider(id)?.version]));
  const { bitbucket, custom, github, gitlab, google, microsoft_azure_ad, oidc, slack, ...others } = versions;
  assert.deepEqual(
    { bitbucket, custom, github, gitlab, google, microsoft_azure_ad, oidc, slack },
    { bitbucket: 1, custom: 2, github: 1, gitlab: 1, google: 2, microsoft_azure_ad: 2, oidc: 1, slack: 2 },
  );
  assert.deepEqual(new Set(Object.values(others)), new Set([1]));
});

test("a provider is found by id and by version, nothing else", () => {
  assert.equal(findProvider("google", 2)?.id, "google");
  for (const [id, version] of [
    ["google", 1],
    ["google", 3],
    ["matrix", 2],
    ["constructor", 1],
  ] as const) {
    assert.equal(findProvider(id, version), undefined, `${id} ${version}`);
  }
  assert.equal(findProvider(""), undefined);
  assert.equal(findProvider("__proto__"), undefined);
});

test("a provider is a small data file: at most 45 lines, its documentation first, no code", async () => {
  const names = new Set(PROVIDERS.map(({ id }) => `${id.replaceAll("_", "-")}.ts`));
  const all = await readdir(FOLDER, { recursive: true });
  const files = all.filter((path) => names.has(basename(path)));
  assert.equal(files.length, PROVIDERS.length);
  for (const file of files) {
    const text = await readFile(new URL(file, FOLDER), "utf8");
    assert.ok(text.trimEnd().split("\n").length <= 45, file);
    assert.match(text, /^export const \w+ = \{\n {2}docs: "https:\/\//m, file);
    assert.doesNotMatch(text, /=>|function|\bif\b/, file);
  }
});

test("endpoints and documentation are https", () => {
  for (const { id, docs, discovery, endpoints = {}, revocationCall: call, api } of PROVIDERS) {
    const urls = [docs, discovery, ...Object.values(endpoints), call?.url, api?.url, api?.inDomain?.url];
    for (const url of urls.filter((each) => each !== undefined)) assert.match(url, /^(https:\/\/|\{\w+\})/, id);
  }
});

test("no code of ours branches on a provider's id", async () => {
  const source = new URL("../../src/", import.meta.url);
  const ids = new RegExp(`(?:\\bid|[pP]rovider) [!=]== "(${PROVIDERS.map(({ id }) => id).join("|")})"`);
  assert.match('provider.id === "github"', ids);
  const files = (await readdir(source, { recursive: true })).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 50);
  for (const file of files) {
    assert.doesNotMatch(await readFile(new URL(file, source), "utf8"), ids, `${file}: a missing quirk field`);
  }
});

test("a provider that is found by a name says itself what its links have beyond OAuth: without a word, nothing", () => {
  const metadata = { issuer: "https://as.example" };
  const own = linkParameters({ loginHint: "@a:b.example" }, metadata, "https://c.example/callback", {
    prompt: "create",
  });
  assert.deepEqual(own, { login_hint: "@a:b.example", prompt: "create" });
  const link = {
    responseModes: { https: "form_post", other: "query" },
    optionalPrompts: ["x"],
    hintPrefixes: { "@": "y:" },
  };
  assert.equal(linkParameters({ link }, metadata, "", { prompt: "x" }), undefined);
  assert.deepEqual(
    linkParameters({ link, loginHint: "@a" }, { ...metadata, prompt_values_supported: ["x"] }, "https:", {
      prompt: "x",
    }),
    {
      response_mode: "form_post",
      login_hint: "y:@a",
      prompt: "x",
    },
  );
});
