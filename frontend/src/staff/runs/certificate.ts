/** Return a ratio in percent with two decimals, cut down; a gap is cut up, so that neither flatters. */
export function ratioText(ratio: number, isGap = false): string {
  const hundredths = ratio * 10_000;
  // Floating noise (0.1 + 0.2) must not cut a whole step.
  const near = Math.round(hundredths);
  const whole = Math.abs(hundredths - near) < 1e-6 ? near : isGap ? Math.ceil(hundredths) : Math.floor(hundredths);
  return `${(whole / 100).toFixed(2)}%`;
}
