import assert from "node:assert/strict";
import test from "node:test";
import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import * as api from "../../src/api/index.ts";
import { DEFAULT_SETTINGS } from "../../src/credential/index.ts";

interface Field {
  readonly "x-vault-type"?: string;
  readonly description?: string;
  readonly default?: unknown;
}

const PARAMETERS = Object.entries(api).filter(([name]) => name.endsWith("Parameters")) as [
  string,
  TSchema & { properties: Record<string, Field> },
][];

/** What is not sent there is as it was, or as the role says: some of their fields have no default. */
const OF_OTHERS = /^(MakeSecretId|Mount|TuneAuth)/;

test("every parameter has its Vault type, a description and a default of its own type", () => {
  assert.ok(PARAMETERS.length >= 9);
  for (const [name, { properties }] of PARAMETERS) {
    for (const [key, field] of Object.entries(properties)) {
      assert.ok(field["x-vault-type"], `${name}.${key}`);
      assert.ok(field.description, `${name}.${key}`);
      const isOfOthers = OF_OTHERS.test(name) && field.default === undefined;
      assert.ok(isOfOthers || Value.Check(field as TSchema, field.default), `${name}.${key}`);
    }
  }
});

const TYPES: Readonly<Record<string, RegExp>> = {
  KVPairs: /^(auth_url_params|provider_options|token_url_params|options|proxy_apis)$/,
  CommaStringSlice: /^(scopes|audiences|audience|resources|resource|client_secrets)$/,
  DurationSecond:
    /^(minimum_seconds|(maximum|default)_expiry_seconds|interval|expires_in|wait|min_valid|tune_\w+_seconds)$/,
  Float: /^tune_\w+_factor$/,
  Bool: /^(tune_reap_dry_run|revoke|list|counts|allow_sessions|id_token)$/,
  Int: /^(tune_reap_transient_error_attempts|tune_pending_status_code|tune_\w+_per_\w+|limit|\w+code)$/,
};

/** Vault's own fields of tokens and policies have Vault's types. */
const OF_ACCESS =
  /^(Accessor|Audit|Capabilities|EnableAuth|MakeSecretId|Mount|OldPolicy|Policy|Renew|Token|TuneAuth|Wrap)/;

test("1.5 the fields of oauthapp have the types of the table, the rest is String", () => {
  for (const [name, { properties }] of PARAMETERS.filter(([name]) => !OF_ACCESS.test(name))) {
    for (const [key, { "x-vault-type": vaultType }] of Object.entries(properties)) {
      const codes = name === "HealthParameters";
      const [type = "String"] =
        Object.entries(TYPES).find(
          ([type, names]) => names.test(key) && (type !== "Int" || codes || (key !== "code" && key !== "device_code")),
        ) ?? [];
      // Of a server they are one text, which a configuration file can say.
      const isToolsOfSession = name === "SessionParameters" && key.endsWith("_tools");
      assert.equal(vaultType, isToolsOfSession ? "CommaStringSlice" : type, `${name}.${key}`);
    }
  }
});

test("section 2: the defaults of config are those of the domain", () => {
  const { properties } = api.ConfigParameters;
  const camel = (key: string) =>
    key.replace(/^tune_/, "").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const defaults = Object.entries(properties).map(([key, field]) => [camel(key), (field as Field).default]);
  assert.deepEqual(Object.fromEntries(defaults), { ...DEFAULT_SETTINGS });
});

test("section 10: no answer has a field for a secret", () => {
  const answers = JSON.stringify([api.ServerData, api.TokenData, api.StsData, api.AuthCodeUrlData, api.PendingData]);
  assert.doesNotMatch(answers, /"(client_secrets?|client_key|refresh_token|device_code|code_verifier)"/);
});
