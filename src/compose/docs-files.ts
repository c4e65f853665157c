import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DocsContent } from "../docs/content.ts";
import { renderSite } from "../docs/render-site.ts";

/** What the site is made of; the rest of the repository is linked to. */
const DOCUMENTS = ["*.md", "docs/**/*.{md,json,png,svg,txt}"];

let made: DocsContent | undefined;

/** The documentation, rendered. In a clone it is made when somebody asks; the package has it made. */
export function docsContent(): DocsContent {
  made ??= renderAll(join(import.meta.dirname, "../.."));
  return made;
}

function renderAll(root: string): DocsContent {
  const paths = globSync(DOCUMENTS, { cwd: root });
  const { repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const address = String(repository.url).replace(/^git\+|\.git$/g, "");
  return renderSite(new Map(paths.map((path) => [path, readFileSync(join(root, path))])), address);
}
