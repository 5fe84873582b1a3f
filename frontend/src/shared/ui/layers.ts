/** One part of a need's bar: what a layer gave, or what is still missing. */
export interface BarPart {
  code: string;
  label: string;
  amountFen: number;
  /** Share of the bar's whole, 0..1. */
  share: number;
}

interface LayerAmount {
  layer: { code: string; label: string };
  amountFen: number;
}

/** Return the bar's parts: aid by layer, then the residual. Aid beyond the net widens the whole, never hides. */
export function barParts(aidByLayer: readonly LayerAmount[], residualFen: number | null): BarPart[] {
  const parts = aidByLayer
    .filter((each) => each.amountFen > 0)
    .map((each) => ({ code: each.layer.code, label: each.layer.label, amountFen: each.amountFen }));
  if (residualFen !== null && residualFen > 0) parts.push({ code: "residual", label: "尚缺", amountFen: residualFen });
  const whole = parts.reduce((sum, each) => sum + each.amountFen, 0);
  return parts.map((each) => ({ ...each, share: whole ? each.amountFen / whole : 0 }));
}

/** Return the colour of a layer, as a CSS value. */
export const layerColour = (code: string): string => `var(--layer-${code}, var(--layer-own))`;
