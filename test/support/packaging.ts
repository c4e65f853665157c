import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** Ways to load a package that ours does not offer: `require`, and resolvers older than `exports`. */
const NOT_OFFERED: ReadonlySet<string> = new Set(["node10", "node16-cjs"]);

/** What those who install a tarball would stumble over: its manifest, its files, its types. */
export async function packagingProblems(tarball: string): Promise<readonly string[]> {
  const data = Uint8Array.from(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true });
  const analysis = await checkPackage(createPackageFromTarballData(data));
  if (!analysis.types) return ["it has no types"];
  const offered = analysis.problems.filter(
    (problem) => !("resolutionKind" in problem && NOT_OFFERED.has(problem.resolutionKind)),
  );
  return [
    ...messages.map((message) => formatMessage(message, pkg) ?? message.code),
    ...offered.map((problem) => JSON.stringify(problem)),
  ];
}
