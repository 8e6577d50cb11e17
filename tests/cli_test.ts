import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../cli.ts", import.meta.url));

/** Runs the program without any permission: words alone must need none. */
async function timbre(...args: string[]) {
  const command = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-prompt", "--no-check", cli, ...args],
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("a mistake on the command line is one line on stderr and exit code 2", async () => {
  for (const args of [["trian"], ["train", "--epochs", "none"], ["a\nb"], []]) {
    const { code, stdout, stderr } = await timbre(...args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^timbre: [^\n]+\n$/);
  }
});

Deno.test("help is printed on stdout, needs no permission and ends well", async () => {
  const { code, stdout, stderr } = await timbre("train", "--help");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /Examples:/);
});
