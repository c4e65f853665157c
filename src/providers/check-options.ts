import { reservedIn } from "../protocol/authorization-url.ts";
import { isResource, plainName, reservedParameter } from "../protocol/extra-parameters.ts";
import { parseJsonObject } from "../protocol/response/json.ts";
import { apiServerNameProblem, apiServerProblem, isNamePattern } from "./api-server-name.ts";
import { listOf } from "./expand.ts";
import { didYouMean } from "./nearest.ts";
import type { OptionRule, Provider } from "./provider.ts";
import { parseRotation } from "./rotation.ts";

/** What is wrong with a server's options, in the words of oauthapp.md section 9; undefined when nothing is. */
export function checkServerOptions(
  provider: Provider,
  options: Readonly<Record<string, string>>,
  { allowHttp }: { allowHttp: boolean },
): string | undefined {
  const rules = provider.options ?? {};
  const names = Object.keys(options);
  if (names.length > 0 && Object.keys(rules).length === 0) return "options provided but none accepted";
  const stranger = names.find((name) => !Object.hasOwn(rules, name));
  if (stranger !== undefined) {
    return `option "${stranger}": not accepted by this provider${didYouMean(stranger, Object.keys(rules))}`;
  }
  return firstProblem(rules, options, allowHttp) ?? apiServerProblem(provider, options, allowHttp);
}

/** Whether a server's record must name its client: neither is one registered for it, nor for each login. */
export function needsClientId(
  { apiServer }: Provider,
  { registration = "" }: Readonly<Record<string, string>>,
): boolean {
  return !apiServer && registration !== "dynamic" && registration !== "renew";
}

/** What is wrong with the options of a credential or a link; those the provider does not know mean nothing to it. */
export function checkCredentialOptions(
  provider: Provider,
  server: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string>>,
  { allowHttp }: { allowHttp: boolean },
): string | undefined {
  return (
    firstProblem(provider.credentialOptions ?? {}, options, allowHttp) ??
    (provider.apiServer && apiServerNameProblem(provider.apiServer, server, options, allowHttp))
  );
}

function firstProblem(
  rules: Readonly<Record<string, OptionRule>>,
  options: Readonly<Record<string, string>>,
  allowHttp: boolean,
): string | undefined {
  for (const [name, rule] of Object.entries(rules)) {
    const isNeedless = (options[rule.requiredUnless ?? ""] ?? "") !== "";
    const value = options[name] ?? "";
    const problem = value === "" && isNeedless ? undefined : checkOption(rule, value, allowHttp);
    if (problem !== undefined) return `option "${name}": ${problem}`;
  }
  return undefined;
}

function checkOption(rule: OptionRule, value: string, allowHttp: boolean): string | undefined {
  if (value === "") return rule.required;
  switch (rule.kind) {
    case "url":
      return isUsableUrl(value, allowHttp) ? undefined : "must be an https URL";
    case "choice":
      return rule.choices?.includes(value) ? undefined : (rule.invalid ?? choiceProblem(rule));
    case "list": {
      const stranger = listOf(value).find((part) => !rule.choices?.includes(part));
      return stranger === undefined ? undefined : `${rule.invalid} "${stranger}"`;
    }
    case "rotation":
      return parseRotation(value) ? undefined : rule.invalid;
    case "text": {
      const fits = rule.pattern === undefined || new RegExp(`^(?:${rule.pattern})$`).test(value);
      return fits ? undefined : rule.invalid;
    }
    case "names": {
      const stranger = listOf(value).find((part) => !isNamePattern(part));
      return stranger === undefined ? undefined : `${rule.invalid} "${stranger}"`;
    }
    case "uris": {
      const stranger = listOf(value).find((part) => !isResource(part));
      return stranger === undefined ? undefined : `must be absolute URIs without fragment, not "${stranger}"`;
    }
    case "parameters":
      return parametersProblem(value);
    case "link-parameters":
      return linkParametersProblem(value);
    case "object":
      return objectProblem(rule, value);
    default:
      return rule.kind satisfies never;
  }
}

/** They are sent beside the broker's own, so none may take the place of one. */
function parametersProblem(text: string): string | undefined {
  const members = Object.entries(parseJsonObject(text) ?? { "": 0 });
  if (members.some(([name, value]) => name === "" || typeof value !== "string")) {
    return "must be a JSON object of texts";
  }
  const reserved = reservedParameter(members.map(([name]) => name));
  if (reserved === undefined) return undefined;
  const own = plainName(reserved);
  const instead = own === "audience" || own === "resource" ? `: use the option "${own}"` : "";
  return `must not contain "${reserved}"${instead}`;
}

/** MCP-L7: whatever an authorization endpoint may be told, but what the broker itself says there. */
function linkParametersProblem(text: string): string | undefined {
  const members = parseJsonObject(text) ?? { "": 0 };
  if (Object.entries(members).some(([name, value]) => name === "" || typeof value !== "string"))
    return "must be a JSON object of texts";
  const reserved = reservedIn(members as Record<string, string>, true) ?? ownOfLinks(Object.keys(members));
  return reserved === undefined ? undefined : `must not contain "${reserved}"`;
}

/** Those with an option of their own. */
function ownOfLinks(names: readonly string[]): string | undefined {
  return names.find((name) => plainName(name) === "scope" || plainName(name) === "resource");
}

function objectProblem({ values }: OptionRule, text: string): string | undefined {
  const object = parseJsonObject(text);
  if (!object) return "must be a JSON object";
  const isOne = (value: unknown) => typeof value === "string" && values?.includes(value);
  const stranger = Object.entries(object).find(([, value]) => values && !isOne(value));
  return stranger && `"${stranger[0]}" must be one of ${values?.join(", ")}`;
}

function choiceProblem({ choices = [] }: OptionRule): string {
  return `expected one of ${choices.map((choice) => `"${choice}"`).join(" or ")}`;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Absolute https without user information and fragment; http only to loopback, where the process allows it. */
function isUsableUrl(text: string, allowHttp: boolean): boolean {
  // The parser forgives blanks and missing slashes, but the text itself is stored, compared and prefixed.
  if (!/^https?:\/\/[^\s\\#]+$/i.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  if (username !== "" || password !== "") return false;
  return protocol === "https:" || (protocol === "http:" && allowHttp && LOOPBACK.test(hostname));
}
