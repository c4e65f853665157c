import type { DocsContent, DocsFile, DocsGroup, DocsPage, DocsSection } from "./content.ts";
import { type Places, pageOf, siteLink } from "./links.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderReference } from "./reference.ts";

/** Groups of the navigation, and the files of each in their order. Files that none names are in the last but one. */
const GROUPS: readonly { readonly title: string; readonly files: readonly string[] }[] = [
  {
    title: "Use it",
    files: ["README.md", "docs/install.md", "docs/cli.md", "docs/mcp.md", "docs/sessions.md", "docs/matrix.md"],
  },
  { title: "Look it up", files: ["docs/providers.md", "docs/api.md", "docs/openapi.json", "docs/errors.md"] },
  {
    title: "Run it",
    files: [
      "docs/operations.md",
      "docs/access.md",
      "docs/audit.md",
      "docs/dashboard.md",
      "docs/runbooks.md",
      "SECURITY.md",
    ],
  },
  {
    title: "Judge it",
    files: [
      "docs/reliability.md",
      "docs/compare.md",
      "docs/interop.md",
      "docs/benchmarks.md",
      "docs/scale.md",
      "CHANGELOG.md",
    ],
  },
];

const MORE = "More";
const BUILT = "How it is built";
const BUILT_FIRST = ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/spec/README.md"];

const TYPES: Readonly<Record<string, string>> = {
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
};

const REFERENCE = "docs/openapi.json";

/** The whole site from the repository's documents: path → bytes. */
export function renderSite(documents: ReadonlyMap<string, Buffer>, repository: string): DocsContent {
  const paths = [...documents.keys()].sort();
  const sources = new Set(paths.filter((path) => path.endsWith(".md")));
  const files = new Set(paths.filter((path) => !sources.has(path)));
  const groups = groupsOf([...sources]);
  const sections: DocsSection[] = [];
  const pages = groups.flatMap(({ files: own }) =>
    own.map((file) => renderPage(file, String(documents.get(file)), { sources, files, repository }, sections)),
  );
  return {
    pages: Object.fromEntries(pages.map((page) => [page.path, page])),
    groups: groups.map(({ title, files: own }) => ({ title, pages: own.map(pathOf) })),
    sections: JSON.stringify(sections),
    files: Object.fromEntries([...files].map((path) => [path.replace(/^docs\//, ""), fileOf(path, documents)])),
  };
}

function groupsOf(sources: readonly string[]) {
  const known = new Set([...GROUPS.flatMap(({ files }) => files), ...BUILT_FIRST]);
  const unnamed = sources.filter((path) => !known.has(path));
  const isSpec = (path: string) => path.startsWith("docs/spec/");
  const more = unnamed.filter((path) => !isSpec(path));
  const built = { title: BUILT, files: [...BUILT_FIRST, ...unnamed.filter(isSpec)] };
  return [...GROUPS, ...(more.length > 0 ? [{ title: MORE, files: more }] : []), built];
}

/** The reference stands beside what people read about the API. */
const pathOf = (file: string): DocsGroup["pages"][number] => (file === REFERENCE ? "reference" : pageOf(file));

function renderPage(file: string, text: string, places: Places, sections: DocsSection[]): DocsPage {
  const path = pathOf(file);
  const rendered =
    file === REFERENCE ? renderReference(text) : renderMarkdown(text, (href) => siteLink(file, href, places));
  const { parts, ...page } = rendered;
  for (const { heading, text: said } of parts) {
    const url = heading.depth === 1 ? `/docs/${path}` : `/docs/${path}#${heading.id}`;
    sections.push({ url, page: page.title, title: heading.text, text: said });
  }
  return { path, ...page };
}

function fileOf(path: string, documents: ReadonlyMap<string, Buffer>): DocsFile {
  const type = TYPES[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  return { type, base64: documents.get(path)?.toString("base64") ?? "" };
}
