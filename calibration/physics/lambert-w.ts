/** Lambert's W of a positive number: the w of w exp(w) = x. */
export function lambertW(x: number): number {
  const logX = Math.log(x);
  // Both starts lie below the root, and Newton's steps on w + ln w, which is concave, rise to it.
  let w = logX > 1 ? logX - Math.log(logX) : x / (1 + x);
  for (let turn = 0; turn < 50; turn += 1) {
    const next = w - (w + Math.log(w) - logX) / (1 + 1 / w);
    if (!(next > w)) break;
    w = next;
  }
  return w;
}
