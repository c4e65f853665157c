import assert from "node:assert/strict";
import { createServer } from "node:https";
import { type TestContext, test } from "node:test";
import { proxiesOf } from "../../../src/process/proxies.ts";
import { PRESETS } from "../../../src/providers/presets/index.ts";
import { makeCertificate } from "../../servers/certificates.ts";
import { startConnectProxy } from "../../servers/connect-proxy.ts";
import { portOf } from "../../servers/free-port.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { ask, OPERATOR } from "../../support/sessions.ts";

/** What a person's browser is to open, by the provider's documentation. */
interface Link {
  /** The authorization endpoint. */
  readonly at: string;
  /** The issuer, where the endpoint comes from its metadata. */
  readonly issuer?: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Beside what every link has. */
  readonly more?: Readonly<Record<string, string>>;
  readonly scope?: string;
  /** Added unasked. */
  readonly openid?: true;
  /** Where the browser comes back to, if not to 127.0.0.1. */
  readonly back?: RegExp;
}

const LOCALHOST = /^http:\/\/localhost:8214\/callback$/;

const LINKS: Readonly<Record<string, Link>> = {
  airtable: { at: "https://airtable.com/oauth2/v1/authorize" },
  asana: { at: "https://app.asana.com/-/oauth_authorize" },
  atlassian: {
    at: "https://auth.atlassian.com/authorize",
    more: { audience: "api.atlassian.com", prompt: "consent" },
  },
  auth0: {
    at: "https://acme.eu.auth0.com/authorize",
    issuer: "https://acme.eu.auth0.com/",
    options: { domain: "acme.eu.auth0.com" },
    openid: true,
  },
  bitbucket: { at: "https://bitbucket.org/site/oauth2/authorize" },
  box: { at: "https://account.box.com/api/oauth2/authorize" },
  cilogon: { at: "https://cilogon.org/authorize", issuer: "https://cilogon.org", openid: true },
  cloudflare: { at: "https://dash.cloudflare.com/oauth2/auth" },
  codeberg: { at: "https://codeberg.org/login/oauth/authorize" },
  datadog: { at: "https://app.datadoghq.com/oauth2/v1/authorize" },
  digitalocean: { at: "https://cloud.digitalocean.com/v1/oauth/authorize" },
  discord: { at: "https://discord.com/oauth2/authorize" },
  docusign: { at: "https://account.docusign.com/oauth/auth" },
  dropbox: { at: "https://www.dropbox.com/oauth2/authorize", more: { token_access_type: "offline" } },
  egi_checkin: {
    at: "https://aai.egi.eu/auth/realms/egi/protocol/openid-connect/auth",
    issuer: "https://aai.egi.eu/auth/realms/egi",
    openid: true,
  },
  entra: {
    at: "https://login.microsoftonline.com/acme.example/oauth2/v2.0/authorize",
    issuer: "https://login.microsoftonline.com/acme.example/v2.0",
    options: { tenant: "acme.example" },
    openid: true,
    back: LOCALHOST,
  },
  facebook: { at: "https://www.facebook.com/dialog/oauth", scope: "one,two" },
  figma: { at: "https://www.figma.com/oauth" },
  fitbit: { at: "https://www.fitbit.com/oauth2/authorize" },
  forgejo: { at: "https://git.example.com/login/oauth/authorize", options: { base_url: "https://git.example.com" } },
  gitea: { at: "https://git.example.com/login/oauth/authorize", options: { base_url: "https://git.example.com" } },
  github: { at: "https://github.com/login/oauth/authorize" },
  gitlab: { at: "https://gitlab.com/oauth/authorize" },
  google: { at: "https://accounts.google.com/o/oauth2/v2/auth", issuer: "https://accounts.google.com", openid: true },
  heroku: { at: "https://id.heroku.com/oauth/authorize" },
  hubspot: { at: "https://app.hubspot.com/oauth/authorize", back: LOCALHOST },
  huggingface: { at: "https://huggingface.co/oauth/authorize", issuer: "https://huggingface.co", openid: true },
  indigo_iam: {
    at: "https://iam.example.com/authorize",
    issuer: "https://iam.example.com/",
    options: { issuer_url: "https://iam.example.com/" },
    openid: true,
  },
  intercom: { at: "https://app.intercom.com/oauth" },
  keycloak: {
    at: "https://sso.example.com/realms/main/protocol/openid-connect/auth",
    issuer: "https://sso.example.com/realms/main",
    options: { base_url: "https://sso.example.com", realm: "main" },
    openid: true,
  },
  linear: { at: "https://linear.app/oauth/authorize", scope: "one,two" },
  linkedin: { at: "https://www.linkedin.com/oauth/v2/authorization" },
  mastodon: { at: "https://mastodon.example/oauth/authorize", options: { base_url: "https://mastodon.example" } },
  microsoft_azure_ad: {
    at: "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize",
    back: LOCALHOST,
  },
  netlify: { at: "https://app.netlify.com/authorize" },
  notion: { at: "https://api.notion.com/v1/oauth/authorize", more: { owner: "user" } },
  okta: {
    at: "https://acme.okta.com/oauth2/default/v1/authorize",
    issuer: "https://acme.okta.com/oauth2/default",
    options: { domain: "acme.okta.com" },
    openid: true,
  },
  orcid: { at: "https://orcid.org/oauth/authorize" },
  paypal: { at: "https://www.paypal.com/signin/authorize" },
  quickbooks: { at: "https://appcenter.intuit.com/connect/oauth2" },
  reddit: { at: "https://www.reddit.com/api/v1/authorize", more: { duration: "permanent" } },
  salesforce: { at: "https://login.salesforce.com/services/oauth2/authorize", back: LOCALHOST },
  sentry: { at: "https://sentry.io/oauth/authorize/" },
  shopify: {
    at: "https://acme.myshopify.com/admin/oauth/authorize",
    options: { shop: "acme" },
    more: { expiring: "1" },
    scope: "one,two",
  },
  slack: {
    at: "https://slack.com/oauth/v2/authorize",
    scope: "one,two",
    back: /^https:\/\/localhost:8214\/callback$/,
  },
  spotify: { at: "https://accounts.spotify.com/authorize" },
  strava: { at: "https://www.strava.com/oauth/authorize", more: { approval_prompt: "auto" }, scope: "one,two" },
  stripe: { at: "https://marketplace.stripe.com/oauth/v2/authorize" },
  twitch: { at: "https://id.twitch.tv/oauth2/authorize" },
  vercel: { at: "https://vercel.com/oauth/authorize", issuer: "https://vercel.com", openid: true },
  x: { at: "https://x.com/i/oauth2/authorize" },
  xero: {
    at: "https://login.xero.com/identity/connect/authorize",
    issuer: "https://identity.xero.com",
    openid: true,
  },
  zendesk: { at: "https://acme.zendesk.com/oauth/authorizations/new", options: { subdomain: "acme" } },
  zoom: { at: "https://zoom.us/oauth/authorize" },
};

