/**
 * The language for a person: the one that the address names, else the first that the browser prefers (`Accept-Language`, RFC 9110
 * 12.5.4, compared by its first subtag), else the first that is offered.
 */
export function chooseLanguage<Language extends string>(
  offered: readonly [Language, ...Language[]],
  named: string | undefined,
  accepted: string | undefined,
): Language {
  const wanted = [...(named === undefined ? [] : [named]), ...byPreference(accepted ?? "")];
  const found = wanted.map((tag) => offered.find((one) => one === primaryOf(tag))).find((one) => one !== undefined);
  return found ?? offered[0];
}

/** More ranges than a browser sends. */
const MOST_RANGES = 30;

function byPreference(accepted: string): readonly string[] {
  const ranges = accepted.split(",", MOST_RANGES).map((range) => {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    return { tag, quality: quality === undefined ? 1 : Number(quality) };
  });
  const usable = ranges.filter(({ quality }) => quality > 0);
  return usable.sort((one, other) => other.quality - one.quality).map(({ tag }) => tag);
}

function primaryOf(tag: string): string {
  return tag.toLowerCase().split("-", 1)[0] ?? "";
}
