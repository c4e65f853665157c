import type { Running } from "../../compose/serve.ts";
import type { Config, Listen } from "../../process/config.ts";

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

/** What a person is told after a start with kept data. */
export function startGuide({ address, rootTokenAt, copy }: Running, { publicUrl, listen, data }: Config): string {
  const lines = [`coatcheck serves ${address}`];
  if (copy) {
    lines.push(
      "THIS IS A RESTORED COPY: it hands out tokens that are still valid, and refreshes nothing, since its refresh tokens may be",
      "spent and using them could end the logins of the original. When the original is gone for good, start with --take-over.",
    );
  }
  if (publicUrl === undefined) {
    lines.push(
      "path" in listen
        ? "Without --public-url there are no logins by link (callback): no browser could come back."
        : "Without --public-url only a browser on this machine can come back from a login by link (callback).",
    );
  }
  if (isExposed(listen)) {
    lines.push(
      "Everybody who reaches this address can talk to it, in plain http: put a proxy that speaks TLS in front of it.",
    );
  }
  if (rootTokenAt !== undefined) lines.push(`The root token is in ${rootTokenAt} (only you can read it).`);
  lines.push(`Data and key are in ${data}. Keep the key: without it nothing that is stored can be read again.`);
  return lines.join("\n");
}

function isExposed(listen: Listen): boolean {
  return "host" in listen && !/^(127\.|::1$|localhost$)/.test(listen.host);
}

/** What shows the main job, and a session, ready to paste. */
export function devGuide({ address, rootToken }: Running, demo: { issuer: string; clientId: string }): string {
  const curl = `curl -H 'X-Vault-Token: ${rootToken}'`;
  const url = `${address}/v1/oauth2`;
  return `
Coatcheck serves ${address}, a demo authorization server ${demo.issuer}.
Everything here is thrown away when it stops (Ctrl-C). Paste these into another terminal:

1. Tell the broker about the demo server:

  ${curl} -X PUT ${url}/servers/demo -d '{"provider":"oidc","client_id":"${demo.clientId}","allow_sessions":true,"provider_options":{"issuer_url":"${demo.issuer}"}}'

2. Ask for a login. Open the verification_uri_complete of the answer in a browser, sign in with any name, approve:

  ${curl} -X PUT ${url}/creds/my-user-auth -d '{"server":"demo","grant_type":"${DEVICE_CODE}","scopes":"offline_access"}'

3. Read the token. Until you have approved it says "token pending issuance"; a few seconds later the token is there,
   and it stays fresh by itself: read again after a minute.

  ${curl} -i ${url}/creds/my-user-auth

4. The same from the command line, where a program needs no root token, only a session:

  export COATCHECK_ADDR=${address}
  npx coatcheck login demo --scopes offline_access && npx coatcheck token demo

How a login at Matrix goes, step by step, on homeservers that play: ${address}/walk
`;
}
