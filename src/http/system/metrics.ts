import { describe } from "../answer/describe.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { judgedAs } from "../gate/door.ts";

/** `sys/metrics`, in Prometheus's text format whatever `format` says; with a token, as in Vault. Elsewhere also where Prometheus looks first. */
export function metrics(app: VaultApp, { metrics: text, metricsElsewhere = false }: Deps): void {
  for (const url of ["/v1/sys/metrics", ...(metricsElsewhere ? ["/metrics"] : [])]) route(app, url, text);
}

function route(app: VaultApp, url: string, text: Deps["metrics"]): void {
  app.get(url, {
    ...judgedAs("sys/metrics"),
    schema: describe({ tag: "system", summary: "Metrics for Prometheus", media: "text/plain" }),
    handler: async (_request, reply) =>
      reply
        .headers({ "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" })
        .send(await text()),
  });
}
