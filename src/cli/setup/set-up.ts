/**
 * How another program is told to ask us: what is written down here, in the program's own files, or shown for pasting. What
 * the program says then is helpers/'s.
 */
import { realpathSync } from "node:fs";
import { findLogin } from "../connect/find-login.ts";
import { BIN } from "../frame/bin-path.ts";
import { usage } from "../frame/fail.ts";
import type { Lines, Output } from "../frame/output.ts";
import { GIT_KINDS, type GitHost } from "../helpers/git-hosts.ts";
import { readSessions } from "../kept/sessions-file.ts";
import { changeSettings, readSettings, type Settings, settingsPath } from "../kept/settings-file.ts";
import { spanText } from "../terminal/duration.ts";
import { tokenSource } from "../tokens/token-source.ts";
import { isOnPath, linkPath, makeLink, removeLink } from "./link.ts";
import type { Entry, Target } from "./target.ts";

/** The options of `setup`, as typed. */
export interface SetupFlags {
  readonly dir?: string;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly kind?: string;
  readonly username?: string;
  readonly bearer?: boolean;
}

/** What is set up: the program by its name, how it is told, and what is written down of it. */
interface Setup {
  readonly program: string;
  readonly target: Target;
  readonly entry: Entry;
}

/** What stands without quotes in a shell, in YAML, in TOML and in JSON. */
const BARE = /^[\w.@:/+-]+$/;

/**
 * What was typed, with the key as the program will ask for it; without a login's name it is the one that answers already, else
 * it is named as the key. Throws for a key that the program never asks for, and for a login that is not there.
 */
export function setupOf(
  program: string,
  target: Target,
  [typed = "", name]: readonly string[],
  { dir, undo }: SetupFlags,
): Setup {
  const answering = undo ? loginOf(readSettings(), program, typed) : undefined;
  // An earlier version may have written down what was typed.
  const key = answering === undefined ? target.normal(typed) : typed;
  const login = name ?? answering ?? (undo ? loginOf(readSettings(), program, key) : undefined) ?? key;
  if (!undo) findLogin(readSessions(), login);
  if (!undo && target.paste && !BARE.test(login)) {
    throw usage(
      `"${login}" cannot stand in what is pasted: name the login with letters, digits and . _ - @ : / + alone`,
    );
  }
  const link = linkPath(target, login, dir);
  // By its real path: other programs start it from anywhere.
  return { program, target, entry: { key, name: login, bin: realpathSync(BIN), ...(link !== undefined && { link }) } };
}

function loginOf({ credentials }: Settings, program: string, key: string): string | undefined {
  const table = credentials?.[program] ?? {};
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Shows the change, and makes it unless it is only to be shown. */
export async function setUp(out: Output, setup: Setup, flags: SetupFlags): Promise<void> {
  const { program, target, entry } = setup;
  const host = DETAILS[program] && gitHost(flags);
  out.note([`${settingsPath()}, credentials.${program}:`, `  + "${entry.key}": "${entry.name}"`]);
  if (target.change) out.note(target.change.describe(entry));
  if (entry.link !== undefined) out.note([`${entry.link}:`, `  + link to ${entry.bin}`]);
  if (flags.dryRun) out.result("nothing was changed", { changed: false });
  else apply(out, { program, target, entry: target.holdsToken ? await withToken(out, entry) : entry }, host);
}

async function withToken(out: Output, entry: Entry): Promise<Entry> {
  const { accessToken, expiresIn } = await tokenSource(out, entry.name)();
  const end =
    expiresIn === undefined ? "does not expire" : `expires in ${spanText(expiresIn)}: run this command again then`;
  out.warn(`every program that you run can read a token in a file; this one ${end}`);
  return { ...entry, token: accessToken };
}

function apply(out: Output, { program, target, entry }: Setup, host: GitHost | undefined): void {
  const { key, name, link } = entry;
  if (link !== undefined) makeLink(link, entry.bin);
  target.change?.apply(entry);
  changeSettings((settings) => withEntry(settings, program, entry, host));
  if (link !== undefined && !target.folder && !isOnPath(link)) {
    out.warn(`${program} can find ${link} only if its folder is in PATH`);
  }
  const paste = target.paste?.(entry);
  const pasted = paste === undefined ? {} : { paste };
  const told = paste?.split("\n") ?? `${program} now uses the login "${name}" for ${key}`;
  out.result(told, { program, key, name, ...pasted });
}

/** Takes away what was set up for that key, and says what is left for a person to take away. */
export function undoSetup(out: Output, setup: Setup): void {
  const { program, target, entry } = setup;
  const { key, link, bin } = entry;
  const found = loginOf(readSettings(), program, key) !== undefined;
  target.change?.undo(entry);
  const others = withoutEntry(setup);
  // One link may be for several hosts.
  const needed = others.some((name) => target.link?.(name) === target.link?.(entry.name));
  if (link !== undefined && !needed && !removeLink(link, bin)) {
    out.warn(`${link} was not made by this setup, and stays`);
  }
  const pasted = found && !(target.pastedOnce && others.length > 0) ? target.paste?.(entry) : undefined;
  out.result(undone(setup, found, pasted), { program, key, undone: found, ...(pasted !== undefined && { pasted }) });
}

/** Answers the logins of the keys that are left. */
function withoutEntry({ program, entry: { key } }: Setup): readonly string[] {
  let names: readonly string[] = [];
  changeSettings((settings) => {
    const { [key]: _gone, ...rest } = settings.credentials?.[program] ?? {};
    names = Object.values(rest);
    const details = DETAILS[program];
    const { [key]: _details, ...others } = (details && settings[details]) ?? {};
    return {
      ...settings,
      credentials: { ...settings.credentials, [program]: rest },
      ...(details && { [details]: others }),
    };
  });
  return names;
}

function undone({ program, entry: { key } }: Setup, found: boolean, pasted: string | undefined): Lines {
  if (!found) return `nothing was set up for ${program} and ${key}`;
  if (pasted === undefined) return `${program} no longer asks Coatcheck for ${key}`;
  return [
    `Coatcheck no longer answers ${program} for ${key}. ${program} still asks until you remove what you pasted:`,
    ...pasted.split("\n"),
  ];
}

/** What is told of a host that is not known by itself. */
function gitHost({ kind, username, bearer }: SetupFlags): GitHost | undefined {
  if (kind !== undefined && !Object.hasOwn(GIT_KINDS, kind)) {
    throw usage(`unknown --kind "${kind}": give ${Object.keys(GIT_KINDS).join(", ")}`);
  }
  const host = {
    ...GIT_KINDS[kind ?? ""],
    ...(username !== undefined && { username }),
    ...(bearer !== undefined && { bearer }),
  };
  return Object.keys(host).length === 0 ? undefined : host;
}

/** Where it is kept how a host or registry wants its token. */
const DETAILS: Readonly<Record<string, "gitHosts" | "cargoRegistries">> = {
  git: "gitHosts",
  cargo: "cargoRegistries",
};

function withEntry(settings: Settings, program: string, { key, name }: Entry, host: GitHost | undefined): Settings {
  const credentials = { ...settings.credentials, [program]: { ...settings.credentials?.[program], [key]: name } };
  const details = DETAILS[program];
  if (!details || !host) return { ...settings, credentials };
  return { ...settings, credentials, [details]: { ...settings[details], [key]: host } };
}
