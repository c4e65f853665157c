import type { Command } from "commander";
import { defineHere, run } from "../frame/command.ts";
import type { DocsFlags } from "../serve/serve-docs.ts";

export function docsCommand(): Command {
  return defineHere("docs", "Show the documentation in a browser, with a search; no network is needed.", [
    ["coatcheck docs", ""],
    ["coatcheck docs cli", "one page"],
    ["coatcheck docs --no-browser --port 8300", "only its address"],
  ])
    .argument("[page]", "such as cli, operations or reference", "")
    .option("--port <number>", "where it listens on 127.0.0.1; 0 for any", "0")
    .option("--no-browser", "do not open a browser")
    .action(
      run<DocsFlags>(async (out, [page = ""], flags) => {
        const { serveDocs } = await import("../serve/serve-docs.ts");
        await serveDocs(out, page, flags);
      }),
    );
}
