import { realpathSync } from "node:fs";
import type { Command } from "commander";
import { BIN } from "./bin-path.ts";
import { define, run } from "./command.ts";
import { usage } from "./fail.ts";
import { changeSettings, type Settings, settingsPath } from "./files/settings-file.ts";
import type { Output } from "./output.ts";
import { isOnPath, linkPath, makeLink, removeLink } from "./setup/link.ts";
import type { Target, Wanted } from "./setup/target.ts";
import { TARGETS } from "./setup/targets.ts";

interface SetupFlags {
  readonly dir?: string;
  readonly undo?: boolean;
  readonly dryRun?: boolean;
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
    .option("--dir <folder>", "folder of the link that the program calls (default: ~/.local/bin)")
    .option("--dry-run", "show the change, and make none")
    .option("--undo", "take it back")
    .option("--username <name>", "git: the user name beside the token")
    .option("--bearer", "git: the host takes the token as Bearer")
    .option("--no-bearer", "git: it does not")
    .action(
      run<SetupFlags>(async (out, [program = "", key = "", name = key], flags) => {
        const target = Object.hasOwn(TARGETS, program) ? TARGETS[program] : undefined;
        if (!target) throw usage(`"${program}" is not known: ${Object.keys(TARGETS).join(", ")}`);
        const wanted = { key, name, program: ownPath() };
        if (flags.undo) undo(out, program, target, wanted, flags);
        else setUp(out, program, target, wanted, flags);
      }),
    );
}

/** By its real path: other programs start it from anywhere. */
function ownPath(): string {
  return realpathSync(BIN);
}

function setUp(out: Output, program: string, target: Target, wanted: Wanted, flags: SetupFlags): void {
  const { key, name } = wanted;
  out.note(`${settingsPath()}, credentials.${program}:\n  + "${key}": "${name}"`);
  if (target.change) out.note(target.change.describe(wanted));
  const link = target.link === undefined ? undefined : linkPath(target.link, flags.dir);
  if (link !== undefined) out.note(`${link}:\n  + link to ${wanted.program}`);
  if (flags.dryRun) out.result("nothing was changed", { changed: false });
  else apply(out, program, target, wanted, flags, link);
}

function apply(
  out: Output,
  program: string,
  target: Target,
  wanted: Wanted,
  flags: SetupFlags,
  link: string | undefined,
): void {
  const { key, name } = wanted;
  if (link !== undefined) makeLink(link, wanted.program);
  target.change?.apply(wanted);
  changeSettings((settings) => withEntry(settings, program, wanted, flags));
  if (link !== undefined && !isOnPath(link)) out.warn(`${program} finds ${link} only if its folder is in PATH`);
  const paste = target.paste?.(wanted);
  out.result(paste ?? `${program} asks "${name}" for ${key}`, {
    program,
    key,
    name,
    ...(paste !== undefined && { paste }),
  });
}

function undo(out: Output, program: string, target: Target, wanted: Wanted, flags: SetupFlags): void {
  target.change?.undo(wanted);
  let others = false;
  changeSettings((settings) => {
    const { [wanted.key]: _gone, ...rest } = settings.credentials?.[program] ?? {};
    const { [wanted.key]: _host, ...hosts } = settings.gitHosts ?? {};
    others = Object.keys(rest).length > 0;
    return {
      ...settings,
      credentials: { ...settings.credentials, [program]: rest },
      ...(program === "git" && { gitHosts: hosts }),
    };
  });
  // The link is for all of the program's hosts.
  if (target.link !== undefined && !others) removeLink(linkPath(target.link, flags.dir), wanted.program);
  out.result(`${program} does not ask for ${wanted.key} any more`, { program, key: wanted.key, undone: true });
}

function withEntry(
  settings: Settings,
  program: string,
  { key, name }: Wanted,
  { username, bearer }: SetupFlags,
): Settings {
  const credentials = { ...settings.credentials, [program]: { ...settings.credentials?.[program], [key]: name } };
  if (program !== "git" || (username === undefined && bearer === undefined)) return { ...settings, credentials };
  const host = { ...(username !== undefined && { username }), ...(bearer !== undefined && { bearer }) };
  return { ...settings, credentials, gitHosts: { ...settings.gitHosts, [key]: host } };
}
