import { html, trusted } from "../../html.ts";
import { htmlHeaders, policyOf, sha256 } from "../../look/document.ts";
import { WALK_TEXTS, type WalkLanguage } from "../../messages/walk/index.ts";
import type { Simulator, WalkFiles } from "../app-types.ts";
import { page } from "./page.ts";
import { WALK_STYLE } from "./walk-style.ts";

interface WalkPlace {
  readonly simulators: readonly Simulator[];
  /** Where this broker keeps credentials. */
  readonly mount: string;
  readonly language: WalkLanguage;
}

/** Its own scripts, and requests to any server: that is what it is for. */
export function walkPage({ entries, packages }: WalkFiles, { simulators, mount, language }: WalkPlace) {
  const { [language]: texts } = WALK_TEXTS;
  const imports = Object.fromEntries([...packages].map(([name, path]) => [name, `/walk/${path}`]));
  const importMap = JSON.stringify({ imports });
  const policy = policyOf(
    {
      "script-src": `'self' 'sha256-${sha256(importMap)}'`,
      "connect-src": "https: http:",
      "require-trusted-types-for": "'script'",
    },
    WALK_STYLE,
  );
  const head = html`<script type="importmap">${trusted(importMap)}</script>
<script type="module" src="/walk/${entries.walk}"></script>
`;
  const body = html`<noscript><p>${texts["page.noscript"]}
<code>coatcheck walk HOMESERVER</code></p></noscript>`;
  return {
    headers: { ...htmlHeaders(policy), "content-language": language, vary: "Accept-Language" },
    html: page({
      title: texts["page.title"],
      language,
      shape: "column",
      style: WALK_STYLE,
      head,
      data: { simulators: JSON.stringify(simulators), mount },
      body,
    }),
  };
}
