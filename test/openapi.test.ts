import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { compileErrors, validate } from "@readme/openapi-parser";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { build } from "esbuild";
import { generate } from "openapi-typescript-codegen";
import type { CredentialKeyList, PendingData, ServerData } from "../src/api/index.ts";
import { DEVICE } from "./support/misbehaving.ts";
import { ROOT_TOKEN } from "./support/request.ts";
import { startSessions } from "./support/sessions.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

/** docs/openapi.json as others read it: three validators that share no code but a JSON schema, and a generator of clients. */
const ROOT = join(import.meta.dirname, "..");
const PATH = join(ROOT, "docs/openapi.json");
const text = readFileSync(PATH, "utf8");

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const { paths } = JSON.parse(text) as { paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> };

test("the document is valid to the specification's own schema", async () => {
  assert.deepEqual(await new Validator().validate(JSON.parse(text)), { valid: true });
});

test("the document is valid to ReadMe's parser", async () => {
  const result = await validate(JSON.parse(text));
  assert.ok(result.valid, result.valid ? "" : compileErrors(result));
  assert.deepEqual(result.warnings, []);
});

test("the document is valid to Redocly's rules, and every operation has an id of its own", async () => {
  const rules = { "operation-operationId": "error", "operation-operationId-unique": "error" } as const;
  const config = await createConfig({ extends: ["spec"], rules });
  assert.deepEqual(await lintFromString({ source: text, absoluteRef: PATH, config }), []);
});

test("the document has the proxy's paths, with both of their parameters", () => {
  const proxy = paths["/session/proxy/{api}/{path}"] ?? {};
  assert.deepEqual(Object.keys(proxy).toSorted(), ["delete", "get", "head", "options", "patch", "post", "put"]);
  for (const { parameters = [], responses } of Object.values(proxy)) {
    assert.deepEqual(
      parameters.map(({ name }) => name),
      ["api", "path"],
    );
    assert.ok("default" in responses && "401" in responses);
  }
});

const STRICT = "--noEmit --strict --target es2022 --lib es2022,dom --module esnext --moduleResolution bundler".split(
  " ",
);

type Calls<Name extends string> = Readonly<Record<Name, (input: unknown) => Promise<Record<string, unknown>>>>;

/** Of what is generated, as much as is called here. */
interface Client {
  readonly OpenAPI: { BASE: string; TOKEN: string };
  readonly ServersService: Calls<"getOauth2ServersByName">;
  readonly CredsService: Calls<"putOauth2CredsByName" | "getOauth2Creds" | "getOauth2CredsByName">;
  readonly SessionService: Calls<"postSessions" | "getSession" | "getSessionToken">;
}

/** Of the TypeScript that was generated into that folder. */
async function compiled(folder: string): Promise<Client> {
  const entry = join(folder, "index.ts");
  await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), [...STRICT, entry], { cwd: folder });
  const outfile = join(folder, "client.mjs");
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  return import(outfile);
}

test("a client that is generated from the document compiles, and works with a broker", async (t) => {
  const folder = temporaryFolder(t);
  await generate({ input: PATH, output: folder, useOptions: true, useUnionTypes: true });
  const { OpenAPI, ServersService, CredsService, SessionService } = await compiled(folder);
  const pair = await startSessions(t);
  OpenAPI.BASE = pair.running.address;
  OpenAPI.TOKEN = ROOT_TOKEN;
  const { data: server } = await ServersService.getOauth2ServersByName({ name: "as" });
  assert.equal((server as ServerData).allow_sessions, true);
  await assert.rejects(CredsService.getOauth2CredsByName({ name: "none" }), { status: 404, body: { errors: [] } });
  const requestBody = { server: "as", grant_type: DEVICE };
  const { data: pending } = await CredsService.putOauth2CredsByName({ name: "bot/a", requestBody });
  assert.equal((pending as PendingData).status, "pending");
  const { data: listed } = await CredsService.getOauth2Creds({ list: true });
  assert.deepEqual((listed as CredentialKeyList).keys, ["bot/a"]);
  const started = await SessionService.postSessions({ requestBody: { server: "as" } });
  OpenAPI.TOKEN = String(started.session_id);
  assert.equal((await SessionService.getSession({})).status, "pending");
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  const { access_token: token } = await SessionService.getSessionToken({});
  assert.match(String(token), /./);
});
