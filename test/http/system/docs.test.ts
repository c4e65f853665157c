import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { NOT_PLAYED, STEPS } from "../../../scripts/people-steps.ts";
import { docsContent } from "../../../src/compose/docs-files.ts";
import type { DocsSection } from "../../../src/docs/content.ts";
import { renderSite } from "../../../src/docs/render-site.ts";
import { start } from "../start.ts";

const SOURCES: Readonly<Record<string, string>> = {
  "": "README.md",
  reference: "docs/openapi.json",
  security: "SECURITY.md",
  changelog: "CHANGELOG.md",
};

/** What has a place of its own in the navigation. */
const GROUPED = docsContent().groups.flatMap(({ title, pages }) =>
  title === "More" || title === "How it is built" ? [] : pages.map((path) => SOURCES[path] ?? `docs/${path}.md`),
);

test("the documentation: every document is a page in the navigation, and no link or anchor of any page is dead", () => {
  const { pages, groups, files } = docsContent();
  const root = join(import.meta.dirname, "../../..");
  const documents = globSync(["*.md", "docs/**/*.md"], { cwd: root });
  // And the reference, which is made from openapi.json.
  assert.equal(Object.keys(pages).length, documents.length + 1);
  assert.deepEqual(groups.flatMap((group) => group.pages).sort(), Object.keys(pages).sort());
  const anchors = (html: string) => new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  const dead: string[] = [];
  let links = 0;
  for (const { path, html } of Object.values(pages)) {
    for (const [, href = ""] of html.matchAll(/ (?:href|src|srcset)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      links += 1;
      const [to = "", anchor] = (href.startsWith("#") ? `/docs/${path}${href}` : href).split("#");
      const target = to.replace(/^\/docs\//, "");
      const page = pages[target];
      const isThere = page ? anchor === undefined || anchors(page.html).has(anchor) : target in files;
      if (!to.startsWith("/docs/") || !isThere) dead.push(`${path}: ${href}`);
    }
  }
  assert.deepEqual(dead, []);
  assert.ok(links > 500, String(links));
});

test("the documentation: what the search looks through is of every page, with an address that is there", () => {
  const { pages, sections } = docsContent();
  const all = JSON.parse(sections) as DocsSection[];
  assert.deepEqual(new Set(all.map(({ page }) => page)), new Set(Object.values(pages).map(({ title }) => title)));
  const keys = all.find(({ title }) => title === "Which browser opens");
  assert.match(
    keys?.text ?? "",
    /^A browser opens for the key o and for --open , .* COATCHECK_BROWSER or BROWSER names/,
  );
  assert.equal(keys?.url, "/docs/cli#which-browser-opens");
  const write = all.find(({ title }) => title === "PUT, POST /v1/oauth2/creds/{name}");
  assert.match(write?.text ?? "", /refresh_token/);
});

test("the documentation: text of a document is never markup, and links lead to pages, files or the repository", () => {
  const text = ["# A & <b>", "", "`<i>` [x](../src/y.ts#L1) [s](spec/) ![p](p.png)", "", "    <script>"].join("\n");
  const documents = {
    "README.md": "# R",
    "docs/a.md": text,
    "docs/spec/README.md": "# S",
    "docs/p.png": "",
    "docs/openapi.json": '{"paths":{}}',
  };
  const all = [...GROUPED, "ARCHITECTURE.md", "CONTRIBUTING.md", ...Object.keys(documents)];
  const bytes = new Map(all.map((path) => [path, Buffer.from((documents as Record<string, string>)[path] ?? "# X")]));
  const { pages, groups } = renderSite(bytes, "https://example.com/r");
  const { html = "" } = pages.a ?? {};
  assert.match(html, /<code class="short">&lt;i&gt;<\/code>/);
  assert.match(html, /<pre tabindex="0"><code>&lt;script&gt;<\/code><\/pre>/);
  for (const part of ['href="https://example.com/r/blob/main/src/y.ts#L1"', 'href="/docs/spec"', 'src="/docs/p.png"']) {
    assert.ok(html.includes(part), html);
  }
  assert.deepEqual(groups.find(({ title }) => title === "More")?.pages, ["a"]);
});

test("the documentation is served with its search's script and nothing else may run; paths are looked up in tables", async (t) => {
  const { app } = start(t);
  const { statusCode, headers, body } = await app.inject({ url: "/docs/cli" });
  assert.equal(statusCode, 200);
  const policy = String(headers["content-security-policy"]);
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src 'self' data:; .*script-src 'self' 'sha256-[\w+/=]+'; connect-src 'self'; require-trusted-types-for 'script'$/,
  );
  assert.match(body, /aria-current="page">The command line</);
  const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(body) ?? [];
  for (const url of ["/docs", "/docs/", "/docs/spec/", "/docs/search.json", "/docs/pictures/login.svg", script]) {
    assert.equal((await app.inject({ url })).statusCode, 200, url);
  }
  const picture = await app.inject({ url: "/docs/pictures/login.svg" });
  assert.deepEqual(
    [picture.headers["content-type"], picture.headers["content-security-policy"]],
    ["image/svg+xml", "default-src 'none'; style-src 'unsafe-inline'; sandbox"],
  );
  for (const url of [
    "/docs/nope",
    "/docs/constructor",
    "/docs/../package.json",
    "/docs/%2e%2e/package.json",
    "/docs/cli.md",
  ]) {
    assert.equal((await app.inject({ url })).statusCode, 404, url);
  }
  assert.equal((await app.inject({ method: "POST", url: "/docs/cli" })).statusCode, 405);
});

test("the four people of docs/people.md type what README says: no line of its first sections is missing or invented", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8");
  const [first = ""] = readme.split("\n## Why not what I have?");
  const lines = [...first.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = ""]) => line.replace(/\s+# .*$/, ""));
  const { author, ...others } = STEPS;
  assert.deepEqual(lines.sort(), [...Object.values(others).flat(), ...NOT_PLAYED].sort());
  for (const line of author) assert.ok(first.includes(`\`${line}\``), line);
  assert.match(first, /```ts\nimport \{ login \} from "coatcheck\/client";/);
});
