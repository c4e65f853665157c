import { describe } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import { sendAuth } from "../answer/token-data.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { passFirst, scoped } from "../gate/offers.ts";
import { refuseForeignPages } from "../gate/origins.ts";
import { fromOf } from "./certificate.ts";
import { pathOf } from "./mount.ts";
import { oidcAnswers, oidcLogins } from "./oidc.ts";
import { parametersOf, sentIn, together } from "./schema.ts";

/** Logins: no token is looked at, since clients send stale ones there (vault-http.md 1.3). */
export function logins(app: VaultApp, deps: Deps): void {
  oidcAnswers(app, deps);
  // Wrong ones are counted by address: a page may not send them from its visitor's (ST-178).
  scoped(app, (scope) => {
    passFirst(scope, refuseForeignPages(deps));
    oidcLogins(scope, deps);
    login(scope, deps);
  });
}

function login(app: VaultApp, deps: Deps): void {
  const url = "/v1/auth/:mount/login";
  const fields = together(deps.auth.methods.map(({ login }) => login));
  app.route({
    method: WRITE,
    url,
    schema: describe({ isOpen: true, tag: "auth", summary: "Log in", body: parametersOf(fields) }),
    handler: async (request, reply) => {
      const path = pathOf(request);
      // htgettoken goes on with its next method only after an answer without errors (vault-http.md section 8).
      if (path.startsWith("kerberos-") && !(await deps.auth.mount(path))) {
        return sendData(reply, null, { warnings: [`no method is enabled at ${path}`] });
      }
      const { token, ...made } = await deps.auth.login(path, sentIn(request.body.value), fromOf(request, deps));
      return sendAuth(reply, { client_token: token, ...made });
    },
  });
}
