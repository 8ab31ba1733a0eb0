/** Four digits; powers of ten where large or small: `1.198e9`. */
export function powers(value: number): string {
  if (value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4))
    return String(Number(value.toPrecision(4)));
  const [digits = '', power = ''] = value.toExponential(3).split('e');
  return `${Number(digits)}e${Number(power)}`;
}
