import assert from "node:assert/strict";
import { PROTOCOLS, SYSTEMS as WORDS } from "../../commands/options.ts";
import { SYSTEMS } from "../../models/systems.ts";

Deno.test("the systems of the command line are the systems there are, and cnn4 is the first", () => {
  assert.deepEqual([...WORDS].sort(), [...SYSTEMS.keys()].sort());
  assert.equal(WORDS[0], "cnn4");
  for (const [name, system] of SYSTEMS) assert.equal(system.name, name);
});

Deno.test("the protocols are those that issues and other programs name", () => {
  assert.deepEqual([...PROTOCOLS], ["random", "actors", "statement"]);
});
