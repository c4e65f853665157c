/** Where the next release begins in CHANGELOG.md. */
const UNRELEASED = "## Unreleased\n";

/**
 * The changelog with what was unreleased under its version and day (YYYY-MM-DD), and an empty "Unreleased" above. Throws if
 * nothing was noted, or if the version is there already.
 */
export function releasedChangelog(text: string, version: string, day: string): string {
  const [before = "", after] = text.split(UNRELEASED);
  if (after === undefined) throw new Error(`CHANGELOG.md has no heading "${UNRELEASED.trim()}"`);
  if (text.includes(`\n## ${version} `)) throw new Error(`CHANGELOG.md has ${version} already`);
  if (!/^- /m.test(noted(after)))
    throw new Error("CHANGELOG.md notes nothing as unreleased: there is nothing to release");
  return `${before}${UNRELEASED}\n## ${version} (${day})\n${after}`;
}

const noted = (text: string): string => text.split(/^## /m)[0] ?? "";
