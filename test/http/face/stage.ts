import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { Coatcheck } from "../../support/coatcheck.ts";
import { requireAccessible } from "../../support/person/axe.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { child, policy } from "../access/stage.ts";

type Broker = Pick<Coatcheck, "running">;

/** A person at the dashboard without a browser: what a screen says, and what its forms do. */
export class Guest {
  readonly #broker: Broker;
  readonly #cookies = new Map<string, string>();
  status = 0;
  /** Of the open page. */
  path = "";
  html = "";
  headers = new Headers();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** The token that signing in made. */
  get token(): string {
    return this.#cookies.get("coatcheck_ui") ?? "";
  }

  async open(path = "/ui", headers: Record<string, string> = {}): Promise<this> {
    return this.#take(path, { headers });
  }

  /** A form, with what the open page hides in each; redirects are followed. */
  async send(action: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<this> {
    const guard = /name="guard" value="([^"]*)"/.exec(this.html)?.[1] ?? "";
    return this.#take(action, { method: "POST", body: new URLSearchParams({ guard, ...form }), headers });
  }

  async signIn(token = ROOT_TOKEN, path = "/ui"): Promise<this> {
    await this.open(path);
    return this.send("/ui/sign-in", { token, to: path });
  }

  async #take(path: string, init: RequestInit & { readonly headers: Record<string, string> }): Promise<this> {
    const headers = { cookie: this.cookie, ...init.headers };
    const answer = await fetch(`${this.#broker.running.address}${path}`, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    const to = answer.headers.get("location");
    if (to !== null) return this.open(to);
    this.path = path;
    this.status = answer.status;
    this.headers = answer.headers;
    // Without its style, which nobody wants to read in a failure.
    this.html = (await answer.text()).replace(/^[\s\S]*<body/, "<body");
    return this;
  }
}

const SCREENS = join(import.meta.dirname, "../../../.cache/screens");

export interface Screens {
  readonly page: Page;
  go(path: string): Promise<void>;
  /** Looks at the screen by axe, in both colours and sizes, and keeps pictures of it. */
  look(name: string): Promise<void>;
}

/**
 * A browser of its own at a broker's dashboard. At its end: no script failed, no policy of a page was hurt, and neither the token that was typed
 * nor the browser's own was anywhere where another script, person or visit could find it.
 */
export async function openScreens(t: TestContext, broker: Broker, browser: Browser): Promise<Screens> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 800 } });
  const page = await context.newPage();
  const problems: string[] = [];
  const addresses: string[] = [];
  context.on("weberror", (error) => problems.push(error.error().message));
  context.on("console", (said) => /policy|violat/i.test(said.text()) && problems.push(said.text()));
  context.on("request", (request) => addresses.push(request.url()));
  t.after(async () => {
    const cookies = await context.cookies();
    const secrets = [ROOT_TOKEN, ...cookies.filter(({ name }) => name === "coatcheck_ui").map(({ value }) => value)];
    const kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state])";
    const seen = await Promise.all(
      context.pages().map((one) => one.evaluate(`document.documentElement.outerHTML + location.href + ${kept}`)),
    );
    await context.close();
    assert.deepEqual(problems, []);
    for (const secret of secrets) assert.ok(![...addresses, ...seen].join().includes(secret), "a token can be found");
  });
  mkdirSync(SCREENS, { recursive: true });
  return {
    page,
    go: async (path) => void (await page.goto(`${broker.running.address}${path}`)),
    look: (name) =>
      requireAccessible(page, (look) =>
        page.screenshot({ path: join(SCREENS, `face-${name}-${look}.png`), fullPage: true }),
      ),
  };
}

/** Signs in on the page that is open, wherever it is. */
export async function signInOn(page: Page, token = ROOT_TOKEN): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** The token of a person who may start sessions, and see and end their own. */
export async function personsToken(broker: Parameters<typeof policy>[0]): Promise<string> {
  const rules =
    'path "sessions" { capabilities = ["update"] } path "sessions/own" { capabilities = ["list", "delete"] }';
  await policy(broker, "own", rules);
  return (await child(broker, { policies: ["own"] })).client_token;
}
