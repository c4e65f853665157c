import { encode } from "uqr";
import { message } from "../messages/walk/index.ts";
import { tellBy } from "./language.ts";

const SVG = "http://www.w3.org/2000/svg";

/** Light modules around the code; fewer are not read by every phone (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** A QR code of the text as a picture, always dark on light. */
export function qrView(text: string): SVGElement {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  const picture = svg(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "shape-rendering": "crispEdges" },
    svg("path", { class: "light", d: `M0 0h${size}v${size}h-${size}z` }),
    svg("path", { class: "dark", d: dark.join("") }),
  );
  tellBy(picture, "aria-label", message("code.qr", { url: text }));
  return picture;
}

function svg(name: string, attributes: Readonly<Record<string, string>>, ...children: readonly Node[]): SVGElement {
  const element = document.createElementNS(SVG, name) as SVGElement;
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
}
