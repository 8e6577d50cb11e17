// Elementwise kernels. One inlined loop a shape of work (unary, binary with broadcasting) and one
// inlined switch of formulas: the op is a constant at each call, so every export compiles to a loop
// of its own formula alone.
import { at, int, ptr } from "./abi";
import { exp4, geluSlope4, log4, normalCdf4, sigmoid4, tanh4 } from "./math";

const enum Unary {
  Neg,
  Exp,
  Log,
  Sqrt,
  Tanh,
  Sigmoid,
  Relu,
  Gelu,
  Square,
  Abs,
  Reciprocal,
}

// @inline
function unary(op: i32, x: v128): v128 {
  if (op == Unary.Neg) return f32x4.neg(x);
  if (op == Unary.Exp) return exp4(x);
  if (op == Unary.Log) return log4(x);
  if (op == Unary.Sqrt) return f32x4.sqrt(x);
  if (op == Unary.Tanh) return tanh4(x);
  if (op == Unary.Sigmoid) return sigmoid4(x);
  // max would turn NaN into 0 on some machines; a NaN must stay visible
  if (op == Unary.Relu) return v128.andnot(x, f32x4.lt(x, f32x4.splat(0)));
  if (op == Unary.Gelu) return f32x4.mul(x, normalCdf4(x));
  if (op == Unary.Square) return f32x4.mul(x, x);
  if (op == Unary.Abs) return f32x4.abs(x);
  return f32x4.div(f32x4.splat(1), x);
}

// Buffers: x, out. Items: elements. Whole vectors may run past `end` inside the heap's slack only
// at the very end of a tensor, so a chunk's last partial vector is done lane by lane.
// @inline
function runUnary(op: i32, p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 1);
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const a = unary(op, v128.load(at(x, i))), b = unary(op, v128.load(at(x, i), 16));
    v128.store(at(out, i), a);
    v128.store(at(out, i), b, 16);
  }
  for (; i + 4 <= end; i += 4) v128.store(at(out, i), unary(op, v128.load(at(x, i))));
  for (; i < end; i++) {
    store<f32>(at(out, i), f32x4.extract_lane(unary(op, f32x4.splat(load<f32>(at(x, i)))), 0));
  }
}

export function neg(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Neg, p, s, e);
}
export function exp(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Exp, p, s, e);
}
export function log(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Log, p, s, e);
}
export function sqrt(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Sqrt, p, s, e);
}
export function tanh(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Tanh, p, s, e);
}
export function sigmoid(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Sigmoid, p, s, e);
}
export function relu(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Relu, p, s, e);
}
export function gelu(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Gelu, p, s, e);
}
export function square(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Square, p, s, e);
}
export function abs(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Abs, p, s, e);
}
export function reciprocal(p: usize, s: i32, e: i32): void {
  runUnary(Unary.Reciprocal, p, s, e);
}

const enum Binary {
  Add,
  Sub,
  Mul,
  Div,
  Maximum,
  Minimum,
  Greater,
  Equal,
  ReluGrad,
  GeluGrad,
  TanhGrad,
  SigmoidGrad,
}

// Gradients take (g, saved): saved is the output y for relu, tanh and sigmoid, the input x for gelu.
// @inline
function binary(op: i32, a: v128, b: v128): v128 {
  const one = f32x4.splat(1);
  if (op == Binary.Add) return f32x4.add(a, b);
  if (op == Binary.Sub) return f32x4.sub(a, b);
  if (op == Binary.Mul) return f32x4.mul(a, b);
  if (op == Binary.Div) return f32x4.div(a, b);
  if (op == Binary.Maximum) return f32x4.max(a, b);
  if (op == Binary.Minimum) return f32x4.min(a, b);
  if (op == Binary.Greater) return v128.and(f32x4.gt(a, b), one);
  if (op == Binary.Equal) return v128.and(f32x4.eq(a, b), one);
  if (op == Binary.ReluGrad) return v128.and(a, f32x4.gt(b, f32x4.splat(0)));
  if (op == Binary.GeluGrad) return f32x4.mul(a, geluSlope4(b));
  if (op == Binary.TanhGrad) return f32x4.mul(a, f32x4.sub(one, f32x4.mul(b, b)));
  return f32x4.mul(a, f32x4.mul(b, f32x4.sub(one, b)));
}

// @inline
function fetch(base: usize, i: i32, step: i32): v128 {
  return step ? v128.load(at(base, i)) : v128.load32_splat(at(base, i));
}

// One run of `n` elements whose operands each step by 0 or 1.
// @inline
function runRow(op: i32, a: usize, b: usize, out: usize, n: i32, sa: i32, sb: i32): void {
  let i = 0;
  if (sa & sb) {
    for (; i + 8 <= n; i += 8) {
      const x = binary(op, v128.load(at(a, i)), v128.load(at(b, i)));
      const y = binary(op, v128.load(at(a, i), 16), v128.load(at(b, i), 16));
      v128.store(at(out, i), x);
      v128.store(at(out, i), y, 16);
    }
    for (; i + 4 <= n; i += 4) {
      v128.store(at(out, i), binary(op, v128.load(at(a, i)), v128.load(at(b, i))));
    }
  } else {
    for (; i + 4 <= n; i += 4) {
      v128.store(at(out, i), binary(op, fetch(a, i * sa, sa), fetch(b, i * sb, sb)));
    }
  }
  for (; i < n; i++) {
    const x = v128.load32_splat(at(a, i * sa)), y = v128.load32_splat(at(b, i * sb));
    store<f32>(at(out, i), f32x4.extract_lane(binary(op, x, y), 0));
  }
}

// Buffers: a, b, out. Params: inner, stepA, stepB (0 or 1 along the inner run), rank, then for each
// outer dimension, innermost first: size, strideA, strideB. Items: elements.
// @inline
function runBinary(op: i32, p: usize, start: i32, end: i32): void {
  const a = ptr(p, 0), b = ptr(p, 1), out = ptr(p, 2);
  const inner = int(p, 3), sa = int(p, 4), sb = int(p, 5), rank = int(p, 6);
  let i = start;
  while (i < end) {
    let row = i / inner;
    const column = i - row * inner;
    const n = min(inner - column, end - i);
    let offsetA = column * sa, offsetB = column * sb;
    for (let d = 0; d < rank; d++) {
      const size = int(p, 7 + 3 * d);
      const rest = row / size;
      const index = row - rest * size;
      offsetA += index * int(p, 8 + 3 * d);
      offsetB += index * int(p, 9 + 3 * d);
      row = rest;
    }
    runRow(op, at(a, offsetA), at(b, offsetB), at(out, i), n, sa, sb);
    i += n;
  }
}

export function add(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Add, p, s, e);
}
export function sub(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Sub, p, s, e);
}
export function mul(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Mul, p, s, e);
}
export function div(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Div, p, s, e);
}
export function maximum(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Maximum, p, s, e);
}
export function minimum(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Minimum, p, s, e);
}
export function greater(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Greater, p, s, e);
}
export function equal(p: usize, s: i32, e: i32): void {
  runBinary(Binary.Equal, p, s, e);
}
export function reluGrad(p: usize, s: i32, e: i32): void {
  runBinary(Binary.ReluGrad, p, s, e);
}
export function geluGrad(p: usize, s: i32, e: i32): void {
  runBinary(Binary.GeluGrad, p, s, e);
}
export function tanhGrad(p: usize, s: i32, e: i32): void {
  runBinary(Binary.TanhGrad, p, s, e);
}
export function sigmoidGrad(p: usize, s: i32, e: i32): void {
  runBinary(Binary.SigmoidGrad, p, s, e);
}
