/** WAV files of every ordinary form come out as the samples that went in; broken ones say what is wrong. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../engine/error.ts";
import { decodeAudio } from "../../features/audio.ts";
import type { CompressedDecoder } from "../../features/decoder.ts";
import { decodeWav } from "../../features/wav.ts";
import { makeWave, type WaveParts } from "./wave_file.ts";

const wave = Float32Array.from({ length: 50 }, (_, i) => 0.5 * Math.sin(i));

function assertClose(got: Float32Array, want: ArrayLike<number>, tolerance: number) {
  assert.equal(got.length, want.length);
  for (let i = 0; i < got.length; i++) {
    assert.ok(Math.abs(got[i] - want[i]) <= tolerance, `sample ${i}: ${got[i]}, want ${want[i]}`);
  }
}

const forms: [string, Partial<WaveParts>, number][] = [
  ["8-bit", { bits: 8 }, 2 ** -8],
  ["16-bit", { bits: 16 }, 2 ** -16],
  ["24-bit", { bits: 24 }, 2 ** -24],
  ["32-bit", { bits: 32 }, 2 ** -24],
  ["32-bit float", { bits: 32, code: 3 }, 0],
  ["64-bit float", { bits: 64, code: 3 }, 0],
  ["extensible 24-bit", { bits: 24, code: 0xfffe }, 2 ** -24],
  ["extensible 64-bit float", { bits: 64, code: 0xfffe }, 0],
  ["big-endian 16-bit", { bits: 16, container: "RIFX" }, 2 ** -16],
  ["big-endian 24-bit", { bits: 24, container: "RIFX" }, 2 ** -24],
  ["big-endian 32-bit float", { bits: 32, code: 3, container: "RIFX" }, 0],
  ["RF64 16-bit", { bits: 16, container: "RF64" }, 2 ** -16],
  ["streamed, of unknown size", { bits: 16, dataSize: 0xffffffff }, 2 ** -16],
];
for (const [name, parts, tolerance] of forms) {
  Deno.test(`${name} WAV is read as it was written`, () => {
    const audio = decodeWav(makeWave({ samples: wave, rate: 11025, ...parts }));
    assert.equal(audio.sampleRate, 11025);
    assertClose(audio.samples, wave, tolerance);
  });
}

Deno.test("channels of a WAV are averaged", () => {
  const stereo = makeWave({ samples: [0.5, 0.25, -0.5, 0, 0.125, 0.125], channels: 2 });
  assertClose(decodeWav(stereo).samples, [0.375, -0.25, 0.125], 0);
  const three = makeWave({ samples: [0.75, 0, 0, 0.75, 0.75, 0], channels: 3, bits: 24 });
  assertClose(decodeWav(three).samples, [0.25, 0.5], 1e-7);
});

Deno.test("A-law and µ-law expand by G.711", () => {
  // ITU-T G.711: the codes of ± the largest and smallest magnitudes, on a 16-bit scale
  const alaw = makeWave({ code: 6, bits: 8, samples: [0xd5, 0x55, 0xaa, 0x2a] });
  assertClose(decodeWav(alaw).samples, [8, -8, 32256, -32256].map((x) => x / 32768), 0);
  const mulaw = makeWave({ code: 7, bits: 8, samples: [0xff, 0x80, 0x00, 0xfe] });
  assertClose(decodeWav(mulaw).samples, [0, 32124, -32124, 8].map((x) => x / 32768), 0);
});

Deno.test("chunks before and after the samples are passed over, odd ones too", () => {
  const extra: [string, Uint8Array][] = [
    ["LIST", new Uint8Array(13)],
    ["bext", new Uint8Array(602)],
    ["junk", new Uint8Array(1)],
  ];
  for (const unpadded of [false, true]) {
    const bytes = makeWave({ samples: wave, before: extra, after: extra, unpadded });
    assertClose(decodeWav(bytes).samples, wave, 2 ** -16);
  }
});

Deno.test("a size that was never filled in is that of all there is; one that is too small is told", () => {
  for (const dataSize of [0, 0x7ffff000, 0x80000000, 0xffffffff]) {
    for (const container of ["RIFF", "RIFX"] as const) {
      assertClose(
        decodeWav(makeWave({ samples: wave, dataSize, container })).samples,
        wave,
        2 ** -16,
      );
    }
  }
  const list: [string, Uint8Array] = ["LIST", new Uint8Array(300)];
  for (const container of ["RIFF", "RIFX"] as const) {
    const empty = decodeWav(makeWave({ samples: [], container, after: [list] }));
    assert.equal(empty.samples.length, 0);
  }
  const short = decodeWav(makeWave({ samples: [0.5, 0.5, 0.5], after: [list] }));
  assert.equal(short.samples.length, 3);
  assert.throws(
    () => decodeWav(makeWave({ samples: wave, dataSize: 20 })),
    /^UserError: broken WAV: its "data" chunk says 20 bytes, and 80 that are no chunk follow; if/,
  );
  const tail = new Uint8Array([...makeWave({ samples: wave }), ...new Uint8Array(60).fill(200)]);
  assertClose(decodeWav(tail).samples, wave, 2 ** -16);
  const padded = new Uint8Array([...makeWave({ samples: wave }), ...new Uint8Array(70_000)]);
  assertClose(decodeWav(padded).samples, wave, 2 ** -16);
});

Deno.test("chunks that promise billions of entries cost nothing", () => {
  const cue = new Uint8Array(4).fill(255);
  const sampler = new Uint8Array(36).fill(255);
  const list = () => new TextEncoder().encode("LIST\0\0\0\0INFO".repeat(60));
  const bytes = makeWave({
    samples: wave,
    before: [["cue ", cue], ["smpl", sampler], ["LIST", list()]],
  });
  assertClose(decodeWav(bytes).samples, wave, 2 ** -16);
});

const whole = makeWave({ samples: wave });
const broken: [string, Uint8Array<ArrayBuffer>, RegExp][] = [
  ["an empty file", new Uint8Array(0), /x: empty file \(0 bytes\)/],
  ["text", new TextEncoder().encode("hello, world"), /x: not an audio file that is read/],
  ["a header alone", whole.slice(0, 36), /x: broken WAV: no "data" chunk/],
  ["a truncated WAV", whole.slice(0, 100), /x: truncated WAV: its "data" chunk says 100 bytes, 56/],
  ["no samples", makeWave({ samples: [] }), /x: empty: it holds no samples/],
  ["silence", makeWave({ samples: new Float32Array(99) }), /x: silent/],
  ["near silence", makeWave({ samples: new Float32Array(99).fill(2 ** -15) }), /x: silent/],
  [
    "a NaN",
    makeWave({ samples: [0.5, NaN], code: 3, bits: 32 }),
    /x: broken: sample 1 is NaN, where full scale is 1/,
  ],
  ["infinity", makeWave({ samples: [Infinity], code: 3, bits: 64 }), /x: broken: sample 0 is Inf/],
  ["no rate", makeWave({ samples: wave, rate: 0 }), /x: sample rate 0 Hz, expected 2000 to 384000/],
  [
    "no channels",
    makeWave({ samples: wave, channels: 0 }),
    /x: broken WAV: it says it has no chan/,
  ],
  ["40-bit samples", makeWave({ samples: [], bits: 40 }), /x: broken WAV: 40-bit int samples/],
  ["ADPCM", makeWave({ samples: wave, code: 17 }), /x: WAV of compression 17, expected PCM/],
];
for (const [name, bytes, message] of broken) {
  Deno.test(`${name} is refused in one line that names it`, async () => {
    await assert.rejects(decodeAudio(bytes, "x", noDecoder), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

Deno.test("a WAV with bytes changed at random is read or refused, never more", async () => {
  const seeds = [
    makeWave({ samples: wave }),
    makeWave({ samples: wave, code: 3, bits: 32, before: [["LIST", new Uint8Array(21)]] }),
    makeWave({ samples: wave, code: 0xfffe, bits: 24, channels: 2 }),
    makeWave({ samples: wave, container: "RF64" }),
  ];
  const change = fc.tuple(fc.nat(120), fc.nat(255));
  const property = fc.asyncProperty(
    fc.constantFrom(...seeds),
    fc.array(change, { minLength: 1, maxLength: 6 }),
    fc.nat(160),
    async (seed, changes, cut) => {
      const bytes = seed.slice(0, Math.max(12, seed.length - Math.max(0, cut - 80)));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      const problem = await decodeAudio(bytes, "x", noDecoder).then(
        ({ samples }) => samples.every(Number.isFinite) ? null : new Error("not finite"),
        (error) => error,
      );
      assert.ok(problem === null || problem instanceof UserError, String(problem));
    },
  );
  await fc.assert(property, { numRuns: 500, seed: 7 });
});

const noDecoder: CompressedDecoder = {
  decode: () => Promise.reject(new UserError("not a WAV")),
  [Symbol.dispose]() {},
};
