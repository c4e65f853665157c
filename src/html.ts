/** What may be put into a template: text from anywhere, and HTML that `html` or `trusted` made. */
type Value = string | number | Html | undefined | false | readonly Value[];

/** HTML in which every value is escaped already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * HTML from a template. A value is text, escaped for content and for quoted attributes alike, unless it is `Html` itself; a
 * list is its members; undefined and false are nothing.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((text, part, index) => `${text}${textOf(values[index - 1])}${part}`));
}

/** A style, script or piece of HTML of our own, put in as it is. */
export function trusted(text: string): Html {
  return new Html(text);
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Html) return value.text;
  return typeof value === "object" ? value.map(textOf).join("") : escaped(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
