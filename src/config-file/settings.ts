import { dirname, resolve } from "node:path";
import { mountsOf } from "../mount-names.ts";
import { LIMITS, parseLimits } from "../process/limits.ts";
import { parseListen, socketRights } from "../process/listening.ts";
import { proxiesOf } from "../process/proxies.ts";
import { SERVE_SETTINGS, SETTING_ENTRIES, type ServeSetting, type SettingKey } from "../process/serve-settings.ts";
import { hostsOf, logLevelOf, networksOf, originsOf, parsePublicUrl } from "../process/setting-values.ts";
import { endpointsOf } from "../process/webhooks.ts";
import { didYouMean } from "../providers/nearest.ts";
import { parseDatabaseUrl } from "../store/postgres/url.ts";
import { telemetryOf } from "../telemetry/settings.ts";
import type { Mistake, Placed, PlacedMember } from "./document.ts";

/** The settings of a file as the variables that would say the same. */
export interface FileSettings {
  readonly variables: Readonly<Record<string, string>>;
  readonly mistakes: readonly Mistake[];
}

/** Keys of a file that are no settings: what editors look up, and what is declared. */
const OTHERS = ["$schema", "servers", "mount_servers", "audit"];

/** One key of a file, and what it fills. */
export interface FileKey extends Pick<ServeSetting, "kind" | "text"> {
  readonly variable: string;
  readonly setting: SettingKey;
}

/** Secrets that may have a form which is none: `file:PATH`, a database that asks for no password. */
const HARMLESS: ReadonlySet<SettingKey> = new Set(["key", "database"]);

/** Every setting that a file may have, by its key. */
export const FILE_KEYS: ReadonlyMap<string, FileKey> = new Map(SETTING_ENTRIES.flatMap(keysOf));

function keysOf([setting, row]: (typeof SETTING_ENTRIES)[number]): readonly (readonly [string, FileKey])[] {
  const { variable, notInFile, kind, text } = row;
  if (notInFile !== undefined || variable === undefined) return [];
  const plain = [setting, { kind, text, variable, setting }] as const;
  if (kind !== "secret") return [plain];
  const file = {
    kind: "path",
    text: `path of a file that holds it: ${text}`,
    variable: `${variable}_FILE`,
    setting,
  } as const;
  return [...(HARMLESS.has(setting) ? [plain] : []), [`${setting}_file`, file]];
}

/** Throws nothing: all that is wrong is among the mistakes. Opens no file that it names, so that it may be checked anywhere. */
export function settingsIn(members: readonly PlacedMember[], path: string): FileSettings {
  const variables: Record<string, string> = {};
  const mistakes: Mistake[] = [];
  for (const { key, at, value } of members) {
    if (OTHERS.includes(key)) continue;
    const known = FILE_KEYS.get(key);
    const wrong = (text: string, place = value.at) => void mistakes.push({ ...place, text });
    if (!known) {
      wrong(strangerText(key), at);
      continue;
    }
    const text = textOf(known, value, path);
    const problem = text === undefined ? `"${key}" must be ${EXPECTED[known.kind]}` : problemOf(key, known, text);
    if (problem !== undefined) wrong(problem);
    else if (variables[known.variable] === undefined) variables[known.variable] = text ?? "";
  }
  return { variables, mistakes };
}

function strangerText(key: string): string {
  const [, row] = SETTING_ENTRIES.find(([setting]) => setting === key) ?? [];
  if (row?.notInFile !== undefined) return `"${key}" does not belong into a file: ${row.notInFile}`;
  if (row?.kind === "secret") return secretText(key);
  return unknownText(key, [...FILE_KEYS.keys(), ...OTHERS]);
}

/** Of a key that is none of the known ones. */
export function unknownText(key: string, known: readonly string[]): string {
  return `"${key}" is not known${didYouMean(key, known)}`;
}

const EXPECTED: Readonly<Record<ServeSetting["kind"], string>> = {
  text: "a text",
  path: "a text: the path of a file or folder",
  secret: "a text",
  list: "a text, or a list of texts",
  sockets: "a text, or a list of texts",
  switch: "true or false",
  "on-off": "true or false",
  limits: `an object of whole numbers: ${Object.keys(LIMITS).join(", ")}`,
  seconds: "a whole number of seconds, from 1 to 999999999",
};

