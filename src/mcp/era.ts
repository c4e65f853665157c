import { isFields, type Message, metaOf } from "./message.ts";

/** The first revision without handshake and session: each request says its version, client and capabilities itself. */
export const MODERN = "2026-07-28";

/** The last revision with `initialize`. */
export const LEGACY = "2025-11-25";

/** `modern`: 2026-07-28 and later. `legacy`: 2025-11-25 and earlier. */
export type Era = "modern" | "legacy";

/** Keys of `_meta` (2026-07-28 basic, "Reserved keys"). */
export const META = {
  version: "io.modelcontextprotocol/protocolVersion",
  client: "io.modelcontextprotocol/clientInfo",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
  logLevel: "io.modelcontextprotocol/logLevel",
  subscription: "io.modelcontextprotocol/subscriptionId",
  server: "io.modelcontextprotocol/serverInfo",
} as const;

/** The version that a modern request says. */
export function versionOf(message: Message): string | undefined {
  const version = metaOf(message)[META.version];
  return typeof version === "string" ? version : undefined;
}

/** What a message of an agent tells of its era; undefined: nothing. */
export function eraOf(message: Message): Era | undefined {
  if (message.method === "initialize") return "legacy";
  return versionOf(message) === undefined ? undefined : "modern";
}

/** 2026-07-28 basic, "Error Codes": headers and body disagree, a capability is missing, the version is not spoken. */
export const MODERN_ERRORS = { headers: -32020, capability: -32021, version: -32022 } as const;

const CODES: ReadonlySet<unknown> = new Set(Object.values(MODERN_ERRORS));

/** An error that only a modern server answers. */
export function isModernError({ error }: Message): boolean {
  return CODES.has(error?.code);
}

/** Versions that a server speaks, out of an error of -32022 or the answer to `server/discover`. */
export function versionsIn(value: unknown): readonly string[] {
  const list = isFields(value) ? (value.supported ?? value.supportedVersions) : undefined;
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
}

/** Revisions are days, so that they are in order as texts. */
export function isModernVersion(version: string): boolean {
  return version >= MODERN;
}
