import type { TestContext } from "node:test";
import { type Homeserver, type HomeserverOptions, startHomeserver } from "../../servers/matrix/homeserver.ts";
import { Visitor } from "../person/visitor.ts";

/** A homeserver for one test. */
export async function homeserverFor(t: TestContext, options: HomeserverOptions = {}): Promise<Homeserver> {
  const started = await startHomeserver(options);
  t.after(() => started.close());
  return started;
}

/** What a person does with a device code at the dev servers' pages: opens the complete URI, signs in, allows it. */
export async function approve(verificationUriComplete: string, person = "alice"): Promise<void> {
  const visitor = await confirming(verificationUriComplete);
  await visitor.submit({ confirm: "yes" });
  await throughPages(visitor, person);
  if (!visitor.html.includes("Sign-in Success")) throw new Error(`not approved: ${visitor.html}`);
}

/** The other thing a person can do. */
export async function deny(verificationUriComplete: string): Promise<void> {
  const visitor = await confirming(verificationUriComplete);
  await visitor.submit({ abort: "yes" });
  if (!visitor.html.includes("You denied the request")) throw new Error(`not denied: ${visitor.html}`);
}

/** Signs in and allows at an authorization URL; answers the callback's URL, which nobody has opened. */
export async function authorize(url: string, redirectUri: string, person = "alice"): Promise<string> {
  const visitor = await new Visitor().open(url, undefined, redirectUri);
  await throughPages(visitor, person, redirectUri);
  return visitor.url;
}

/** The first page is a form that a script would submit. */
async function confirming(verificationUriComplete: string): Promise<Visitor> {
  const visitor = await new Visitor().open(verificationUriComplete);
  return visitor.submit();
}

/** One call of the client-server API, as a program with its token makes it. */
export async function callApi(baseUrl: string, path: string, accessToken: unknown) {
  const headers = { authorization: `Bearer ${accessToken}` };
  const response = await fetch(`${baseUrl}/_matrix/client/v3/${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
}

/** Sign-in and consent, as far as they are asked for. */
async function throughPages(visitor: Visitor, person: string, until?: string): Promise<void> {
  if (visitor.html.includes('name="login"')) await visitor.submit({ login: person }, until);
  if (visitor.html.includes('name="allow"')) await visitor.submit({ allow: "yes" }, until);
}
