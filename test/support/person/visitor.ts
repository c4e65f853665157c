interface Cookie {
  readonly value: string;
  readonly path: string;
}

/** A person at pages without scripts: cookies, redirects, forms. */
export class Visitor {
  readonly #cookies = new Map<string, Cookie>();
  /** The page that is open. */
  url = "";
  html = "";

  /** Opens a URL, or posts a form to it, and follows redirects until a page answers, or one to `until`. */
  async open(url: string, form?: URLSearchParams, until?: string): Promise<this> {
    const response = await fetch(url, {
      method: form ? "POST" : "GET",
      redirect: "manual",
      headers: { cookie: this.#cookieHeader(url) },
      ...(form && { body: form }),
    });
    this.#remember(response.headers.getSetCookie());
    this.html = await response.text();
    const location = response.headers.get("location");
    this.url = location === null ? url : new URL(location, url).href;
    const there = location === null || (until !== undefined && this.url.startsWith(until));
    return there ? this : this.open(this.url, undefined, until);
  }

  /** Sends the form of the open page: what it holds already, and what the person adds. */
  submit(added: Readonly<Record<string, string>> = {}, until?: string): Promise<this> {
    const form = /<form[\s\S]*?<\/form>/.exec(this.html)?.[0];
    if (form === undefined) throw new Error(`no form on ${this.url}: ${this.html}`);
    const inputs = [...form.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
    // A button is sent by who presses it.
    const held = inputs.filter((tag) => attribute(tag, "name") !== "" && attribute(tag, "type") !== "submit");
    const body = new URLSearchParams();
    for (const tag of held) body.append(attribute(tag, "name"), attribute(tag, "value"));
    for (const [name, value] of Object.entries(added)) body.set(name, value);
    return this.open(new URL(attribute(form, "action"), this.url).href, body, until);
  }

  #cookieHeader(url: string): string {
    const { pathname } = new URL(url);
    const sent = [...this.#cookies].filter(([, { path }]) => pathname.startsWith(path));
    return sent.map(([name, { value }]) => `${name}=${value}`).join("; ");
  }

  #remember(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = "", ...attributes] = line.split(/;\s*/);
      const [name = "", value = ""] = pair.split(/=(.*)/);
      const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? "/";
      this.#cookies.set(name, { value, path });
    }
  }
}

function attribute(tag: string, name: string): string {
  const raw = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "";
  return raw.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code))).replaceAll("&amp;", "&");
}
