import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { openapiDocument } from "../../../src/http/app.ts";
import { start } from "../start.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly parameters?: readonly { name: string }[] }>>>
  >;
}

test("docs/openapi.json is what the routes say (npm run generate)", async (t) => {
  const { app } = start(t, { mounts: ["oauth2"] });
  const kept = readFileSync(join(import.meta.dirname, "../../../docs/openapi.json"), "utf8");
  assert.equal(`${JSON.stringify(await openapiDocument(app), null, 2)}\n`, kept);
});

test("the document is served, and names every operation of the mount", async (t) => {
  const { send } = start(t);
  const document: Document = (await send({ url: "/v1/sys/internal/specs/openapi" })).json();
  assert.match(document.openapi, /^3\.1\./);
  const operations = (path: string) => Object.keys(document.paths[path] ?? {}).toSorted();
  assert.deepEqual(operations("/v1/oauth2/config"), ["delete", "get", "post", "put"]);
  for (const noun of ["servers", "creds", "self"]) {
    assert.deepEqual(operations(`/v1/oauth2/${noun}/{name}`), ["delete", "get", "post", "put"]);
    assert.deepEqual(operations(`/v1/oauth2/${noun}/`), ["get"]);
  }
  assert.deepEqual(operations("/v1/oauth2/sts/{name}"), ["get"]);
  assert.deepEqual(operations("/v1/oauth2/auth-code-url"), ["post", "put"]);
  const named = document.paths["/v1/oauth2/creds/{name}"]?.get?.parameters?.map(({ name }) => name);
  assert.ok(named?.includes("minimum_seconds") && named.includes("name"));
});
