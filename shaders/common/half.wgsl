// How products read operands that may be halves, two a word; sums are f32 either way.

override HALF: bool = false; // the operands are halves

/// Element `i` of an array whose word i / 2 this is.
fn halfOf(word: u32, i: u32) -> f32 {
  return unpack2x16float(word >> ((i & 1u) * 16u)).x;
}
