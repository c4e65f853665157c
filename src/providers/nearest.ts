/** ` (did you mean github?)` for a name that is not among the known ones; empty where none is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const found = nearest(name.toLowerCase(), known);
  return found === undefined ? "" : ` (did you mean ${found}?)`;
}

/**
 * By a third of its letters, and at most two, a name may differ: typing goes wrong so far, and no further. ST-5: letters are
 * compared with a name of about the same length alone, so that a name as long as a body costs nothing.
 */
function nearest(name: string, known: readonly string[]): string | undefined {
  const most = Math.min(2, Math.ceil(name.length / 3), name.length - 1);
  const ranked = known
    .filter((one) => Math.abs(one.length - name.length) <= most)
    .map((one) => ({ one, edits: editsBetween(name, one.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  return ranked.find(({ edits }) => edits <= most)?.one ?? partOf(name, known);
}

/** `azure` for `microsoft_azure_ad`; a shorter part says too little. Letters. */
const SHORTEST_PART = 4;

function partOf(name: string, known: readonly string[]): string | undefined {
  return name.length < SHORTEST_PART ? undefined : known.find((one) => one.toLowerCase().includes(name));
}

/** Letters put in, left out, changed, or exchanged with their neighbour (optimal string alignment). */
function editsBetween(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row++) {
    const next = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      next[column] = Math.min(
        (next[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? Number.POSITIVE_INFINITY) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [before, last] = [last, next];
  }
  return last.at(-1) ?? 0;
}
