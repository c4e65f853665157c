import type { Browser } from "playwright-core";

/** Somebody who signs in at the demo server and allows what is asked for. `shot`: keeps a picture of the page on which it is decided. */
export async function approve(browser: Browser, address: string, shot?: string): Promise<void> {
  const context = await browser.newContext(shot === undefined ? {} : { viewport: { width: 390, height: 640 } });
  const page = await context.newPage();
  await page.goto(address);
  for (const name of ["Continue", "Sign in"]) await page.getByRole("button", { name }).click();
  const allow = page.getByRole("button", { name: "Allow" });
  await allow.waitFor();
  if (shot !== undefined) await page.screenshot({ path: shot });
  await allow.click();
  await page.getByRole("heading", { name: "Sign-in Success" }).waitFor();
  await context.close();
}
