/** Seconds to the unit. */
const UNITS: ReadonlyMap<string, number> = new Map(Object.entries({ "": 1, s: 1, m: 60, h: 3_600, d: 86_400 }));

/** Seconds of `90`, `"1h30m"`; undefined for what is no duration. */
export function durationIn(text: string): number | undefined {
  let [seconds, digits, unit] = [0, "", ""];
  let isWrong = false;
  const add = () => {
    const factor = UNITS.get(unit);
    isWrong ||= digits === "" || factor === undefined;
    seconds += Number(digits) * (factor ?? 0);
    [digits, unit] = ["", ""];
  };
  for (const one of text) {
    const isDigit = one >= "0" && one <= "9";
    if (isDigit && unit !== "") add();
    if (isDigit) digits += one;
    else unit += one;
  }
  add();
  return isWrong ? undefined : seconds;
}
