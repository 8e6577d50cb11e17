/** Guesses which word was meant by one that is not allowed. */

/** ` (did you mean X?)` for the allowed word nearest to `word`, or nothing when none is near. */
export function nearest(word: string, allowed: readonly string[]): string {
  const bare = (text: string) => text.replace(/^-+/, "").toLowerCase();
  const wanted = bare(word);
  let best: { readonly word: string; readonly distance: number } | undefined;
  for (const candidate of allowed) {
    const known = bare(candidate);
    const distance = known.startsWith(wanted) && wanted.length > 1
      ? 1
      : editDistance(wanted, known);
    const near = distance <= Math.max(1, Math.floor(known.length / 3));
    if (near && distance < (best?.distance ?? Infinity)) best = { word: candidate, distance };
  }
  return best === undefined ? "" : ` (did you mean ${best.word}?)`;
}

/** Letters to insert, leave out, change or swap with the next one: optimal string alignment. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, last[j] + 1, row[j - 1] + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
