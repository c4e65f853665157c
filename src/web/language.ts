import { sayWalk, WALK_LANGUAGES, type WalkLanguage, type WalkMessage } from "../messages/walk/index.ts";

let current: WalkLanguage = "en";

/** The language of the page, as its server has chosen it. */
export function readLanguage(): void {
  current = WALK_LANGUAGES.find((one) => one === document.documentElement.lang) ?? current;
}

/** What is said, in the page's language. */
export function say(said: WalkMessage): string {
  return sayWalk(current, said);
}

/** In the page's own language. */
export function languageName(language: WalkLanguage): string {
  return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
}

/** Milliseconds as minutes and seconds, rounded down. */
export function clockTime(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const two = new Intl.NumberFormat(current, { minimumIntegerDigits: 2 });
  return `${new Intl.NumberFormat(current).format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`;
}

/** What each text of the page says: nothing has to be built anew when the language changes, and nothing typed is lost. */
const told = new WeakMap<Text, WalkMessage>();
const toldBy = new WeakMap<Element, Map<string, WalkMessage>>();

/** A text that follows the page's language. */
export function textNode(said: WalkMessage): Text {
  const text = document.createTextNode(say(said));
  told.set(text, said);
  return text;
}

/** An attribute that does. */
export function tellBy(element: Element, name: string, said: WalkMessage): void {
  element.setAttribute(name, say(said));
  const attributes = toldBy.get(element) ?? new Map();
  toldBy.set(element, attributes.set(name, said));
}

/** Says all of the page in another language, and keeps that in the address. */
export function changeLanguage(language: WalkLanguage): void {
  current = language;
  document.documentElement.lang = language;
  const url = new URL(location.href);
  url.searchParams.set("lang", language);
  history.replaceState(null, "", url);
  const nodes = document.createTreeWalker(document, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
    const said = node instanceof Text ? told.get(node) : undefined;
    if (said) node.nodeValue = say(said);
    const attributes = node instanceof Element ? toldBy.get(node) : undefined;
    for (const [name, text] of attributes ?? []) (node as Element).setAttribute(name, say(text));
  }
}
