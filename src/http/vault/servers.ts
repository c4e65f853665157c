import { KeyList, ListParameters, rfc3339, ServerData, ServerParameters } from "../../api/index.ts";
import type { Broker, ServerInput, ServerView } from "../../broker/broker.ts";
import type { Reply } from "../answer/answer.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData, sendDone } from "../answer/envelope.ts";
import { notFound, unsupportedOperation } from "../answer/http-error.ts";
import type { Input } from "../answer/input.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { nameOf, prefixOf } from "../input/names.ts";
import { pageOf, sendKeys } from "./list.ts";
import type { MountRoutes } from "./mount-routes.ts";

const TAG = "servers";

/** `servers/:name` (oauthapp.md section 3). */
export function servers(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const noun = `${at.root}/servers`;
  listAndRead(app, broker, at, noun);
  app.route({
    method: WRITE,
    url: `${noun}/*`,
    schema: describe({ tag: TAG, summary: "Write a server", body: ServerParameters, empty: true }),
    handler: async (request, reply) => {
      return sendDone(
        reply,
        await broker.writeServer(at.place(request), nameOf(request), serverInput(request.body.value)),
      );
    },
  });
  app.delete(`${noun}/*`, {
    schema: describe({ tag: TAG, summary: "Delete a server", querystring: NoParameters, empty: true }),
    handler: async (request, reply) => {
      await broker.deleteServer(at.place(request), nameOf(request));
      return sendDone(reply);
    },
  });
}

function listAndRead(app: VaultApp, broker: Broker, at: MountRoutes, noun: string): void {
  const list = async (mount: string, reply: Reply, prefix: string, input: Input<ListParameters>) => {
    return sendKeys(reply, prefix, broker.listServers(mount, pageOf(prefix, input.value)));
  };
  for (const url of [noun, `${noun}/`]) {
    app.get(url, {
      schema: describe({ tag: TAG, summary: "List servers", querystring: ListParameters, data: KeyList }),
      handler: async (request, reply) => {
        if (!request.query.value.list) throw unsupportedOperation();
        return list(at.place(request), reply, "", request.query);
      },
    });
  }
  app.get(`${noun}/*`, {
    schema: describe({ tag: TAG, summary: "Read a server", querystring: ListParameters, data: ServerData }),
    handler: async (request, reply) => {
      if (request.query.value.list) return list(at.place(request), reply, prefixOf(request), request.query);
      const view = await broker.readServer(at.place(request), nameOf(request));
      if (!view) throw notFound();
      return sendData(reply, serverData(view), { warnings: view.warnings });
    },
  });
}

/** Parameters as the broker takes them. */
export function serverInput(value: Required<ServerParameters>): ServerInput {
  return {
    provider: value.provider,
    clientId: value.client_id,
    clientSecret: value.client_secret,
    clientSecrets: value.client_secrets.filter((secret) => secret !== ""),
    tokenEndpointAuthMethod: value.token_endpoint_auth_method,
    clientKey: value.client_key,
    clientKeyId: value.client_key_id,
    clientAssertionAlg: value.client_assertion_alg,
    clientAssertionAud: value.client_assertion_aud,
    initialAccessToken: value.initial_access_token,
    providerOptions: value.provider_options,
    authUrlParams: value.auth_url_params,
    defaultExpirySeconds: value.default_expiry_seconds,
    maximumExpirySeconds: value.maximum_expiry_seconds,
    allowSessions: value.allow_sessions,
    sessionFlow: value.session_flow,
    redirectUri: value.redirect_uri,
    proxyApis: value.proxy_apis,
    allowTools: patternsIn(value.allow_tools),
    denyTools: patternsIn(value.deny_tools),
  };
}

function patternsIn(list: string): readonly string[] {
  return list.split(",").flatMap((one) => one.trim() || []);
}

function serverData(view: ServerView): ServerData {
  const { lastTrouble: trouble } = view;
  return {
    client_id: view.clientId,
    auth_url_params: view.authUrlParams,
    provider: view.provider,
    provider_version: view.providerVersion,
    provider_options: view.providerOptions,
    token_endpoint_auth_method: view.tokenEndpointAuthMethod,
    auth_method_chosen: view.authMethodChosen,
    registered: view.registered,
    secrets: view.secrets.map(wireName),
    default_expiry_seconds: view.defaultExpirySeconds,
    maximum_expiry_seconds: view.maximumExpirySeconds,
    allow_sessions: view.allowSessions,
    session_flow: view.sessionFlow,
    redirect_uri: view.redirectUri,
    proxy_apis: view.proxyApis,
    allow_tools: view.allowTools.join(","),
    deny_tools: view.denyTools.join(","),
    ...(trouble && { last_trouble: troubleData(trouble) }),
  };
}

function troubleData({
  at,
  text,
  answeredAt,
}: NonNullable<ServerView["lastTrouble"]>): NonNullable<ServerData["last_trouble"]> {
  return { time: rfc3339(at), text, ...(answeredAt !== undefined && { answered_time: rfc3339(answeredAt) }) };
}

/** `clientId` → `client_id`. */
export function wireName(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
