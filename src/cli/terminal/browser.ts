import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { startProgram } from "../frame/children.ts";
import { type Environment, environment } from "../frame/environment.ts";

/** A program that shows a page, with its arguments before the address. */
export interface Browser {
  readonly program: string;
  readonly args: readonly string[];
}

/** The machine as far as the question is concerned: tests describe others. */
export interface Machine {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly terminal: boolean;
  exists(path: string): boolean;
}

/** They would draw into the terminal that the login is shown in. */
const TEXT_BROWSERS: ReadonlySet<string> = new Set(["lynx", "w3m", "links", "elinks", "www-browser"]);

const WINDOWS: Browser = { program: "rundll32", args: ["url.dll,FileProtocolHandler"] };

export function thisMachine(): Machine {
  return {
    env: environment(),
    platform: process.platform,
    terminal: process.stderr.isTTY === true,
    exists: existsSync,
  };
}

/** The browser that a person at this terminal would see, or none: then the device flow needs none (docs/cli.md). */
export function findBrowser(machine: Machine): Browser | undefined {
  const { env, platform, terminal } = machine;
  if (env.COATCHECK_BROWSER === "none") return undefined;
  const named = namedBrowser(env.COATCHECK_BROWSER) ?? namedBrowser(env.BROWSER);
  const remoteCode = env.VSCODE_IPC_HOOK_CLI && env.BROWSER;
  if (named && (env.COATCHECK_BROWSER || !remoteCode)) return named;
  if (env.CI || !terminal) return undefined;
  const overSsh = Boolean(env.SSH_CONNECTION || env.SSH_TTY);
  if (platform === "darwin") return overSsh ? undefined : { program: "open", args: [] };
  if (platform === "win32") return env.SESSIONNAME === "Services" ? undefined : WINDOWS;
  if (env.WSL_DISTRO_NAME) return wslBrowser(machine);
  if (remoteCode) return reachesCode(env) ? named : undefined;
  if (overSsh || machine.exists("/.dockerenv") || machine.exists("/run/.containerenv")) return undefined;
  const shown = env.DISPLAY || env.WAYLAND_DISPLAY;
  return shown && isInstalled(machine, "xdg-open") ? { program: "xdg-open", args: [] } : undefined;
}

/** `$BROWSER` may be a list, and may say where the address goes. */
function namedBrowser(text: string | undefined): Browser | undefined {
  const [program = "", ...args] =
    (text ?? "")
      .split(":")[0]
      ?.split(" ")
      .filter((word) => word !== "" && word !== "%s") ?? [];
  const name = program.split("/").at(-1) ?? "";
  return program === "" || TEXT_BROWSERS.has(name) ? undefined : { program, args };
}

function wslBrowser(machine: Machine): Browser | undefined {
  if (machine.env.SESSIONNAME === "Services") return undefined;
  return isInstalled(machine, "wslview") ? { program: "wslview", args: [] } : { ...WINDOWS, program: "rundll32.exe" };
}

/** VS Code's helper opens the page where the window is; a tunnel's does not. */
function reachesCode({ SSH_CONNECTION, SSH_TTY, REMOTE_CONTAINERS, CODESPACES }: Environment): boolean {
  return Boolean((SSH_CONNECTION && !SSH_TTY) || REMOTE_CONTAINERS || CODESPACES);
}

function isInstalled({ env, exists }: Machine, program: string): boolean {
  return (env.PATH ?? "").split(delimiter).some((folder) => folder !== "" && exists(join(folder, program)));
}

/** How long a browser has to fail. Milliseconds. */
const FAILS_WITHIN_MS = 3_000;

/** Opens an http(s) address; answers whether the browser took it. It gets nothing of ours: Chromium writes into pipes. */
export function openBrowser({ program, args }: Browser, address: string): Promise<boolean> {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = startProgram(program, [...args, url.href], { detached: true, stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
    child.unref();
    AbortSignal.timeout(FAILS_WITHIN_MS).addEventListener("abort", () => resolve(true));
  });
}
