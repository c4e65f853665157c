import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findBrowser, type Machine, openBrowser } from "../../../src/cli/terminal/browser.ts";
import { eventually } from "../../support/eventually.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const DESKTOP = { DISPLAY: ":0", PATH: "/usr/bin" };

function found(env: Record<string, string>, more: Partial<Machine> & { files?: readonly string[] } = {}) {
  const files = more.files ?? ["/usr/bin/xdg-open"];
  return findBrowser({ platform: "linux", terminal: true, exists: (path) => files.includes(path), ...more, env })
    ?.program;
}

/** docs/cli.md, "Is there a browser?": the first answer wins. */
const TABLE: readonly [what: string, seen: string | undefined, expected: string | undefined][] = [
  ["switched off", found({ ...DESKTOP, COATCHECK_BROWSER: "none", BROWSER: "firefox" }), undefined],
  ["named", found({ COATCHECK_BROWSER: "/opt/firefox --private" }), "/opt/firefox"],
  ["named as usual", found({ BROWSER: "firefox:chromium", CI: "1" }), "firefox"],
  ["a text browser", found({ ...DESKTOP, BROWSER: "/usr/bin/w3m" }), "xdg-open"],
  ["lynx", found({ COATCHECK_BROWSER: "lynx" }), undefined],
  ["links", found({ BROWSER: "links -g" }), undefined],
  ["elinks", found({ BROWSER: "elinks" }), undefined],
  ["www-browser", found({ BROWSER: "/usr/bin/www-browser" }), undefined],
  ["a text browser for us, another for the rest", found({ COATCHECK_BROWSER: "w3m", BROWSER: "firefox" }), "firefox"],
  ["named, without a terminal", found({ BROWSER: "firefox" }, { terminal: false }), "firefox"],
  ["CI", found({ ...DESKTOP, CI: "true" }), undefined],
  ["no terminal", found(DESKTOP, { terminal: false }), undefined],
  ["macOS", found({}, { platform: "darwin" }), "open"],
  ["macOS over SSH", found({ SSH_CONNECTION: "x" }, { platform: "darwin" }), undefined],
  ["Windows", found({}, { platform: "win32" }), "rundll32"],
  ["a Windows service", found({ SESSIONNAME: "Services" }, { platform: "win32" }), undefined],
  [
    "WSL with its helper",
    found({ WSL_DISTRO_NAME: "d", PATH: "/usr/bin" }, { files: ["/usr/bin/wslview"] }),
    "wslview",
  ],
  ["WSL without", found({ WSL_DISTRO_NAME: "d" }), "rundll32.exe"],
  [
    "WSL goes before VS Code and SSH",
    found({ WSL_DISTRO_NAME: "d", SSH_TTY: "y", VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b" }),
    "rundll32.exe",
  ],
  ["WSL in a Windows service", found({ WSL_DISTRO_NAME: "d", SESSIONNAME: "Services" }), undefined],
  ["VS Code under CI", found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b", CODESPACES: "true", CI: "1" }), undefined],
  ["a dev container", found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b", REMOTE_CONTAINERS: "true" }), "b"],
  [
    "our own word goes before VS Code's",
    found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b", COATCHECK_BROWSER: "mine", SSH_TTY: "y" }),
    "mine",
  ],
  [
    "VS Code over SSH",
    found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "/code/browser.sh", SSH_CONNECTION: "x" }),
    "/code/browser.sh",
  ],
  [
    "VS Code in a plain SSH shell",
    found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b", SSH_CONNECTION: "x", SSH_TTY: "y" }),
    undefined,
  ],
  ["VS Code tunnel", found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b" }), undefined],
  ["Codespaces", found({ VSCODE_IPC_HOOK_CLI: "x", BROWSER: "b", CODESPACES: "true" }), "b"],
  ["SSH", found({ ...DESKTOP, SSH_TTY: "/dev/pts/1" }), undefined],
  ["SSH without a terminal of its own", found({ ...DESKTOP, SSH_CONNECTION: "x" }), undefined],
  ["another container", found(DESKTOP, { files: ["/run/.containerenv", "/usr/bin/xdg-open"] }), undefined],
  ["Wayland", found({ WAYLAND_DISPLAY: "wayland-0", PATH: "/usr/bin" }), "xdg-open"],
  ["a container", found(DESKTOP, { files: ["/.dockerenv", "/usr/bin/xdg-open"] }), undefined],
  ["a desktop", found(DESKTOP), "xdg-open"],
  ["a desktop without opener", found(DESKTOP, { files: [] }), undefined],
  ["no display", found({ PATH: "/usr/bin" }), undefined],
];

for (const [what, seen, expected] of TABLE) test(`browser: ${what}`, () => assert.equal(seen, expected));

test("S27 CLI-23 the address is one argument, serialised, and nothing but http(s)", async (t) => {
  const folder = temporaryFolder(t);
  const [program, args] = [join(folder, "browser"), join(folder, "args")];
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > ${args}.new && mv ${args}.new ${args}\n`);
  chmodSync(program, 0o755);
  assert.equal(await openBrowser({ program, args: ["--new"] }, "https://as.example/a b?c=$(x)"), true);
  await eventually("the browser's arguments", () => existsSync(args));
  assert.equal(readFileSync(args, "utf8"), "2\n--new\nhttps://as.example/a%20b?c=$(x)\n");
  for (const bad of ["file:///etc/passwd", "javascript:alert(1)", "--help", ""]) {
    assert.equal(await openBrowser({ program, args: [] }, bad), false, bad);
  }
  assert.equal(await openBrowser({ program: join(folder, "none"), args: [] }, "https://x"), false);
});