/** As the variable has it; undefined where the value is of another kind. */
function textOf({ kind }: FileKey, value: Placed, path: string): string | undefined {
  if (kind === "limits") return limitsOf(value);
  if (kind === "list" || kind === "sockets") {
    const elements = value.type === "array" ? value.elements : [value];
    const texts = elements.map((one) =>
      one.type === "value" && typeof one.value === "string" ? one.value : undefined,
    );
    const isWrong = texts.some(
      (text) => text === undefined || text === "" || (value.type === "array" && text.includes(",")),
    );
    return isWrong ? undefined : texts.map((text = "") => fromFile(kind, text, path)).join(",");
  }
  if (value.type !== "value") return undefined;
  const { value: plain } = value;
  if (kind === "switch") return typeof plain === "boolean" ? String(plain) : undefined;
  if (kind === "on-off") return typeof plain === "boolean" ? (plain ? "on" : "off") : undefined;
  if (kind === "seconds") return isCount(plain) ? String(plain) : undefined;
  return typeof plain === "string" && plain !== "" ? fromFile(kind, plain, path) : undefined;
}

/** Paths count from the folder of the file that has them. */
function fromFile(kind: ServeSetting["kind"], text: string, path: string): string {
  if (kind === "path") return resolve(dirname(path), text);
  const [, prefix, named] = /^(unix:|file:)(.+)$/.exec(text) ?? [];
  const isPath = named !== undefined && (kind === "sockets" || kind === "secret");
  return isPath ? `${prefix}${resolve(dirname(path), named)}` : text;
}

function limitsOf(value: Placed): string | undefined {
  if (value.type !== "object") return undefined;
  const parts = value.members.map(({ key, value: one }) => `${key}=${one.type === "value" ? one.value : ""}`);
  return parts.some((part) => /[\s,]/.test(part)) ? undefined : parts.join(",");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 999_999_999;
}

/** What `serve` would say to it, in the words of the file. */
function problemOf(key: string, { setting, variable }: FileKey, text: string): string | undefined {
  if (key !== setting) return undefined;
  try {
    CHECKS[setting]?.(text);
    return undefined;
  } catch (error) {
    const { flag = variable }: ServeSetting = SERVE_SETTINGS[setting];
    const names = [variable, flag.split(" ")[0] ?? variable];
    const said = names.reduce((message, name) => message.replaceAll(name, `"${key}"`), (error as Error).message);
    return said.includes(`"${key}"`) ? said : `"${key}": ${said}`;
  }
}

const CHECKS: Readonly<Partial<Record<SettingKey, (text: string) => unknown>>> = {
  listen: eachSocket("--listen"),
  metrics_listen: eachSocket("--metrics-listen"),
  socket_mode: (text) => socketRights(text, undefined),
  public_url: parsePublicUrl,
  allow_networks: (text) => networksOf("--allow-networks", text),
  trusted_proxies: (text) => networksOf("--trusted-proxies", text),
  allow_origins: originsOf,
  allow_hosts: hostsOf,
  mounts: mountsOf,
  limits: parseLimits,
  webhooks: endpointsOf,
  log_level: logLevelOf,
  otel_exporter_otlp_endpoint: sentBy("OTEL_EXPORTER_OTLP_ENDPOINT"),
  otel_traces_exporter: sentBy("OTEL_TRACES_EXPORTER"),
  otel_metrics_exporter: sentBy("OTEL_METRICS_EXPORTER"),
  https_proxy: requireNoPassword("HTTPS_PROXY"),
  http_proxy: requireNoPassword("HTTP_PROXY"),
  key: (text) => refuse(!text.startsWith("file:"), `${secretText("key")}, or give "file:PATH"`),
  database: (text) => refuse(parseDatabaseUrl(text).password !== undefined, secretText("database")),
};

function refuse(isWrong: boolean, text: string): void {
  if (isWrong) throw new Error(text);
}

/** Of a secret that stands in the file: never shows any of it. */
export function secretText(key: string): string {
  return `"${key}" is a secret, which must not stand in this file: write it into a file of its own, and name that with "${key}_file"`;
}

function requireNoPassword(variable: string): (text: string) => void {
  return (text) => {
    refuse(
      text.includes("@"),
      "a name or password must not stand in this file: set the variable in the environment of the service",
    );
    proxiesOf({ [variable]: text });
  };
}

function sentBy(variable: string): (text: string) => void {
  return (text) => void telemetryOf({ [variable]: text });
}

function eachSocket(flag: string): (list: string) => void {
  return (list) => {
    for (const text of list.split(",")) parseListen(text, {}, flag);
  };
}
