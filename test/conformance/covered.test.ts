import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

/**
 * What the official suite requires of clients (alpha.12, revisions 2026-07-28 and 2025-11-25), and which of our tests shows the same
 * in seconds: the suite itself takes minutes (`npm run conformance`), and `short.test.ts` runs a part of it. A scenario's test is named
 * by how it begins.
 */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  initialize: ["MCP-B10 a legacy session: id and version on every request"],
  tools_call: ["MCP-B1 messages pass unchanged both ways", "MCP-B1 the same era on both sides"],
  "request-metadata": ["MCP-B1 messages pass unchanged both ways", "MCP-B8 version, method and name are headers"],
  "elicitation-sep1034-client-defaults": ["MCP-B1 an event stream: what comes before the answer is passed on"],
  "sse-retry": ["MCP-B10 a stream that ends before its answer is resumed where it was, after the time it said"],
  "http-standard-headers": ["MCP-B8 version, method and name are headers of a modern request"],
  "http-custom-headers": [
    "MCP-B8 values of annotated properties become headers",
    "MCP-B8 a value that a header would change goes in Base64",
  ],
  "http-invalid-tool-headers": ["MCP-B8 a tool with a bad annotation says why it may not be used"],
  "sep-2322-client-request-state": ["MCP-B11 what a modern server asks is asked of a legacy agent"],
  "json-schema-ref-no-deref": ["MCP-B8 a tool with a bad annotation says why it may not be used"],
  "auth/metadata-default": ["MCP-D2 the document that a challenge names is fetched and no other"],
  "auth/metadata-var1": ["MCP-D2 without a challenge the document is at the path"],
  "auth/metadata-var2": ["MCP-D5 an issuer with a path is asked for at three places in order"],
  "auth/metadata-var3": ["MCP-D5 an issuer with a path is asked for at three places in order"],
  "auth/metadata-issuer-mismatch": ["MCP-D5 an issuer with a path is asked for at three places in order"],
  "auth/resource-mismatch": ["MCP-D3 a document speaks for its own URL"],
  "auth/basic-cimd": ["MCP-R2 a broker that is reached by https serves its own document"],
  "auth/pre-registration": ["MCP-R1 the given client goes before a metadata document"],
  "auth/scope-from-www-authenticate": ["MCP-L4 resource is in every request for a token, byte for byte"],
  "auth/scope-from-scopes-supported": ["MCP-L4 resource is in every request for a token, byte for byte"],
  "auth/scope-omitted-when-undefined": ["MCP-L4 resource is in every request for a token, byte for byte"],
  "auth/scope-step-up": ["MCP-T3 a 403 for more scopes is a login in-band for the union"],
  "auth/scope-retry-limit": ["MCP-T3 nobody is asked for the same scopes more than twice in ten minutes"],
  "auth/token-endpoint-auth-basic": ["MCP-R3 a registration says what the server lists"],
  "auth/token-endpoint-auth-post": ["MCP-R3 a registration says what the server lists"],
  "auth/token-endpoint-auth-none": ["MCP-R3 a registration says what the server lists"],
  "auth/offline-access-scope": ["MCP-L4 offline_access is asked for where the authorization server lists it"],
  "auth/offline-access-not-supported": ["MCP-L4 offline_access is asked for where the authorization server lists it"],
  "auth/authorization-server-migration": ["MCP-R4 another authorization server in the document"],
  "auth/iss-supported": ["MCP-L1 MCP-L3 a person's own broker signs in without a device grant"],
  "auth/iss-supported-missing": ["MCP-L6 an answer that names another server, or none where one is promised"],
  "auth/iss-not-advertised": ["MCP-L1 MCP-L3 a person's own broker signs in without a device grant"],
  "auth/iss-unexpected": ["MCP-L6 an answer that names another server, or none where one is promised"],
  "auth/iss-normalized": ["MCP-L6 an answer that names another server, or none where one is promised"],
  "auth/iss-wrong-issuer": ["MCP-L6 an answer that names another server, or none where one is promised"],
};

test("what the conformance suite requires of clients is shown here as well, scenario by scenario", () => {
  assert.equal(Object.keys(SHOWN).length, 35);
  const root = join(import.meta.dirname, "..");
  const files = globSync("{broker,cli/bridge,http/session,mcp,protocol}/**/*.test.ts", { cwd: root });
  const texts = files.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  const names = [...texts.matchAll(/^ *test\(\s*["`]([^\n]*)/gm)].map(([, name = ""]) => name);
  for (const [scenario, shown] of Object.entries(SHOWN)) {
    for (const begin of shown)
      assert.ok(
        names.some((name) => name.startsWith(begin)),
        `${scenario}: no test "${begin}…"`,
      );
  }
});
