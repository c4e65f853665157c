/** What README tells four people to type. A test compares it with README: no line of its first sections is missing or invented. */
export const STEPS = {
  newcomer: ["npm ci && npm start"],
  author: ["npm run pack:client", "npm install PATH"],
  headless: [
    "coatcheck server add github --provider github --client-id YOUR_CLIENT_ID",
    "coatcheck login github --scopes repo",
    "coatcheck token github",
    "coatcheck setup git github.com github",
  ],
  operator: [
    "coatcheck serve --data /var/lib/coatcheck",
    "export VAULT_ADDR=http://127.0.0.1:8200 VAULT_TOKEN=$(cat /var/lib/coatcheck/root-token)",
    "vault write oauth2/servers/github provider=github client_id=YOUR_CLIENT_ID",
    "vault write oauth2/creds/deploy-bot server=github grant_type=urn:ietf:params:oauth:grant-type:device_code scopes=repo",
    "vault read oauth2/creds/deploy-bot",
  ],
} as const;

/** README's lines that nobody plays: each needs a server that only a network has, and none here stands in for it. */
export const NOT_PLAYED: readonly string[] = [
  "coatcheck login notion",
  "coatcheck setup claude https://mcp.example.com/mcp",
  "coatcheck login https://mcp.example.com/mcp",
];

const DEMO = "http://127.0.0.1:8210";

/**
 * What stands for what only README's reader has: an application and an account at GitHub, for which the newcomer's demo server
 * stands in; folders and ports that are free here.
 */
const INSTEAD: readonly (readonly [readme: string, here: string])[] = [
  [
    "add github --provider github --client-id YOUR_CLIENT_ID",
    `add demo --provider oidc --option issuer_url=${DEMO} --client-id coatcheck-demo`,
  ],
  ["login github --scopes repo", "login demo"],
  ["token github", "token demo"],
  ["git github.com github", "git git.example.com demo"],
  ["--data /var/lib/coatcheck", "--data data --listen 127.0.0.1:8300 --allow-networks loopback"],
  ["http://127.0.0.1:8200", "http://127.0.0.1:8300"],
  ["/var/lib/coatcheck/", "data/"],
  [
    "servers/github provider=github client_id=YOUR_CLIENT_ID",
    `servers/demo provider=oidc client_id=coatcheck-demo provider_options=issuer_url=${DEMO}`,
  ],
  ["server=github", "server=demo"],
  [" scopes=repo", ""],
  ["npm install PATH", "npm install ../coatcheck/dist/coatcheck-client-0.1.0.tgz"],
];

/** README's line as it is typed here. */
export function here(line: string): string {
  return INSTEAD.reduce((typed, [readme, other]) => typed.replace(readme, other), line);
}
