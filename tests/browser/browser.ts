/** A page in headless Chromium, whose WebGPU runs on SwiftShader: what a page is served, and what it tells. */
import { join } from "node:path";

const BROWSER = "chromium";
const FLAGS = [
  ...["--headless=new", "--no-sandbox", "--no-first-run", "--disable-dev-shm-usage"],
  ...["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
];

export interface Page {
  readonly html: string;
  /** What else it may fetch, by path. */
  readonly files: Readonly<Record<string, () => Response>>;
  /** Seconds it may take. */
  readonly patience: number;
}

/**
 * Opens a page in a browser of its own and returns what it posts to `/told`. Throws where there is no browser,
 * and where it ends, or is ended, before that.
 */
export async function visit<Told>({ html, files, patience }: Page): Promise<Told> {
  const { promise, resolve } = Promise.withResolvers<Told>();
  const answer = async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/told") resolve(await request.json());
    return files[pathname]?.() ?? new Response(html, { headers: { "content-type": "text/html" } });
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const profile = await Deno.makeTempDir();
  const browser = start(`http://127.0.0.1:${server.addr.port}/`, join(profile, "profile"));
  const timer = setTimeout(() => browser.kill("SIGKILL"), 1000 * patience);
  const gone = browser.status.then(({ code }): never => {
    throw new Error(`${BROWSER} ended with ${code} and said nothing`);
  });
  try {
    return await Promise.race([promise, gone]);
  } finally {
    clearTimeout(timer);
    gone.catch(() => {});
    try {
      browser.kill("SIGKILL");
    } catch {
      // It had ended.
    }
    await browser.status;
    await server.shutdown();
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // what it started may still write
  }
}

function start(url: string, profile: string): Deno.ChildProcess {
  try {
    const args = [...FLAGS, `--user-data-dir=${profile}`, url];
    return new Deno.Command(BROWSER, { args, stdout: "null", stderr: "null" }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`needs ${BROWSER}`);
    throw error;
  }
}
