import type { Provider } from "../provider.ts";
import { airtable } from "./business/airtable.ts";
import { asana } from "./business/asana.ts";
import { atlassian } from "./business/atlassian.ts";
import { box } from "./business/box.ts";
import { docusign } from "./business/docusign.ts";
import { dropbox } from "./business/dropbox.ts";
import { figma } from "./business/figma.ts";
import { hubspot } from "./business/hubspot.ts";
import { intercom } from "./business/intercom.ts";
import { linear } from "./business/linear.ts";
import { notion } from "./business/notion.ts";
import { salesforce } from "./business/salesforce.ts";
import { slack } from "./business/slack.ts";
import { zendesk } from "./business/zendesk.ts";
import { zoom } from "./business/zoom.ts";
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
