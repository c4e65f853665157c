import { type Html, html } from "../html.ts";
import type { Heading, Rendered } from "./content.ts";
import { type Part, slugOf } from "./markdown.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: Schema | boolean;
  readonly default?: unknown;
  readonly $ref?: string;
}

interface Content {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly (Schema & { readonly name: string; readonly in: string; readonly schema?: Schema })[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const TITLE = "API reference";

/** Every request of the OpenAPI document: what it takes, what it answers. */
export function renderReference(text: string): Rendered & { readonly parts: readonly Part[] } {
  const { paths } = JSON.parse(text) as Document;
  const tags = new Map<
    string,
    { readonly heading: Heading; readonly method: string; readonly path: string; readonly operation: Operation }[]
  >();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (typeof operation !== "object" || operation.operationId === undefined) continue;
      const tag = operation.tags?.[0] ?? "other";
      const { put, post } = methods;
      // Vault's clients write with either; it is the same request.
      const isTwice = put !== undefined && put.summary === post?.summary;
      if (isTwice && method === "post") continue;
      const name = isTwice && method === "put" ? "PUT, POST" : method.toUpperCase();
      const heading = { id: operation.operationId, text: `${name} ${path}`, depth: 3 };
      tags.set(tag, [...(tags.get(tag) ?? []), { heading, method, path, operation }]);
    }
  }
  const title: Heading = { id: slugOf(TITLE), text: TITLE, depth: 1 };
  const headings: Heading[] = [title];
  const parts: Part[] = [{ heading: title, text: "every request, its fields and its answers" }];
  const body = [...tags].map(([tag, operations]) => {
    const group: Heading = { id: slugOf(tag), text: tag, depth: 2 };
    headings.push(group);
    return html`<h2 id="${group.id}">${tag}</h2>\n${operations.map(({ heading, operation }) => {
      headings.push(heading);
      parts.push({ heading, text: wordsOf(operation) });
      return operationView(heading, operation);
    })}`;
  });
  const page = html`<h1 id="${title.id}">${TITLE}</h1>
<p>Made from <a href="/docs/openapi.json">openapi.json</a> (OpenAPI 3.1), which a running broker has at
<code>/v1/sys/internal/specs/openapi</code> as well. <a href="/docs/api">The API</a> says how it is used.</p>
${body}`;
  return { title: TITLE, html: page.text, headings, parts };
}

function wordsOf({ summary = "", description = "", parameters = [], requestBody }: Operation): string {
  const fields = rowsOf(schemaOf(requestBody)).map(({ name, about }) => `${name} ${about}`);
  return [summary, description, ...parameters.map(({ name }) => name), ...fields].join(" ");
}

function operationView({ id, text }: Heading, operation: Operation): Html {
  const { summary, description, parameters = [], requestBody, responses, security } = operation;
  const inAddress = parameters.map(({ name, in: place, description: about = "", schema = {} }) => ({
    name,
    type: `${typeOf(schema)}, ${place}`,
    about: about || (schema.description ?? ""),
  }));
  const refusals = Object.entries(responses).filter(([status]) => status >= "400");
  const answers = Object.entries(responses).filter(([status]) => status < "400");
  return html`<h3 id="${id}"><code>${text}</code> <a class="anchor" href="#${id}" aria-hidden="true" tabindex="-1">#</a></h3>
${summary && html`<p>${summary}.${security?.length === 0 && " Needs no token."}</p>`}${description && description !== summary && html`<p>${description}</p>`}
${tableOf("Parameters", inAddress)}${tableOf("Fields of the body", rowsOf(schemaOf(requestBody)))}
${answers.map(([status, answer]) => html`<p><strong>${status}</strong> ${answer.description ?? ""}</p>${tableOf(`Answer ${status}`, rowsOf(schemaOf(answer)))}`)}
${refusals.length > 0 && html`<p class="soft small">Refusals: ${refusals.map(([status]) => status).join(", ")}; see <a href="/docs/errors">errors</a>.</p>`}
`;
}

const schemaOf = (content: Content | undefined): Schema => Object.values(content?.content ?? {})[0]?.schema ?? {};

interface Row {
  readonly name: string;
  readonly type: string;
  readonly about: string;
}

/** How deep members are named: `data.key_info` and its members. */
const DEEPEST = 3;

function rowsOf(schema: Schema, prefix = "", depth = 1): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, one]) => {
    const name = prefix + key;
    const usual = one.default === undefined ? "" : `; by default ${JSON.stringify(one.default)}`;
    const row = { name, type: typeOf(one), about: `${one.description ?? ""}${usual}` };
    return depth < DEEPEST
      ? [row, ...rowsOf(one, `${name}.`, depth + 1), ...rowsOf(one.items ?? {}, `${name}[].`, depth + 1)]
      : [row];
  });
}

function typeOf({ type, format, items, enum: values, const: only, anyOf }: Schema): string {
  if (only !== undefined) return JSON.stringify(only);
  if (values) return values.map((value) => JSON.stringify(value)).join(", ");
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(" or ");
  if (items) return `list of ${typeOf(items)}`;
  const name = type === undefined ? "any" : [type].flat().join(" or ");
  return format === undefined ? name : `${name} (${format})`;
}

function tableOf(caption: string, rows: readonly Row[]): Html | false {
  if (rows.length === 0) return false;
  return html`<div class="table" role="region" tabindex="0" aria-label="${caption}"><table><thead><tr><th scope="col">${caption}</th><th scope="col">Type</th><th scope="col">About</th></tr></thead><tbody>
${rows.map(({ name, type, about }) => html`<tr><td><code>${name}</code></td><td>${type}</td><td>${about}</td></tr>\n`)}</tbody></table></div>
`;
}
