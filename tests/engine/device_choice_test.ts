import assert from "node:assert/strict";
import { chooseDevice } from "../../engine/device_choice.ts";
import { UserError } from "../../engine/error.ts";

const real = { name: "Radeon RX (RADV)", software: false };
const soft = { name: "llvmpipe (LLVM 15, 256 bits)", software: true };

Deno.test("auto takes the real GPU, wherever it stands in the list", () => {
  assert.equal(chooseDevice("auto", [soft, real]).adapter, 1);
  assert.match(chooseDevice("auto", [soft, real]).why, /Radeon/);
});

Deno.test("auto takes the CPU rather than a software adapter, and says why", () => {
  const { adapter, why } = chooseDevice("auto", [soft]);
  assert.equal(adapter, null);
  assert.match(why, /no real GPU \(llvmpipe .*software/);
  assert.match(chooseDevice("auto", []).why, /no GPU adapter/);
});

Deno.test("gpu is a real GPU or an error, never the CPU or a software adapter", () => {
  assert.equal(chooseDevice("gpu", [soft, real]).adapter, 1);
  for (const adapters of [[], [soft]]) {
    assert.throws(() => chooseDevice("gpu", adapters), UserError);
  }
});

Deno.test("gpu:NAME finds an adapter by part of its name, a software one too", () => {
  assert.equal(chooseDevice("gpu:LLVMpipe", [real, soft]).adapter, 1);
  assert.equal(chooseDevice("gpu:rx", [real, soft]).adapter, 0);
});

Deno.test("gpu:NAME may hold a colon itself", () => {
  assert.equal(chooseDevice("gpu:a:b", [real, { name: "chip a:b", software: false }]).adapter, 1);
});

Deno.test("a name nobody has is refused with the names there are and how to ask for them", () => {
  assert.throws(
    () => chooseDevice("gpu:voodoo", [real, soft]),
    (e) =>
      e instanceof UserError &&
      /found: Radeon RX \(RADV\); llvmpipe .* gpu:llvmpipe\); use --device cpu$/.test(e.message),
  );
});

Deno.test("cpu needs no adapter, and other words are refused with those allowed", () => {
  assert.equal(chooseDevice("cpu", [real]).adapter, null);
  for (const word of ["", "CPU", "gpu:", "cpu:2", "auto:x", "tpu"]) {
    assert.throws(
      () => chooseDevice(word, [real]),
      (e) => e instanceof UserError && /expected auto, gpu, gpu:NAME or cpu/.test(e.message),
      word,
    );
  }
});
