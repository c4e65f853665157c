import { LIMITS } from "../process/limits.ts";
import { LEVELS } from "../process/setting-values.ts";
import { DEVICE_KEYS } from "./audit.ts";
import { SERVER_KEYS, type ServerKey } from "./servers.ts";
import { FILE_KEYS, type FileKey } from "./settings.ts";

/** What a configuration file may say, as JSON Schema (draft 2020-12), for editors and other tools. */
export function configSchema(): object {
  const properties = [...FILE_KEYS].map(([key, row]) => [key, { description: row.text, ...typeOf(key, row) }]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of coatcheck serve",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string", description: "where editors find this schema" },
      ...Object.fromEntries(properties),
      servers: {
        description: "servers that are written at the start, by their names",
        type: "object",
        additionalProperties: serverSchema(),
      },
      mount_servers: {
        description: "the same of other mounts than oauth2, by their names",
        type: "object",
        additionalProperties: { type: "object", additionalProperties: serverSchema() },
      },
      audit: {
        description: "audit devices that are enabled at the start, by their names",
        type: "object",
        additionalProperties: deviceSchema(),
      },
    },
  };
}

function serverSchema(): object {
  const properties = [...SERVER_KEYS].map(([key, { description, type, jsonValues }]) => [
    key,
    { description, ...(type === "KVPairs" ? mapOf(jsonValues) : SERVER_TYPES[type]) },
  ]);
  return {
    type: "object",
    additionalProperties: false,
    required: ["provider"],
    properties: Object.fromEntries(properties),
  };
}

function deviceSchema(): object {
  const properties = [...DEVICE_KEYS].map(([key, { type, description }]) => {
    if (key === "type") return [key, { description, enum: ["file", "socket"] }];
    return [key, { description, type: type === "switch" ? "boolean" : "string" }];
  });
  return {
    type: "object",
    additionalProperties: false,
    required: ["type"],
    properties: Object.fromEntries(properties),
  };
}

const SERVER_TYPES: Readonly<Record<Exclude<ServerKey["type"], "KVPairs">, object>> = {
  file: { type: "string", minLength: 1 },
  String: { type: "string" },
  Bool: { type: "boolean" },
  DurationSecond: { type: "integer", minimum: 0 },
};

function mapOf(jsonValues: boolean): object {
  const plain = ["string", "number", "boolean"];
  return {
    type: "object",
    additionalProperties: { type: jsonValues ? [...plain, "object", "array"] : plain },
  };
}

const TEXT = { type: "string", minLength: 1 };
const TEXTS = { oneOf: [TEXT, { type: "array", items: TEXT }] };

function typeOf(key: string, { kind }: FileKey): object {
  switch (kind) {
    case "text":
      return key === "log_level" ? { enum: LEVELS } : TEXT;
    case "path":
      return TEXT;
    case "secret":
      return { ...TEXT, ...WITHOUT_SECRET[key] };
    case "list":
    case "sockets":
      return TEXTS;
    case "switch":
    case "on-off":
      return { type: "boolean" };
    case "seconds":
      return { type: "integer", minimum: 1, maximum: 999_999_999 };
    case "limits":
      return { type: "object", additionalProperties: false, properties: LIMIT_TYPES };
    default:
      return kind satisfies never;
  }
}

/** As far as a pattern can say it: the rest is refused at the start. */
const WITHOUT_SECRET: Readonly<Record<string, object>> = { key: { pattern: "^file:" } };

const LIMIT_TYPES = Object.fromEntries(
  Object.entries(LIMITS).map(([name, [most, text]]) => [
    name,
    { type: "integer", minimum: 1, maximum: 9_999_999, default: most, description: text },
  ]),
);
