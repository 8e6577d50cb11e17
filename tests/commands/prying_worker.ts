/** A command gone bad: tries what it is told and says of each try whether it was let. */
const scope = self as unknown as {
  onmessage: ((event: MessageEvent<{ read: string[]; write: string }>) => void) | null;
  postMessage(reply: Record<string, boolean>): void;
};

scope.onmessage = async ({ data: { read, write } }) => {
  const tries: [name: string, act: () => unknown][] = [
    ...read.map((path): [string, () => unknown] => [path, () => Deno.readFileSync(path)]),
    ["write", () => Deno.writeTextFileSync(write, "")],
    ["env", () => Deno.env.get("HOME")],
    ["run", () => new Deno.Command("deno").outputSync()],
    ["net", () => Deno.connect({ hostname: "127.0.0.1", port: 9 })],
    ["import", () => import(`${"./"}programme.ts`)],
    ["ask", async () => {
      const { state } = await Deno.permissions.request({ name: "read" });
      if (state !== "granted") throw new Deno.errors.NotCapable();
    }],
  ];
  const allowed: Record<string, boolean> = {};
  for (const [name, act] of tries) {
    try {
      await act();
      allowed[name] = true;
    } catch (error) {
      // an import's refusal is a TypeError
      const refused = error instanceof Deno.errors.NotCapable ||
        error instanceof TypeError && /^Requires \w+ access/.test(error.message);
      allowed[name] = !refused;
    }
  }
  scope.postMessage(allowed);
};
