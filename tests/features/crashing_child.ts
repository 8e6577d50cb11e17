/** A decoding child that dies on its first file, for decoder_test.ts. */
await Deno.stdin.read(new Uint8Array(1));
Deno.exit(9);
