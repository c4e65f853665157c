import { realpathSync } from "node:fs";
import type { Command } from "commander";
import { BIN } from "../frame/bin-path.ts";
import { define, run } from "../frame/command.ts";
import { usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { GIT_KINDS, type GitHost } from "../helpers/git-hosts.ts";
import { tokenSource } from "../helpers/sources.ts";
import { changeSettings, readSettings, type Settings, settingsPath } from "../kept/settings-file.ts";
import { isOnPath, linkPath, makeLink, removeLink } from "../setup/link.ts";
import type { Target, Wanted } from "../setup/target.ts";
import { TARGETS } from "../setup/targets.ts";
import { spanText } from "../terminal/duration.ts";

interface SetupFlags {
  readonly dir?: string;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
  readonly kind?: string;
  readonly username?: string;
  readonly bearer?: boolean;
}

export function setupCommand(): Command {
  const keys = Object.entries(TARGETS).map(([name, { key }]) => `${name} (${key.toUpperCase()})`);
  return define(
    "setup",
    "Tell another program to ask coatcheck for credentials; shows the change before it makes it.",
    [
      ["coatcheck setup git github.com github", "git asks the login github for that host"],
      ["coatcheck setup docker registry.example.com corp", ""],
      ["coatcheck setup kubectl deploy corp", "what is to be pasted is printed"],
      ["coatcheck setup git github.com --undo", "take it back"],
    ],
  )
    .argument("<program>", keys.join(", "))
    .argument("<key>", "what the program names: see there")
    .argument("[name]", "the login that answers (default: the key)")
    .option("--dir <folder>", "folder of the link that the program calls (default: ~/.local/bin, or where it looks)")
    .option("--dry-run", "show the change, and make none")
    .option("--undo", "take it back")
    .option("--kind <name>", `git: what serves it there: ${Object.keys(GIT_KINDS).join(", ")}`)
    .option("--username <name>", "git: the user name beside the token")
    .option("--bearer", "git: the host takes the token as Bearer")
    .option("--no-bearer", "git: it does not; cargo: the registry wants the token alone")
    .action(
      run<SetupFlags>(async (out, [program = "", key = "", name], flags) => {
        const target = Object.hasOwn(TARGETS, program) ? TARGETS[program] : undefined;
        if (!target) throw usage(`"${program}" is not known: ${Object.keys(TARGETS).join(", ")}`);
        const kept = flags.undo ? loginOf(readSettings(), program, key) : undefined;
        const wanted = wantedBy(target, key, name ?? kept ?? key, flags);
        if (flags.undo) undo(out, program, target, wanted);
        else await setUp(out, program, target, wanted, flags);
      }),
    );
}

function wantedBy(target: Target, key: string, name: string, { dir }: SetupFlags): Wanted {
  const link = linkPath(target, name, dir);
  // By its real path: other programs start it from anywhere.
  return { key, name, program: realpathSync(BIN), ...(link !== undefined && { link }) };
}

function loginOf({ credentials }: Settings, program: string, key: string): string | undefined {
  const table = credentials?.[program] ?? {};
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

async function setUp(out: Output, program: string, target: Target, asked: Wanted, flags: SetupFlags): Promise<void> {
  const { key, name, link } = asked;
  const host = DETAILS[program] && gitHost(flags);
  out.note(`${settingsPath()}, credentials.${program}:\n  + "${key}": "${name}"`);
  if (target.change) out.note(target.change.describe(asked));
  if (link !== undefined) out.note(`${link}:\n  + link to ${asked.program}`);
  if (flags.dryRun) out.result("nothing was changed", { changed: false });
  else apply(out, program, target, target.holdsToken ? await withToken(out, asked) : asked, host);
}

async function withToken(out: Output, wanted: Wanted): Promise<Wanted> {
  const { accessToken, expiresIn } = await tokenSource(out, wanted.name)();
  const end = expiresIn === undefined ? "does not end" : `ends in ${spanText(expiresIn)}: run this again then`;
  out.warn(`a token in a file is there for every program of yours; this one ${end}`);
  return { ...wanted, token: accessToken };
}

function apply(out: Output, program: string, target: Target, wanted: Wanted, host: GitHost | undefined): void {
  const { key, name, link } = wanted;
  if (link !== undefined) makeLink(link, wanted.program);
  target.change?.apply(wanted);
  changeSettings((settings) => withEntry(settings, program, wanted, host));
  if (link !== undefined && !target.folder && !isOnPath(link)) {
    out.warn(`${program} finds ${link} only if its folder is in PATH`);
  }
  const paste = target.paste?.(wanted);
  out.result(paste ?? `${program} asks "${name}" for ${key}`, {
    program,
    key,
    name,
    ...(paste !== undefined && { paste }),
  });
}

function undo(out: Output, program: string, target: Target, wanted: Wanted): void {
  const { key, link } = wanted;
  target.change?.undo(wanted);
  let needed = false;
  changeSettings((settings) => {
    const { [key]: _gone, ...rest } = settings.credentials?.[program] ?? {};
    // One link may be for several hosts.
    needed = Object.values(rest).some((name) => target.link?.(name) === target.link?.(wanted.name));
    const details = DETAILS[program];
    const { [key]: _details, ...others } = (details && settings[details]) ?? {};
    return {
      ...settings,
      credentials: { ...settings.credentials, [program]: rest },
      ...(details && { [details]: others }),
    };
  });
  if (link !== undefined && !needed) removeLink(link, wanted.program);
  out.result(`${program} does not ask for ${key} any more`, { program, key, undone: true });
}

/** What is told of a host that is not known by itself. */
function gitHost({ kind, username, bearer }: SetupFlags): GitHost | undefined {
  if (kind !== undefined && !Object.hasOwn(GIT_KINDS, kind)) {
    throw usage(`--kind "${kind}" is not known: ${Object.keys(GIT_KINDS).join(", ")}`);
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

function withEntry(settings: Settings, program: string, { key, name }: Wanted, host: GitHost | undefined): Settings {
  const credentials = { ...settings.credentials, [program]: { ...settings.credentials?.[program], [key]: name } };
  const details = DETAILS[program];
  if (!details || !host) return { ...settings, credentials };
  return { ...settings, credentials, [details]: { ...settings[details], [key]: host } };
}
