/** How a shader's text is put together from its own lines, its family's and the prelude. */
import assert from "node:assert/strict";
import { parseShader, shaderSource } from "../../../engine/webgpu/shaders.ts";

Deno.test("a shader gets what its family shares, through families of families too", () => {
  const { code, storages, hasParams } = shaderSource("matmul_tiled");
  assert.ok(!/^\/\/ #include/m.test(code));
  assert.equal(code.match(/fn operands\(/g)?.length, 1); // common/matmul, by way of matmul_rows
  assert.equal(code.match(/fn storeRow\(/g)?.length, 1);
  assert.deepEqual(storages, [
    "read-only-storage",
    "read-only-storage",
    "read-only-storage",
    "storage",
  ]);
  assert.ok(hasParams);
});

Deno.test("a family that does not exist is named", () => {
  assert.throws(
    () => parseShader("mine", "// #include common/nothing.wgsl\n"),
    /shader mine: no shaders\/common\/nothing\.wgsl/,
  );
});
