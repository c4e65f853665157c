import { message, type WalkMessage } from "../messages/walk/index.ts";
import { tellBy, textNode } from "./language.ts";

/** A text is there as it is; a message in the page's language, also after that has changed. */
type Child = Node | string | WalkMessage;

/** An element; texts become text nodes, never markup. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | WalkMessage>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(name, value);
    else tellBy(element, name, value);
  }
  element.append(...children.map(nodeOf));
  return element;
}

/** What is in an element from now on. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.map(nodeOf));
}

function nodeOf(child: Child): Node | string {
  return typeof child === "string" || child instanceof Node ? child : textNode(child);
}

/** `look`: classes of the style. */
export function button(label: Child, look: string, onClick: () => void): HTMLButtonElement {
  const element = el("button", { type: "button", class: look }, label);
  element.addEventListener("click", onClick);
  return element;
}

let fields = 0;

/** A labelled field; `help` is read out with it. */
export function field<Field extends HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(
  label: Child,
  input: Field,
  help?: Child,
): HTMLDivElement {
  const id = `field-${++fields}`;
  input.id = id;
  const name = el("label", { for: id }, label);
  const isBox = input instanceof HTMLInputElement && input.type === "checkbox";
  const parts: Node[] = isBox ? [el("div", { class: "check" }, input, name)] : [name, input];
  if (help !== undefined) {
    input.setAttribute("aria-describedby", `${id}-help`);
    parts.push(el("span", { class: "soft help", id: `${id}-help` }, help));
  }
  return el("div", {}, ...parts);
}

/** A one-line text field without the browser's help, which would change or keep what is typed. */
export function textInput(value: string): HTMLInputElement {
  const plain = { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  return el("input", { ...plain, value });
}

/** Copies what `text` answers at the click, and says so. */
export function copyButton(label: Child, text: () => string): HTMLButtonElement {
  const copy = button(label, "quiet small", () => {
    navigator.clipboard.writeText(text()).then(
      () => fill(copy, message("copied")),
      () => fill(copy, message("copy.failed")),
    );
  });
  return copy;
}

/** Rows of a name and a value. */
export function table(caption: WalkMessage, rows: Iterable<readonly [string, Child]>): HTMLTableElement {
  const body = el("tbody");
  for (const [name, value] of rows) body.append(el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)));
  return el("table", {}, el("caption", { class: "hidden" }, caption), body);
}

/** A link that leads away, and tells nobody from where. */
export function away(url: string, label: Child = url): HTMLAnchorElement {
  return el("a", { href: url, target: "_blank", rel: "noreferrer" }, label);
}
