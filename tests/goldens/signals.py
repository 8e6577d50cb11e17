"""Test signals by formula, the same that tests/features/signals.ts makes, so no input is stored."""

import numpy as np


def noise(n):
    """A fixed number in [-1, 1) for each whole number below n."""
    h = (np.arange(n).astype(np.uint64) * 2654435761 & 0xFFFFFFFF).astype(np.uint64)
    h ^= h >> 15
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    return h / 2**31 - 1


def speech(n, rate):
    """Syllables of a gliding voice with three formants over hissing noise, about as loud as speech."""
    i = np.arange(n)
    t = i / rate
    glide = 2 * np.pi * 0.7
    phase = 2 * np.pi * 120 * t - 2 * np.pi * 30 / glide * (np.cos(glide * t) - 1)
    x = np.zeros(n)
    for k in range(1, 41):
        f = 120 * k
        if f > 0.35 * rate:
            break
        level = sum(np.exp(-(((f - c) / w) ** 2)) for c, w in ((500, 300), (1500, 400), (2500, 500)))
        x += level / k * np.sin(k * phase)
    x *= 0.3 * np.sin(np.pi * 3 * t) ** 2
    x += 0.004 * noise(n) * np.cos(np.pi * 5 * t) ** 2
    return x.astype(np.float32)


def melody(n, rate):
    """Plucked notes, four a second, 0.23 semitones above equal temperament, in faint noise."""
    t = np.arange(n) / rate
    beat = np.floor(4 * t).astype(int)
    since = t - beat / 4
    pitch = 220 * 2 ** ((np.array([0, 4, 7, 12, 5, 9])[beat % 6] + 0.23) / 12)
    x = sum(np.sin(2 * np.pi * h * pitch * since) / h for h in range(1, 7))
    return (0.2 * x * np.exp(-6 * since) + 0.001 * noise(n)).astype(np.float32)


def gap(n, rate):
    """Speech with digital silence over its second quarter."""
    x = speech(n, rate)
    x[n // 4 : n // 2] = 0
    return x


def silence(n, rate):
    return np.zeros(n, dtype=np.float32)
