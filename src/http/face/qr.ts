import { encode } from "uqr";
import { type Html, html } from "../../html.ts";

/** Light modules around the code; fewer are not read by every phone (ISO/IEC 18004). */
const QUIET_ZONE = 4;

/** A QR code of the text as a picture, always dark on light. */
export function qrPicture(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: "M", border: QUIET_ZONE });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path class="light" d="M0 0h${size}v${size}h-${size}z"/><path class="dark" d="${dark.join("")}"/></svg>`;
}
