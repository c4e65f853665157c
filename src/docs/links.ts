/** Where a file of the repository is on the site. */

/** The page of a Markdown file: `docs/cli.md` is `cli`, `docs/spec/README.md` is `spec`, `README.md` the first page. */
export function pageOf(file: string): string {
  return file
    .replace(/^docs\//, "")
    .replace(/\.md$/, "")
    .replace(/(^|\/)README$/, "")
    .toLowerCase();
}

export interface Places {
  /** Paths of the Markdown files that are pages. */
  readonly sources: ReadonlySet<string>;
  /** Paths of the other files that are served. */
  readonly files: ReadonlySet<string>;
  /** Where the rest of the repository can be looked at. */
  readonly repository: string;
}

/** A link as it stands in a file, as the site has it. What the site does not have is at the repository's address. */
export function siteLink(from: string, href: string, { sources, files, repository }: Places): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(href) || href.startsWith("#")) return href;
  const { pathname, hash } = new URL(href, `file:///${from}`);
  const path = decodeURIComponent(pathname.slice(1));
  const page = [path, `${path}README.md`, `${path}/README.md`].find((one) => sources.has(one));
  if (page !== undefined) return `/docs/${pageOf(page)}${hash}`;
  if (files.has(path)) return `/docs/${path.replace(/^docs\//, "")}`;
  return `${repository}/blob/main/${path}${hash}`;
}
