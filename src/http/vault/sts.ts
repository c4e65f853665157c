import { StsData, StsParameters } from "../../api/index.ts";
import type { ExchangeInput } from "../../broker/broker.ts";
import { describe } from "../answer/describe.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { nameOf } from "../input/names.ts";
import type { MountRoutes } from "./mount-routes.ts";
import { exchangedData, sendToken } from "./token.ts";

/** `sts/:name`: token exchange, read only (oauthapp.md section 7). */
export function sts(app: VaultApp, { broker }: Deps, at: MountRoutes): void {
  const url = `${at.root}/sts/*`;
  app.get(url, {
    schema: describe({
      tag: "sts",
      summary: "Exchange a credential's token",
      querystring: StsParameters,
      data: StsData,
    }),
    handler: async (request, reply) => {
      const { value } = request.query;
      const view = await broker.exchangeToken(at.place(request), nameOf(request), exchangeInput(value));
      return sendToken(reply, view, exchangedData);
    },
  });
}

function exchangeInput(value: Required<StsParameters>): ExchangeInput {
  const present = (text: string) => text !== "";
  return {
    scopes: value.scopes.flatMap((scope) => scope.split(/\s+/)).filter(present),
    audiences: [...value.audiences, ...value.audience].filter(present),
    resources: [...value.resources, ...value.resource].filter(present),
    minimumSeconds: value.minimum_seconds,
  };
}
