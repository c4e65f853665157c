import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

let engine: string | undefined;

/** Each has another colour, width and zoom of the layout than the other. */
const LOOKS = [
  { colorScheme: "light", size: { width: 1024, height: 768 } },
  { colorScheme: "dark", size: { width: 390, height: 844 } },
] as const;

/**
 * Nothing that axe finds against WCAG 2.2 AA and its own best practices, light on a desk and dark on a phone, and nothing that
 * has to be scrolled sideways. Leaves the page as it was. `parts`: selectors of what is looked at, by default all of the page.
 */
export async function requireAccessible(
  page: Page,
  look?: (name: string) => Promise<unknown>,
  parts: readonly string[] = ["html"],
): Promise<void> {
  const before = page.viewportSize();
  engine ??= readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  await page.evaluate(`window.axe ?? (() => { ${engine} })()`);
  for (const { colorScheme, size } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    await look?.(`${colorScheme}-${size.width}`);
    const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(parts)})`)) as {
      violations: readonly Violation[];
    };
    const found = violations.map(({ id, help, nodes }) => [
      id,
      help,
      ...nodes.map(({ html, failureSummary }) => [html, failureSummary]),
    ]);
    assert.deepEqual(found, [], `${page.url()}, ${colorScheme}, ${size.width} pixels wide`);
    const width = await page.evaluate("document.documentElement.scrollWidth");
    assert.ok(Number(width) <= size.width, `${page.url()} is ${width} pixels wide on ${size.width}`);
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}
