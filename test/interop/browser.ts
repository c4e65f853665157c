import { Visitor } from "../support/person/visitor.ts";
import { PERSON } from "./server.ts";

/** Pages of one login at most. */
const PAGES = 12;

/** Goes on from a page by what it is, as a person who allows everything would; ends at a page that asks for nothing. */
export async function allow(url: string, userCode = ""): Promise<Visitor> {
  const visitor = await new Visitor().open(url);
  for (let pages = 0; pages < PAGES; pages++) {
    if (process.env.INTEROP_LOG !== undefined) process.stderr.write(`page ${visitor.url}\n`);
    const onward = /<meta http-equiv="refresh" content="0; url=([^"]+)"/.exec(visitor.html)?.[1];
    const added = onward === undefined ? answers(visitor.html, userCode) : undefined;
    if (onward !== undefined) await visitor.open(onward.replaceAll("&amp;", "&"));
    else if (added === undefined) return visitor;
    else await visitor.submit(added);
  }
  throw new Error(`after ${PAGES} pages the login is at ${visitor.url.split("?")[0]} still`);
}

/** What a person types and which button is pressed; nothing where there is no form. */
function answers(html: string, userCode: string): Record<string, string> | undefined {
  const form = /<form[\s\S]*?<\/form>/.exec(html)?.[0];
  if (form === undefined) return undefined;
  const typed = { username: PERSON.name, login: PERSON.name, password: PERSON.password, user_code: userCode };
  const asked = Object.entries(typed).filter(([name, value]) => value !== "" && hasField(form, name));
  return { ...Object.fromEntries(asked), ...agreeing(form) };
}

function hasField(form: string, name: string): boolean {
  return new RegExp(`<input[^>]*\\bname="${name}"`).test(form);
}

/** Of several buttons the one that says yes. */
function agreeing(form: string): Record<string, string> {
  const buttons = [...form.matchAll(/<(?:button|input)[^>]*type="submit"[^>]*>|<button[^>]*>/g)].map(([tag]) => tag);
  const says = (tag: string, attribute: string) => new RegExp(`\\b${attribute}="([^"]*)"`).exec(tag)?.[1] ?? "";
  const agrees = (text: string) => /^(accept|allow|yes)/i.test(text);
  const yes = buttons.find((tag) => agrees(says(tag, "name")) || agrees(says(tag, "value")));
  const name = yes === undefined ? "" : says(yes, "name");
  return yes === undefined || name === "" ? {} : { [name]: says(yes, "value") };
}
