/** Where a tuner's file lies: in this copy of the project, then in the user's cache. */
import assert from "node:assert/strict";
import { readTuning, tuningUrls } from "../../engine/host.ts";

const env = (variables: Record<string, string>) => (name: string) => variables[name];
const places = (variables: Record<string, string>) =>
  tuningUrls("NVIDIA H200 (1)", env(variables)).map((url) => url.pathname);

Deno.test("a tuner's file lies in the project, and in the user's cache where the environment says", () => {
  const [own, ...none] = places({});
  assert.match(own, /\/\.cache\/timbre\/tuning\/nvidia-h200-1\.json$/);
  assert.deepEqual(none, []);
  const file = "timbre/tuning/nvidia-h200-1.json";
  assert.deepEqual(places({ HOME: "/home/a b" }), [own, `/home/a%20b/.cache/${file}`]);
  assert.deepEqual(places({ HOME: "/home/x", XDG_CACHE_HOME: "/var/c#1" }), [
    own,
    `/var/c%231/${file}`,
  ]);
  // The specification has no use for a path that is not absolute.
  assert.deepEqual(places({ HOME: "/home/x", XDG_CACHE_HOME: "c" }), [
    own,
    `/home/x/.cache/${file}`,
  ]);
  assert.deepEqual(places({ HOME: "C:\\Users\\x" }), [own]);
});

Deno.test("nothing is known of an environment that may not be asked", () => {
  assert.equal(
    Deno.permissions.querySync({ name: "env", variable: "HOME" }).state === "granted",
    false,
  );
  assert.equal(tuningUrls("chip").length, 1);
});

Deno.test({
  name: "what lies in the user's cache is read where the project has nothing",
  ignore: Deno.permissions.querySync({ name: "write" }).state !== "granted",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const name = "an adapter of this test alone";
      const ask = env({ XDG_CACHE_HOME: folder });
      assert.equal(await readTuning(name, ask), null);
      await Deno.mkdir(`${folder}/timbre/tuning`, { recursive: true });
      await Deno.writeTextFile(tuningUrls(name, ask)[1], "tiles");
      assert.equal(await readTuning(name, ask), "tiles");
      assert.equal(await readTuning(name, env({})), null);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
