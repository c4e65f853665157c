import type { Entity } from "../token.ts";
import { PolicyProblem } from "./scan.ts";

/** A rule, of which only the path counts here. */
interface Named {
  readonly path: string;
}

const [OPEN, CLOSE] = ["{{", "}}"];

/** Text, and every second part an expression. Throws `PolicyProblem` for one that nobody knows. */
function partsOf(path: string): readonly string[] {
  const [first = "", ...rest] = path.split(OPEN);
  return [
    first,
    ...rest.flatMap((one) => {
      const [expression = "", text, ...more] = one.split(CLOSE);
      if (text === undefined || more.length > 0) throw new PolicyProblem(`"${OPEN}" and "${CLOSE}" must come in pairs`);
      return [known(expression.trim()), text];
    }),
  ];
}

function known(expression: string): string {
  const [identity, entity, field, ...rest] = expression.split(".");
  const isOfEntity = identity === "identity" && entity === "entity";
  const isKnown =
    ((field === "id" || field === "name") && rest.length === 0) ||
    (field === "metadata" && rest.length > 0) ||
    (field === "aliases" && ((rest[1] === "name" && rest.length === 2) || (rest[1] === "metadata" && rest.length > 2)));
  if (isOfEntity && isKnown) return expression;
  throw new PolicyProblem(
    "a template can be identity.entity.id, .name, .metadata.KEY, .aliases.ACCESSOR.name or .aliases.ACCESSOR.metadata.KEY",
  );
}

function valueIn(expression: string, { id, name, metadata, aliases }: Entity): string | undefined {
  const [, , field, ...rest] = expression.split(".");
  if (field === "id") return id;
  if (field === "name") return name;
  if (field === "metadata") return own(metadata, rest.join("."));
  const [accessor = "", of, ...key] = rest;
  const alias = own(aliases, accessor);
  return of === "name" ? alias?.name : own(alias?.metadata ?? {}, key.join("."));
}

function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Throws `PolicyProblem`. */
export function checkTemplate(path: string): void {
  partsOf(path);
}

export function isTemplate({ path }: Named): boolean {
  return path.includes(OPEN);
}

/** What would be a wildcard, another segment, or the end of one. */
const MEANS_MORE = ["*", "+", "/"];

/** For whoever holds a token; a path without its value, or with one that would be a pattern, is nobody's (vault-http.md 6.3). */
export function filledIn<Rule extends Named>(rules: readonly Rule[], entity: Entity | undefined): readonly Rule[] {
  return rules.flatMap((rule) => {
    if (!isTemplate(rule)) return [rule];
    const parts = partsOf(rule.path).map((part, at) => (at % 2 === 0 ? part : entity && valueIn(part, entity)));
    const isFull = parts.every(
      (part, at) =>
        part !== undefined && (at % 2 === 0 || (part !== "" && !MEANS_MORE.some((one) => part.includes(one)))),
    );
    const path = parts.join("");
    const isForeign = ownNames(path) > ownNames(parts.map((part, at) => (at % 2 === 0 ? part : "_")).join(""));
    return isFull && !isForeign ? [{ ...rule, path }] : [];
  });
}

/** Of the folder of sessions' logins beside those of credentials, and of what a proxy may read as another path: nobody is called so (ST-122). */
const OWN_NAMES = ["session", ".", ".."];

function ownNames(path: string): number {
  return path.split("/").filter((segment) => OWN_NAMES.includes(segment.replace(/\*$/, ""))).length;
}
