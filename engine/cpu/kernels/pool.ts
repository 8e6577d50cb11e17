// Max and average pooling of maps [H, W] to [h, w]. Items are maps, so overlapping windows add up in
// one thread. Params of all, after the buffers: H, W, h, w, kernel, stride and padding (each height
// and width), and for the averages whether padding counts.
import { at, int, ptr } from "./abi";

// @inline
function isTwoByTwo(p: usize, i: i32): bool {
  return int(p, i + 4) == 2 && int(p, i + 5) == 2 && int(p, i + 6) == 2 && int(p, i + 7) == 2 &&
    int(p, i + 8) == 0 && int(p, i + 9) == 0;
}

// Even and odd columns of eight, each pair joined by max or sum.
// @inline
function joinPairs(a: v128, b: v128, average: bool): v128 {
  const even = v128.shuffle<f32>(a, b, 0, 2, 4, 6), odd = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
  return average ? f32x4.add(even, odd) : f32x4.max(even, odd);
}

// 2×2 windows side by side, by far the most common.
// @inline
function pool2(p: usize, start: i32, end: i32, average: bool): void {
  const x = ptr(p, 0), y = ptr(p, 1);
  const H = int(p, 2), W = int(p, 3), h = int(p, 4), w = int(p, 5);
  const quarter = f32x4.splat(0.25);
  for (let map = start; map < end; map++) {
    for (let r = 0; r < h; r++) {
      const top = at(x, (map * H + 2 * r) * W), bottom = at(top, W), to = at(y, (map * h + r) * w);
      let i = 0;
      for (; i + 4 <= w; i += 4) {
        const q = at(top, 2 * i), u = at(bottom, 2 * i);
        const a = joinPairs(v128.load(q), v128.load(q, 16), average);
        const b = joinPairs(v128.load(u), v128.load(u, 16), average);
        v128.store(at(to, i), average ? f32x4.mul(f32x4.add(a, b), quarter) : f32x4.max(a, b));
      }
      for (; i < w; i++) {
        const q = at(top, 2 * i), u = at(bottom, 2 * i);
        const a = load<f32>(q), b = load<f32>(q, 4), c = load<f32>(u), d = load<f32>(u, 4);
        store<f32>(
          at(to, i),
          average ? (a + b + (c + d)) * 0.25 : max<f32>(max<f32>(a, b), max<f32>(c, d)),
        );
      }
    }
  }
}

/** maxPool2d: x, y. Padding is −∞; NaN wins. */
export function maxPool2d(p: usize, start: i32, end: i32): void {
  if (isTwoByTwo(p, 2)) {
    pool2(p, start, end, false);
    return;
  }
  const x = ptr(p, 0), y = ptr(p, 1);
  const H = int(p, 2), W = int(p, 3), h = int(p, 4), w = int(p, 5);
  const kh = int(p, 6), kw = int(p, 7), sh = int(p, 8), sw = int(p, 9);
  const ph = int(p, 10), pw = int(p, 11);
  for (let map = start; map < end; map++) {
    const from = at(x, map * H * W);
    for (let r = 0; r < h; r++) {
      const top = r * sh - ph, r0 = max(top, 0), r1 = min(top + kh, H);
      for (let c = 0; c < w; c++) {
        const left = c * sw - pw, c0 = max(left, 0), c1 = min(left + kw, W);
        let best: f32 = -Infinity;
        for (let i = r0; i < r1; i++) {
          for (let j = c0; j < c1; j++) best = max<f32>(best, load<f32>(at(from, i * W + j)));
        }
        store<f32>(at(y, (map * h + r) * w + c), best);
      }
    }
  }
}

