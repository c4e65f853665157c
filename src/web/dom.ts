type Child = Node | string;

/** An element; texts become text nodes, never markup. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** `look`: classes of the style. */
export function button(label: string, look: string, onClick: () => void): HTMLButtonElement {
  const element = el("button", { type: "button", class: look }, label);
  element.addEventListener("click", onClick);
  return element;
}

let fields = 0;

/** A labelled field; `help` is read out with it. */
export function field<Field extends HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(
  label: string,
  input: Field,
  help?: string,
): HTMLDivElement {
  const id = `field-${++fields}`;
  input.id = id;
  const parts: Node[] = [el("label", { for: id }, label), input];
  if (help !== undefined) {
    input.setAttribute("aria-describedby", `${id}-help`);
    parts.push(el("span", { class: "soft", id: `${id}-help` }, help));
  }
  return el("div", {}, ...parts);
}

/** A one-line text field without the browser's help, which would change or keep what is typed. */
export function textInput(value: string): HTMLInputElement {
  const plain = { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  return el("input", { ...plain, value });
}

/** Copies what `text` answers at the click, and says so. */
export function copyButton(label: string, text: () => string): HTMLButtonElement {
  const copy = button(label, "quiet small", () => {
    navigator.clipboard.writeText(text()).then(
      () => copy.replaceChildren("Copied"),
      () => copy.replaceChildren("Copying failed"),
    );
  });
  return copy;
}

/** Rows of a name and a value. */
export function table(caption: string, rows: Iterable<readonly [string, string]>): HTMLTableElement {
  const body = el("tbody");
  for (const [name, value] of rows) body.append(el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)));
  return el("table", {}, el("caption", { class: "hidden" }, caption), body);
}
