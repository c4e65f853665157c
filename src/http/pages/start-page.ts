import { type Html, html } from "../../html.ts";
import { htmlHeaders, policyOf } from "../../look/document.ts";
import type { AppOptions, Demo, DemoStep } from "../app-types.ts";
import { page } from "./page.ts";

type Shown = Pick<AppOptions, "version" | "walkFiles" | "demo">;

/** What this is and what one can do here; with a demo also its steps, and a login that goes through in the browser. */
export function startPage({ version, walkFiles, demo: demoOf = () => undefined }: Shown) {
  const demo = demoOf();
  const script = demo && `/walk/${walkFiles().entries.start}`;
  const allowed = script === undefined ? {} : SCRIPTED;
  const body = html`<h1>Coatcheck is running</h1>
<p class="lead">It signs programs in that have no browser: command-line tools, bots, agents, CI jobs. A person approves once; from then
on the program asks Coatcheck for a current access token.</p>
${demo && demoPart(demo)}<ul class="choices">
${choices(demo !== undefined)}</ul>
<footer>Coatcheck ${version}</footer>`;
  return {
    headers: { ...htmlHeaders(policyOf(allowed)), vary: "accept" },
    html: page({
      title: "Start",
      shape: "column",
      body,
      head: script === undefined ? undefined : html`<script type="module" src="${script}"></script>\n`,
    }),
  };
}

/** Its own scripts, and requests to this very broker. */
const SCRIPTED = { "script-src": "'self'", "connect-src": "'self'", "require-trusted-types-for": "'script'" };

function choices(isDemo: boolean): readonly Html[] {
  const device = html`<li><a href="/device">Enter a code</a>
<p>A program shows you a code and this address? Enter the code here to sign in.</p></li>
`;
  const walk = html`<li><a href="/walk">See a Matrix login, step by step</a>
<p>Your browser sends each request itself and shows it with its answer${isDemo && ", to simulated homeservers or to a real one"}.</p></li>
`;
  const docs = html`<li><a href="/docs/">Read the documentation</a>
<p>With a search, and every request of the API. It comes with the program: <code>coatcheck docs</code> shows it without a broker.</p></li>
`;
  const face = html`<li><a href="/ui">Open the dashboard</a>
<p>Logins of programs and bots: how they are, what is to be done, and starting or ending one. Sign in with an operator's token.</p></li>
`;
  return isDemo ? [walk, device, face, docs] : [device, face, walk, docs];
}

function demoPart({ server, steps }: Demo): Html {
  return html`<section class="panel" aria-labelledby="demo-title">
<h2 id="demo-title">Try it here</h2>
<p>This page plays a program. It starts a login, you approve it at the demo server, and it uses the token.</p>
<div id="demo-login" data-server="${server}"><noscript><p>This part needs scripts. The commands below do the same.</p></noscript></div>
</section>
<section class="panel" aria-labelledby="steps-title">
<h2 id="steps-title">Or in a terminal</h2>
<p class="soft">Everything you do here is deleted when the demo stops.</p>
${steps.map(stepView)}</section>
`;
}

function stepView({ title, text, command }: DemoStep, index: number): Html {
  return html`<h3 id="step-${index + 1}">${index + 1}. ${title}</h3>
<p class="small soft">${text}</p>
<div class="command"><pre><code>${command}</code></pre></div>
`;
}
