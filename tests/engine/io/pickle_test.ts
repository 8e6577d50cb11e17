import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../engine/error.ts";
import {
  PickledDict,
  type PickledGlobal,
  PickledList,
  PickledTuple,
  readPickle,
} from "../../../engine/io/pickle.ts";
import { bytes, global, little, pickle, text, tuple, whole } from "./torch_file.ts";

const point: PickledGlobal = { name: "Point", call: (args) => ({ point: args }) };
const place: PickledGlobal = { name: "place" };
const reading = {
  file: "x.bin",
  globals: new Map([["shapes.Point", point], ["shapes.place", place]]),
  persistent: (id: unknown) => ({ id }),
};

const read = (data: Uint8Array): unknown => readPickle(data, reading);

function refused(data: Uint8Array, message: RegExp): void {
  assert.throws(() => read(data), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(error.message.startsWith("x.bin: "), error.message);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("numbers, texts and constants are read as Python means them", () => {
  const cases: [data: Uint8Array, value: unknown][] = [
    [pickle("N"), null],
    [pickle(0x88), true],
    [pickle(0x89), false],
    [pickle("K", 255), 255],
    [pickle("M", 0xff, 0xff), 65535],
    [pickle(whole(-7)), -7],
    [pickle(0x8a, 0), 0],
    [pickle(0x8a, 1, 0xff), -1],
    [pickle(0x8a, 5, little(2 ** 33, 5)), 2 ** 33],
    [pickle("G", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0), 1.5],
    [pickle(text("é\n")), "é\n"],
  ];
  for (const [data, value] of cases) assert.equal(read(data), value);
});

Deno.test("lists, tuples and dicts hold what was put into them", () => {
  const list = read(pickle("](", whole(1), whole(2), "e", whole(3), "a"));
  assert.ok(list instanceof PickledList);
  assert.deepEqual(list.items, [1, 2, 3]);
  const dict = read(pickle("}(", text("a"), whole(1), text("b"), "N", "u", text("c"), 0x88, "s"));
  assert.ok(dict instanceof PickledDict);
  assert.deepEqual([...dict.entries], [["a", 1], ["b", null], ["c", true]]);
  const nested = read(pickle(tuple(whole(1), [whole(2), 0x85], [whole(3), whole(4), 0x86], ")")));
  assert.deepEqual(
    nested,
    new PickledTuple([1, new PickledTuple([2]), new PickledTuple([3, 4]), new PickledTuple([])]),
  );
});

Deno.test("the memo gives the same object again, by short and by long numbers", () => {
  const value = read(pickle("]q", 3, "r", little(70000, 4), "h", 3, "j", little(70000, 4), 0x87));
  assert.ok(value instanceof PickledTuple);
  assert.ok(value.items[0] === value.items[1] && value.items[1] === value.items[2]);
});

Deno.test("known names are called with plain arguments, and nothing else is", () => {
  const made = read(pickle(global("shapes", "Point"), whole(1), 0x85, "R"));
  assert.deepEqual(made, { point: [1] });
  assert.equal(read(pickle(global("shapes", "place"))), place);
  assert.deepEqual(read(pickle(text("key"), "Q")), { id: "key" });
  refused(pickle(global("posix", "system"), text("ls"), 0x85, "R"), /asks for "posix\.system"/);
  refused(pickle(global("builtins", "eval")), /asks for "builtins\.eval".*nothing of it was run/);
  refused(pickle(global("shapes", "__proto__")), /asks for "shapes\.__proto__"/);
  refused(pickle(global("shapes", "place"), ")R"), /calls place/);
  refused(pickle(text("print"), ")R"), /calls what is no function/);
  refused(pickle(global("shapes", "Point"), "NR"), /Point is called without arguments/);
});

Deno.test("attributes of a dict are passed over, those of anything else refused", () => {
  assert.ok(read(pickle("}}b")) instanceof PickledDict);
  refused(pickle("]}b"), /attributes are set on what is no dict/);
});

Deno.test("opcodes that could run or hide something are refused by their names", () => {
  refused(pickle("(iposix\nsystem\n"), /opcode 0x69 \(INST\) at byte 3/);
  refused(pickle(text("posix"), text("system"), 0x93), /STACK_GLOBAL/);
  refused(pickle("))", 0x81), /NEWOBJ/);
  refused(pickle("N2"), /opcode 0x32 \(unknown\)/); // DUP
  refused(bytes(0x80, 4, "N."), /protocol 4; torch\.save's own, 2, is read/);
  refused(bytes("N."), /does not begin as a pickle/);
});

Deno.test("a pickle that does not hold together is refused, saying where", () => {
  refused(pickle(), /stack runs empty/);
  refused(pickle("NN"), /goes on past its end/);
  refused(bytes(pickle("N"), 0), /goes on past its end/);
  refused(pickle("(N"), /goes on past its end/);
  refused(pickle("N", 0x86), /stack runs empty/);
  refused(pickle("N(", 0x85), /stack runs empty/);
  refused(pickle("t"), /a mark is missing/);
  refused(pickle("h", 9), /nothing was put into memo 9/);
  refused(pickle("N", whole(1), "a"), /appended to what is no list/);
  refused(pickle("](", whole(1), "u"), /set in what is no dict/);
  refused(pickle("}(", whole(1), "u"), /a key has no value/);
  refused(pickle("}]Ns"), /neither text nor number/);
  refused(pickle("}(", whole(1), "N", whole(1), "N", "u"), /the key 1 stands twice/);
  refused(pickle("X", little(2 ** 32 - 1, 4), "abc"), /ends at byte 7, amid a value/);
  refused(pickle("X", little(1, 4), 0xff), /not UTF-8/);
  refused(pickle(0x8a, 9, little(1, 9)), /a number has 9 bytes/);
  refused(pickle(0x8a, 8, little(2 ** 60, 8)), /too large/);
  refused(bytes(0x80, 2, "cposix"), /has no end/);
  refused(bytes(0x80, 2, "c", "x".repeat(300), "\n"), /has no end/);
});

Deno.test("deep nesting and long memos cost no more than their bytes", () => {
  const deep = read(pickle("N", new Uint8Array(200_000).fill(0x85)));
  assert.ok(deep instanceof PickledTuple);
  // Each level holds the one below twice: two to the power of 5,000 items, were they ever walked.
  const doubled = Array.from({ length: 5000 }, () => ["q", 0, "h", 0, 0x86]);
  assert.ok(read(pickle("N", doubled)) instanceof PickledTuple);
});

Deno.test("any bytes at all are a value or one line", () => {
  const opcodes = fc.constantFrom(..."N}])(tsuaeqhQRb.XKMJ".split("").map((c) => c.charCodeAt(0)));
  const program = fc.array(fc.oneof({ weight: 3, arbitrary: opcodes }, fc.nat(255)), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(program, (ops) => {
      try {
        read(bytes(0x80, 2, ops));
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
        assert.ok(!error.message.includes("\n"));
      }
    }),
    { numRuns: 2000 },
  );
});
