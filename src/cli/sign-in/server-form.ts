import { findProvider, type Provider, registrationPage } from "../../providers/index.ts";
import { usage } from "../frame/fail.ts";
import type { Output } from "../frame/output.ts";
import { ask } from "../terminal/ask.ts";

/** What a server record is made of, as far as it was given. */
export interface ServerForm {
  readonly provider: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Completes what was given: says where an application is registered and which redirect URI it needs, and asks the person for
 * what is missing; where nobody can be asked, one error names all of it. A provider that this version does not know is the
 * broker's to judge.
 */
export async function completeServer(
  out: Output,
  form: ServerForm,
  wayBack: () => Promise<string | undefined>,
): Promise<ServerForm> {
  const provider = findProvider(form.provider);
  if (!provider) return form;
  const missing = missingOptions(provider, form);
  const needsClient = provider.register !== undefined && form.clientId === undefined;
  if (missing.length === 0 && !needsClient) return form;
  const redirectUri = await wayBack();
  if (!out.interactive) throw incomplete(provider, form, { missing, needsClient, redirectUri });
  const asked: Record<string, string> = {};
  for (const { name, about } of missing) asked[name] = await ask(`${name} (${about}): `);
  const options = { ...form.options, ...asked };
  if (!needsClient) return { ...form, options };
  out.note(guide(provider, options, redirectUri));
  const clientId = await ask("client id: ");
  const secret = form.clientSecret ?? (await ask("client secret (empty for a public client): ", { hidden: true }));
  return { ...form, options, clientId, ...(secret !== "" && { clientSecret: secret }) };
}

interface Missing {
  readonly name: string;
  readonly about: string;
}

function missingOptions({ options: rules = {} }: Provider, { options }: ServerForm): readonly Missing[] {
  return Object.entries(rules).flatMap(([name, { required, requiredUnless = "", default: usual, about }]) => {
    const isThere = [options[name], usual, options[requiredUnless]].some(
      (value) => value !== undefined && value !== "",
    );
    return required === undefined || isThere ? [] : [{ name, about: about ?? required }];
  });
}

/** What to do at the provider first. */
function guide(provider: Provider, options: ServerForm["options"], redirectUri: string | undefined): readonly string[] {
  const texts = Object.entries(options).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  const page = registrationPage(provider, Object.fromEntries(texts));
  return [
    page === undefined ? `How to register an application: ${provider.docs}` : `Register an application at ${page}`,
    ...wayBackText(provider, redirectUri),
    ...(provider.note === undefined ? [] : [`  ${provider.note}`]),
  ];
}

const NO_WAY_BACK =
  "this broker has no address that a browser can come back to: start it with --public-url, and register its /v1/oauth2/callback there";

/** Whether people sign in there by a browser that comes back, and never by a code. */
export function needsWayBack(id: string): boolean {
  const { endpoints, discovery } = findProvider(id) ?? {};
  return endpoints !== undefined && endpoints.deviceAuthorization === undefined && discovery === undefined;
}

/** A person's own broker is come back to as the provider accepts it; any other at its callback. */
export function acceptedCallback(id: string, usual: string | undefined): string | undefined {
  const isOwn = /^http:\/\/127\.0\.0\.1:\d+\/callback$/.test(usual ?? "");
  return (isOwn ? findProvider(id)?.loopbackRedirect : undefined) ?? usual;
}

function wayBackText({ endpoints, discovery }: Provider, redirectUri: string | undefined): readonly string[] {
  if (redirectUri !== undefined) return [`  redirect URI to enter there: ${redirectUri}`];
  const mayHaveCodes = endpoints?.deviceAuthorization !== undefined || discovery !== undefined;
  return mayHaveCodes ? [] : [`  ${NO_WAY_BACK}`];
}

function incomplete(
  provider: Provider,
  form: ServerForm,
  {
    missing,
    needsClient,
    redirectUri,
  }: { missing: readonly Missing[]; needsClient: boolean; redirectUri?: string | undefined },
) {
  const options = missing.map(({ name, about }) => `--option ${name}=… (${about})`);
  const client = needsClient ? ["--client-id ID and, if it has one, --client-secret @FILE"] : [];
  const steps = needsClient ? guide(provider, form.options, redirectUri).map((line) => line.trim()) : [];
  const needs = `provider ${provider.id} still needs ${[...options, ...client].join("; ")}`;
  return usage(steps.length > 0 ? `${needs}. ${steps.join("; ")}` : needs);
}
