/** Loaded before the program by `listening.ts`: the last line on stderr is what the process used. */
import process from "node:process";

addEventListener("unload", () => console.error(JSON.stringify(process.resourceUsage())));