/** maxPool2dGrad: dy, x, dx. The first of a window's equals gets its gradient. */
export function maxPool2dGrad(p: usize, start: i32, end: i32): void {
  const dy = ptr(p, 0), x = ptr(p, 1), dx = ptr(p, 2);
  const H = int(p, 3), W = int(p, 4), h = int(p, 5), w = int(p, 6);
  const kh = int(p, 7), kw = int(p, 8), sh = int(p, 9), sw = int(p, 10);
  const ph = int(p, 11), pw = int(p, 12);
  for (let map = start; map < end; map++) {
    const from = at(x, map * H * W), to = at(dx, map * H * W);
    memory.fill(to, 0, <usize> (H * W) << 2);
    for (let r = 0; r < h; r++) {
      const top = r * sh - ph, r0 = max(top, 0), r1 = min(top + kh, H);
      for (let c = 0; c < w; c++) {
        const left = c * sw - pw, c0 = max(left, 0), c1 = min(left + kw, W);
        let winner = r0 * W + c0;
        let best = load<f32>(at(from, winner));
        for (let i = r0; i < r1; i++) {
          for (let j = c0; j < c1; j++) {
            const v = load<f32>(at(from, i * W + j));
            if (v > best || v != v) {
              best = v;
              winner = i * W + j;
            }
          }
        }
        const place = at(to, winner);
        store<f32>(place, load<f32>(place) + load<f32>(at(dy, (map * h + r) * w + c)));
      }
    }
  }
}

// 1 / (values an average divides by).
// @inline
function share(r0: i32, r1: i32, c0: i32, c1: i32, whole: f32, includePad: i32): f32 {
  return includePad ? whole : 1 / <f32> ((r1 - r0) * (c1 - c0));
}

/** avgPool2d: x, y. */
export function avgPool2d(p: usize, start: i32, end: i32): void {
  if (isTwoByTwo(p, 2)) {
    pool2(p, start, end, true);
    return;
  }
  const x = ptr(p, 0), y = ptr(p, 1);
  const H = int(p, 2), W = int(p, 3), h = int(p, 4), w = int(p, 5);
  const kh = int(p, 6), kw = int(p, 7), sh = int(p, 8), sw = int(p, 9);
  const ph = int(p, 10), pw = int(p, 11), includePad = int(p, 12);
  const whole: f32 = 1 / <f32> (kh * kw);
  for (let map = start; map < end; map++) {
    const from = at(x, map * H * W);
    for (let r = 0; r < h; r++) {
      const top = r * sh - ph, r0 = max(top, 0), r1 = min(top + kh, H);
      for (let c = 0; c < w; c++) {
        const left = c * sw - pw, c0 = max(left, 0), c1 = min(left + kw, W);
        let total: f64 = 0;
        for (let i = r0; i < r1; i++) {
          for (let j = c0; j < c1; j++) total += load<f32>(at(from, i * W + j));
        }
        const mean = <f32> total * share(r0, r1, c0, c1, whole, includePad);
        store<f32>(at(y, (map * h + r) * w + c), mean);
      }
    }
  }
}

/** avgPool2dGrad: dy, dx. */
export function avgPool2dGrad(p: usize, start: i32, end: i32): void {
  const dy = ptr(p, 0), dx = ptr(p, 1);
  const H = int(p, 2), W = int(p, 3), h = int(p, 4), w = int(p, 5);
  const kh = int(p, 6), kw = int(p, 7), sh = int(p, 8), sw = int(p, 9);
  const ph = int(p, 10), pw = int(p, 11), includePad = int(p, 12);
  const whole: f32 = 1 / <f32> (kh * kw);
  for (let map = start; map < end; map++) {
    const to = at(dx, map * H * W);
    memory.fill(to, 0, <usize> (H * W) << 2);
    for (let r = 0; r < h; r++) {
      const top = r * sh - ph, r0 = max(top, 0), r1 = min(top + kh, H);
      for (let c = 0; c < w; c++) {
        const left = c * sw - pw, c0 = max(left, 0), c1 = min(left + kw, W);
        const g = load<f32>(at(dy, (map * h + r) * w + c)) *
          share(r0, r1, c0, c1, whole, includePad);
        for (let i = r0; i < r1; i++) {
          for (let j = c0; j < c1; j++) {
            const place = at(to, i * W + j);
            store<f32>(place, load<f32>(place) + g);
          }
        }
      }
    }
  }
}
