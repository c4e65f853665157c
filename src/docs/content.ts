/** The documentation as a site, rendered: what is served, and nothing of how it is written. */
export interface DocsContent {
  /** By their paths below `/docs/`; the first page is at the empty one. */
  readonly pages: Readonly<Record<string, DocsPage>>;
  readonly groups: readonly DocsGroup[];
  /** What the search looks through: JSON of `DocsSection[]`. */
  readonly sections: string;
  /** Pictures and documents for programs, by their paths below `/docs/`. */
  readonly files: Readonly<Record<string, DocsFile>>;
}

export interface DocsPage extends Rendered {
  readonly path: string;
}

export interface DocsGroup {
  readonly title: string;
  /** Paths of its pages, in order. */
  readonly pages: readonly string[];
}

export interface DocsFile {
  readonly type: string;
  readonly base64: string;
}

/** A page's text as HTML. */
export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly headings: readonly Heading[];
}

export interface Heading {
  readonly id: string;
  readonly text: string;
  /** 1 is the page's title. */
  readonly depth: number;
}

/** What one heading is followed by, until the next one. */
export interface DocsSection {
  /** Address below the origin. */
  readonly url: string;
  readonly page: string;
  readonly title: string;
  /** Without any markup. */
  readonly text: string;
}
