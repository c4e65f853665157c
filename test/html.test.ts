import assert from "node:assert/strict";
import test from "node:test";
import { html, trusted } from "../src/html.ts";

test("a value is text, in content and in attributes", () => {
  const evil = `"><script>alert('&')</script>`;
  const safe = "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;";
  assert.equal(html`<p title="${evil}">${evil}</p>`.text, `<p title="${safe}">${safe}</p>`);
  assert.equal(html`<p title='${evil}'>${7}</p>`.text, `<p title='${safe}'>7</p>`);
});

test("HTML is put in as it is, each member of a list for itself, and undefined and false are nothing", () => {
  const items = ["a", "<b>"].map((name) => html`<li>${name}</li>`);
  assert.equal(html`<ul>${items}</ul>${undefined}${false}`.text, "<ul><li>a</li><li>&lt;b&gt;</li></ul>");
  assert.equal(html`${["<", [html`<i>`]]}`.text, "&lt;<i>");
  assert.equal(html`<style>${trusted("a > b")}</style>`.text, "<style>a > b</style>");
});

test("what only looks like HTML is text", () => {
  const look = JSON.parse('{"text":"<b>"}');
  assert.throws(() => html`${look}`);
});
