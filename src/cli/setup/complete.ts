/**
 * What a shell asks for when somebody presses Tab: names, one a line. It never says an error, asks nothing of a person, starts
 * nothing, and has ended within a second, or what COATCHECK_COMPLETION_TIMEOUT says.
 */
import { type Operator, operator } from "../../client/index.ts";
import { systemClock } from "../../process/clock.ts";
import { brokerAddress, connectionTo, OWN } from "../connect/broker.ts";
import { findOwnBroker, ownToken } from "../connect/own-broker.ts";
import { socketFetch } from "../connect/unix-socket.ts";
import { environment } from "../frame/environment.ts";
import { createOutput } from "../frame/output.ts";
import { readSecretFiles } from "../frame/secret-files.ts";
import { readSessions } from "../kept/sessions-file.ts";
import { type Names, namesAt } from "./completion-names.ts";

/** A person waits for it at every key. Milliseconds. */
const LONGEST_MS = 800;

/** More are no help to anybody. */
const MOST = 200;

/** What a shell can take as a word as it is: nothing in it is expanded, split or run. */
const PLAIN = /^[\p{L}\p{N}_@%+=:,./-]+$/u;

/** Answers what stands behind `path`, the commands that were typed; `previous` is the word before the one that is typed now. */
export async function complete([path = "", previous = "", typed = ""]: readonly string[]): Promise<void> {
  const seconds = Number(environment().COATCHECK_COMPLETION_TIMEOUT);
  const end = systemClock.after(seconds > 0 ? seconds * 1_000 : LONGEST_MS, () => process.exit(0));
  const found = await candidates(namesAt(path, previous), typed).catch(() => []);
  const words = [...new Set(found)].filter((word) => word.startsWith(typed) && PLAIN.test(word)).slice(0, MOST);
  if (words.length > 0) createOutput({}).result(words, words);
  end();
}

async function candidates(names: Names | undefined, typed: string): Promise<readonly string[]> {
  switch (names) {
    case undefined:
      return [];
    case "logins":
      return Object.keys(readSessions());
    case "logins or credentials":
      return typed.includes("/") ? paths(typed) : Object.keys(readSessions());
    case "servers":
      return servers();
    case "credentials":
      return (await listed("oauth2/creds/", typed)).map((path) => path.slice("oauth2/creds/".length));
    case "paths":
      return paths(typed);
    default:
      return names satisfies never;
  }
}

/** Those of logins are known here; an operator's broker knows the others. */
async function servers(): Promise<readonly string[]> {
  const known = Object.values(readSessions()).map(({ server }) => server);
  const all = await (await operatorHere())?.servers.list().catch(() => []);
  return [...known, ...(all ?? [])].sort();
}

const FOLDERS = ["oauth2/config", "oauth2/creds/", "oauth2/self/", "oauth2/servers/"];

async function paths(typed: string): Promise<readonly string[]> {
  const folder = FOLDERS.find((one) => one.endsWith("/") && typed.startsWith(one));
  return folder === undefined ? FOLDERS : listed(folder, typed.slice(folder.length));
}

/** Names below a folder of the broker that begin so: byte order brings them right behind what was typed. */
async function listed(folder: string, typed: string): Promise<readonly string[]> {
  const broker = await operatorHere();
  const list = async (after: string) => (await broker?.list(folder, { after, limit: MOST }))?.data?.keys ?? [];
  const keys = (await list(typed)) as readonly string[];
  return keys.map((key) => `${folder}${key}`);
}

/** The broker, if one can be asked without starting it, as its operator. */
async function operatorHere(): Promise<Operator | undefined> {
  readSecretFiles();
  const address = brokerAddress(undefined);
  if (address !== OWN) {
    const token = environment().COATCHECK_OPERATOR_TOKEN;
    return token ? operator({ ...(await connectionTo(address)), token }) : undefined;
  }
  const socket = await findOwnBroker();
  if (socket === undefined) return undefined;
  return operator({ broker: "http://localhost/", fetch: socketFetch(socket), token: ownToken() });
}