/** The providers' metadata, as a proxy leads to them: nothing leaves this machine. */
async function issuers(t: TestContext) {
  const found = Object.values(LINKS).filter(({ issuer }) => issuer !== undefined);
  const hosts = found.map(({ issuer = "" }) => new URL(issuer).hostname);
  const { key, cert } = makeCertificate({ hosts });
  const server = createServer({ key, cert }, ({ headers, url = "" }, response) => {
    const asked = `https://${headers.host}${url}`;
    const link = found.find(({ issuer = "" }) => asked.startsWith(issuer));
    const metadata = {
      issuer: link?.issuer,
      authorization_endpoint: link?.at,
      token_endpoint: `https://${headers.host}/token`,
      jwks_uri: `https://${headers.host}/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
    };
    response.setHeader("content-type", "application/json").end(JSON.stringify(metadata));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = portOf(server);
  const proxy = await startConnectProxy(t, () => ({ port }));
  const proxyFor = proxiesOf({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
  return { ca: cert, proxyResolves: true, ...(proxyFor && { proxyFor }) };
}

test("MCP-L3 each provider by its preset: a person's own broker comes to the address that the browser is to open", async (t) => {
  assert.deepEqual(Object.keys(LINKS).toSorted(), PRESETS.map(({ id }) => id).toSorted());
  const broker = await startCoatcheck(t, { loopback: true, egress: await issuers(t) });
  const linkOf = async (id: string, { options = {}, back }: Link) => {
    const record = { provider: id, client_id: "client", client_secret: "hush", allow_sessions: true };
    // Several tests want the usual port at once.
    const own = back === undefined ? { redirect_uri: "http://127.0.0.1:0/callback" } : {};
    const written = await broker.write(`oauth2/servers/${id}`, { ...record, provider_options: options, ...own });
    assert.ok(written.status < 300, `${id}: ${JSON.stringify(written.body)}`);
    const body = { server: id, scopes: "one two", flow: "page" };
    const started = await ask(broker, "POST", "/sessions", { ...OPERATOR, body });
    assert.equal(started.status, 201, `${id}: ${JSON.stringify(started.body)}`);
    const ended = await ask(broker, "DELETE", "/session", { bearer: String(started.body.session_id) });
    assert.equal(ended.status, 204);
    return started.body;
  };
  for (const [id, link] of Object.entries(LINKS)) {
    const { verification_uri, redirect_uri } = await linkOf(id, link);
    const url = new URL(String(verification_uri));
    const { state, code_challenge: challenge = "", nonce, scope = "", ...sent } = Object.fromEntries(url.searchParams);
    const { at, more = {}, scope: wanted = "one two", openid, back = /^http:\/\/127\.0\.0\.1:\d+\/callback$/ } = link;
    assert.equal(url.origin + url.pathname, at, id);
    assert.match(String(redirect_uri), back, id);
    const usual = { response_type: "code", client_id: "client", redirect_uri, code_challenge_method: "S256" };
    assert.deepEqual(sent, { ...usual, ...more }, id);
    assert.deepEqual([state?.length ?? 0, challenge.length], [43, 43], id);
    assert.equal(nonce !== undefined, openid === true, id);
    assert.equal(scope, openid ? "openid one two" : wanted, id);
  }
});
