import type { Salted } from "../../audit/salted.ts";
import { searchFile } from "../../audit/search.ts";
import type { AuditLines, AuditQuery } from "../access.ts";
import { invalid } from "../errors.ts";

/** In the file of a device, which none but one of the type `file` has. Throws `BrokerError`. */
export async function searchLines(
  path: string | undefined,
  salted: Salted,
  { text, ...query }: AuditQuery,
): Promise<AuditLines> {
  if (path === undefined) throw invalid("only a device that writes to a file can be searched");
  // As a line has it, without the quotation marks.
  const plain = JSON.stringify(text).slice(1, -1);
  const wanted = text === "" ? undefined : { plain, hashed: salted.of(text) };
  return searchFile(path, { ...query, wanted }).catch((error: NodeJS.ErrnoException) => {
    throw invalid(`the file of the device cannot be read by the broker (${error.code ?? error.message})`);
  });
}
