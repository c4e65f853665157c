import { join } from "node:path";
import { CliError } from "../frame/fail.ts";
import { stateFolder } from "./folders.ts";
import { readOwn, updatePrivate } from "./private-file.ts";
import { isSameBroker } from "./same-broker.ts";

/** Tokens of the API that logins brought, by the address of their broker; 0600. */
type Tokens = Readonly<Record<string, string>>;

export function operatorTokensPath(): string {
  return join(stateFolder(), "operator-tokens.json");
}

/** The token of a login at a broker, if there was one; whether it still holds the broker says. */
export function keptOperatorToken(address: string): string | undefined {
  return Object.entries(parse(readOwn(operatorTokensPath()))).find(([one]) => isSameBroker(one, address))?.[1];
}

/** In the place of an earlier one; undefined: there is none any more. */
export function keepOperatorToken(address: string, token: string | undefined): void {
  updatePrivate(operatorTokensPath(), (text) => {
    const others = Object.entries(parse(text)).filter(([one]) => !isSameBroker(one, address));
    const all = token === undefined ? others : [...others, [address, token]];
    return `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`;
  });
}

function parse(text: string | undefined): Tokens {
  if (text === undefined) return {};
  const unreadable = (cause: string) => new CliError("file_unreadable", `${operatorTokensPath()} ${cause}: remove it`);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw unreadable("is not valid JSON");
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) throw unreadable("holds no tokens");
  const tokens = Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(tokens);
}
