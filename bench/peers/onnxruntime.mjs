/**
 * onnxruntime-node beside our rows: products and forward convolutions, each a model of one node, written here
 * byte by byte (ONNX is protocol buffers; a field is a key, then a number or a length and its bytes).
 */
import ort from "onnxruntime-node";
import { printAll, threads } from "./works.mjs";

function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push(n % 128 + 128);
  return [...bytes, n];
}
const number = (field, n) => [...varint(field * 8), ...varint(n)];
const bytes = (field, content) => [...varint(field * 8 + 2), ...varint(content.length), ...content];
const text = (field, words) => bytes(field, [...new TextEncoder().encode(words)]);

/** TypeProto of f32 tensors: ValueInfoProto { name = 1, type = 2 { tensor_type = 1 { elem_type = 1, shape = 2 } } }. */
function value(name, shape) {
  const dims = shape.flatMap((d) => bytes(1, number(1, d)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, 1), ...bytes(2, dims)]))];
}

/** AttributeProto { name = 1, ints = 8, type = 20 }, 7 being a list of integers. */
const integers = (name, list) => [
  ...text(1, name),
  ...list.flatMap((n) => number(8, n)),
  ...number(20, 7),
];

/** The same with one integer: i = 3, type 2. */
const integer = (name, n) => [...text(1, name), ...number(3, n), ...number(20, 2)];

/** ModelProto { ir_version = 1, graph = 7, opset_import = 8 } of one node. */
function model(op, inputs, output, attributes = []) {
  const node = [
    ...Object.keys(inputs).flatMap((name) => text(1, name)),
    ...text(2, "y"),
    ...text(4, op),
    ...attributes.flatMap((a) => bytes(5, a)),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, op),
    ...Object.entries(inputs).flatMap(([name, shape]) => bytes(11, value(name, shape))),
    ...bytes(12, value("y", output)),
  ];
  return new Uint8Array([...number(1, 8), ...bytes(7, graph), ...bytes(8, number(2, 13))]);
}

async function ready(graph, inputs, values) {
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(graph, options);
  const feeds = {};
  Object.entries(inputs).forEach(([name, shape], i) => {
    feeds[name] = new ort.Tensor("float32", values[i], shape);
  });
  return () => session.run(feeds);
}

await printAll(`onnxruntime-node, ${threads} threads`, {
  matmul({ m, k, n, transposeA, transposeB }, ...values) {
    const inputs = { a: transposeA ? [k, m] : [m, k], b: transposeB ? [n, k] : [k, n] };
    const turned = transposeA || transposeB;
    const attributes = [integer("transA", +transposeA), integer("transB", +transposeB)];
    const graph = turned
      ? model("Gemm", inputs, [m, n], attributes)
      : model("MatMul", inputs, [m, n]);
    return ready(graph, inputs, values);
  },
  conv({ batch, channels, height, width, outputs }, ...values) {
    const inputs = {
      x: [batch, channels, height, width],
      w: [outputs, channels, 3, 3],
      b: [outputs],
    };
    const attributes = [integers("kernel_shape", [3, 3]), integers("pads", [1, 1, 1, 1])];
    const graph = model("Conv", inputs, [batch, outputs, height, width], attributes);
    return ready(graph, inputs, values);
  },
});
