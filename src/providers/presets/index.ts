import type { Provider } from "../provider.ts";
import { bitbucket } from "./code/bitbucket.ts";
import { cloudflare } from "./code/cloudflare.ts";
import { codeberg } from "./code/codeberg.ts";
import { datadog } from "./code/datadog.ts";
import { digitalocean } from "./code/digitalocean.ts";
import { forgejo } from "./code/forgejo.ts";
import { gitea } from "./code/gitea.ts";
import { github } from "./code/github.ts";
import { gitlab } from "./code/gitlab.ts";
import { heroku } from "./code/heroku.ts";
import { huggingface } from "./code/huggingface.ts";
import { netlify } from "./code/netlify.ts";
import { sentry } from "./code/sentry.ts";
import { vercel } from "./code/vercel.ts";
import { paypal } from "./commerce/paypal.ts";
import { quickbooks } from "./commerce/quickbooks.ts";
import { shopify } from "./commerce/shopify.ts";
import { stripe } from "./commerce/stripe.ts";
import { xero } from "./commerce/xero.ts";
import { auth0 } from "./identity/auth0.ts";
import { cilogon } from "./identity/cilogon.ts";
import { egiCheckin } from "./identity/egi-checkin.ts";
import { entra } from "./identity/entra.ts";
import { google } from "./identity/google.ts";
import { indigoIam } from "./identity/indigo-iam.ts";
import { keycloak } from "./identity/keycloak.ts";
import { microsoftAzureAd } from "./identity/microsoft-azure-ad.ts";
import { okta } from "./identity/okta.ts";
import { orcid } from "./identity/orcid.ts";
import { discord } from "./people/discord.ts";
import { facebook } from "./people/facebook.ts";
import { fitbit } from "./people/fitbit.ts";
import { linkedin } from "./people/linkedin.ts";
import { mastodon } from "./people/mastodon.ts";
import { reddit } from "./people/reddit.ts";
import { spotify } from "./people/spotify.ts";
import { strava } from "./people/strava.ts";
import { twitch } from "./people/twitch.ts";
import { x } from "./people/x.ts";
import { airtable } from "./work/airtable.ts";
import { asana } from "./work/asana.ts";
import { atlassian } from "./work/atlassian.ts";
import { box } from "./work/box.ts";
import { docusign } from "./work/docusign.ts";
import { dropbox } from "./work/dropbox.ts";
import { figma } from "./work/figma.ts";
import { hubspot } from "./work/hubspot.ts";
import { intercom } from "./work/intercom.ts";
import { linear } from "./work/linear.ts";
import { notion } from "./work/notion.ts";
import { salesforce } from "./work/salesforce.ts";
import { slack } from "./work/slack.ts";
import { zendesk } from "./work/zendesk.ts";
import { zoom } from "./work/zoom.ts";

/** Providers with a documentation of their own, one file each; data alone. */
export const PRESETS: readonly Provider[] = [
  airtable,
  asana,
  atlassian,
  auth0,
  bitbucket,
  box,
  cilogon,
  cloudflare,
  codeberg,
  datadog,
  digitalocean,
  discord,
  docusign,
  dropbox,
  egiCheckin,
  entra,
  facebook,
  figma,
  fitbit,
  forgejo,
  gitea,
  github,
  gitlab,
  google,
  heroku,
  hubspot,
  huggingface,
  indigoIam,
  intercom,
  keycloak,
  linear,
  linkedin,
  mastodon,
  microsoftAzureAd,
  netlify,
  notion,
  okta,
  orcid,
  paypal,
  quickbooks,
  reddit,
  salesforce,
  sentry,
  shopify,
  slack,
  spotify,
  strava,
  stripe,
  twitch,
  vercel,
  x,
  xero,
  zendesk,
  zoom,
];
