import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { consentPage, loginPage, overPage, PAGE_HEADERS } from "./pages.ts";

type Details = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** Sign-in and consent of the demo's people; with `person` given nobody is asked. */
export function interactions(provider: Provider, resource: string, person: string | undefined) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const details = await provider.interactionDetails(request, response);
      const form = request.method === "POST" ? await readForm(request) : undefined;
      await (details.prompt.name === "login"
        ? login(provider, request, response, form?.get("login") ?? person)
        : consent(provider, { request, response, details, resource }, decisionOf(form, person)));
    } catch {
      answer(response, 400, overPage());
    }
  };
}

function decisionOf(form: URLSearchParams | undefined, person: string | undefined): "allow" | "deny" | undefined {
  if (form) return form.has("allow") ? "allow" : "deny";
  return person === undefined ? undefined : "allow";
}

async function login(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  name: string | undefined,
): Promise<void> {
  const accountId = name?.trim() ?? "";
  if (accountId === "") return answer(response, 200, loginPage(request.url ?? "", "alice"));
  await provider.interactionFinished(request, response, { login: { accountId } });
}

interface Consent {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly details: Details;
  readonly resource: string;
}

async function consent(provider: Provider, asked: Consent, decision: "allow" | "deny" | undefined): Promise<void> {
  const { request, response, details, resource } = asked;
  const clientId = String(details.params.client_id);
  const scope = String(details.params.scope ?? "");
  if (decision === undefined) {
    const client = await provider.Client.find(clientId);
    const scopes = scope.split(" ").filter((part) => part !== "");
    return answer(response, 200, consentPage(request.url ?? "", client?.clientName ?? clientId, scopes));
  }
  if (decision === "deny") {
    const refusal = { error: "access_denied", error_description: "the person denied the request" };
    return provider.interactionFinished(request, response, refusal);
  }
  const accountId = details.session?.accountId ?? "";
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  const named = [details.params.resource ?? []].flat().map(String);
  for (const one of [resource, ...named]) grant.addResourceScope(one, scope);
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}

function answer(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, PAGE_HEADERS).end(html);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}
