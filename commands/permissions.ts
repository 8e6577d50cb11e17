/**
 * Permissions that a command's words do not need are given up before a stranger's file is opened.
 */

/** Nothing can be written from here on. */
export async function giveUpWriting(): Promise<void> {
  await Deno.permissions.revoke({ name: "write" });
}
