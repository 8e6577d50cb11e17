/**
 * Shaders of cooperative matrices with plain code in their place, for adapters that have none: where they
 * read and write, their barriers and what the host plans are tried, the instructions not.
 */

/**
 * A matrix becomes eight numbers a thread, of its 256 every 32nd; products exchange them through workgroup
 * memory. Halves in storage become words of two, halves in workgroup memory f32 that were rounded.
 */
export function withoutMatrices(shader: string): string {
  const buffers = [
    ...shader.matchAll(
      /var<(storage, read|storage, read_write|workgroup)> (\w+): array<(f16|f32)/g,
    ),
  ];
  const accesses = buffers.map(([, space, name, type]) => {
    const half = space !== "workgroup" && type === "f16";
    const value = half ? `halfBits(${name}[at >> 1u], at)` : `${name}[at]`;
    const load = `
fn load_${name}(i: u32, pitch: vec2u) -> array<f32, 8> {
  var m: array<f32, 8>;
  for (var j = 0u; j < eight; j++) {
    let at = i + dot(vec2u((lane + 32u * j) / 16u, lane % 16u), pitch);
    m[j] = ${value};
  }
  return m;
}`;
    const store = `
fn store_${name}(m: array<f32, 8>, i: u32, pitch: vec2u) {
  var own = m;
  for (var j = 0u; j < eight; j++) {
    ${name}[i + dot(vec2u((lane + 32u * j) / 16u, lane % 16u), pitch)] = own[j];
  }
}`;
    return space === "storage, read" ? load : type === "f16" ? load : load + store;
  });
  const standIn = `
var<private> lane: u32;
var<private> eight: u32; // what a compiler does not see through, or it unrolls all there is for minutes
var<workgroup> left: array<f32, 256>;
var<workgroup> right: array<f32, 256>;
fn halfBits(word: u32, i: u32) -> f32 { return unpack2x16float(word >> ((i & 1u) * 16u)).x; }
fn multiplyAdd(x: array<f32, 8>, y: array<f32, 8>, c: array<f32, 8>) -> array<f32, 8> {
  var a = x;
  var b = y;
  var sums = c;
  for (var j = 0u; j < eight; j++) {
    left[lane + 32u * j] = a[j];
    right[lane + 32u * j] = b[j];
  }
  workgroupBarrier();
  for (var j = 0u; j < eight; j++) {
    let row = (lane + 32u * j) / 16u;
    for (var k = 0u; k < 2u * eight; k++) { sums[j] += left[16u * row + k] * right[16u * k + lane % 16u]; }
  }
  workgroupBarrier();
  return sums;
}
fn times(m: array<f32, 8>, factor: f32) -> array<f32, 8> {
  var own = m;
  for (var j = 0u; j < eight; j++) { own[j] *= factor; }
  return own;
}
${accesses.join("")}
`;
  const storages = buffers.filter(([, space, , type]) => space !== "workgroup" && type === "f16");
  const scalars = storages.reduce(
    (text, [, , name]) =>
      text.replace(
        new RegExp(`f32\\(${name}\\[([^\\]]*)\\]\\)`, "g"),
        `halfBits(${name}[($1) >> 1u], $1)`,
      ),
    shader,
  );
  const own = "@builtin(local_invocation_index) local: u32";
  return scalars.replace(/^enable .*$/gm, "")
    .replace(/(var<storage[^>]*> \w+: array<)f16/g, "$1u32")
    .replace(/(var<workgroup> \w+: array<)f16/g, "$1f32")
    .replace(/\bf16\(/g, "quantizeToF16(")
    .replace(/coopLoadT<[^(]*>\(&(\w+)\[([^\]]*)\], ([^)]*)\)/g, "load_$1($2, vec2u($3, 1u))")
    .replace(/coopLoad<[^(]*>\(&(\w+)\[([^\]]*)\], ([^)]*)\)/g, "load_$1($2, vec2u(1u, $3))")
    .replace(/coopStoreT\((\w+), &(\w+)\[([^\]]*)\], ([^)]*)\)/g, "store_$2($1, $3, vec2u($4, 1u))")
    .replace(/coopStore\((\w+), &(\w+)\[([^\]]*)\], ([^)]*)\)/g, "store_$2($1, $3, vec2u(1u, $4))")
    .replace(/coop_mat16x16<\w+, \w>\(\)/g, "array<f32, 8>()")
    .replaceAll("coopMultiplyAdd", "multiplyAdd")
    .replace(/^( *)(\w+) = \2 \* (\w+);$/gm, "$1$2 = times($2, $3);")
    .replace("@compute", `${standIn}@compute`)
    .replace(
      /fn main\(([^{]*)\) \{/,
      (_, rest: string) =>
        `fn main(${
          rest.includes(own) ? rest : `${rest}, ${own}`
        }) {\n  lane = local;\n  eight = 8u + (local >> 6u);`,
    );
}
