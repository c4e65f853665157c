import { htmlHeaders, policyOf, type Page as WholePage, wholePage } from "../../look/document.ts";

/** Nothing but the page's own style and, where it has any, forms to this very origin: no script or frame. */
export function pageHeaders({ forms }: { readonly forms: boolean }): Record<string, string> {
  return htmlHeaders(policyOf(forms ? { "form-action": "'self'" } : {}));
}

/** A page of the broker, as it is sent; its mark leads to the start page. */
export function page(parts: Omit<WholePage, "brand" | "shape"> & Partial<Pick<WholePage, "shape">>): string {
  return wholePage({ shape: "card", brand: { name: "Coatcheck", href: "/" }, ...parts });
}
