"""
Makes features.bin and features.json: librosa 0.11.0 and soxr 1.1.0 on signals made by a formula, which
tests/features/signals.ts makes as well, so no input is stored. numpy 2, torch 2.13.0 for the resize.
Run in this folder: python features.py
"""

import json
import warnings

import librosa
import numpy as np
import soxr
import torch

assert librosa.__version__ == "0.11.0"
warnings.filterwarnings("ignore", message="n_fft=2048 is too large")

RATE = 22050


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
    h = (i.astype(np.uint64) * 2654435761 & 0xFFFFFFFF).astype(np.uint64)
    h ^= h >> 15
    h = h * 0x85EBCA6B & 0xFFFFFFFF
    h ^= h >> 13
    noise = h / 2**31 - 1
    x += 0.004 * noise * np.cos(np.pi * 5 * t) ** 2
    return x.astype(np.float32)


cases = []
values = []


def keep(name, array, **about):
    flat = np.ascontiguousarray(array, dtype=np.float32).ravel()
    cases.append({"name": name, "at": sum(v.size for v in values), "length": int(flat.size), **about})
    values.append(flat)


for source, target, n in (
    (48000, 22050, 6407),
    (44100, 22050, 5001),
    (16000, 22050, 2000),
    (8000, 16000, 1001),
    (48000, 16000, 5001),
    (44056, 22050, 4000),
    (22050, 44100, 1200),
    (48000, 22050, 7),
):
    x = speech(n, source)
    y = librosa.resample(x, orig_sr=source, target_sr=target, res_type="soxr_hq")
    assert y.dtype == np.float32 and y.size == int(np.ceil(n * target / source))
    keep("resample", y, source=source, target=target, n=n)

for n in (1501, 301, 1):
    keep("stft", librosa.stft(speech(n, RATE)).T.view(np.float32), n=n)

for n in (40000, 30001, 5000, 301):
    y = speech(n, RATE)
    mel = librosa.feature.melspectrogram(y=y, sr=RATE)
    frames = slice(0, mel.shape[1], 12)  # of the longer ones every twelfth frame
    keep("mel", mel.T[frames], n=n)
    keep("db", librosa.power_to_db(mel, ref=np.max).T[frames], n=n)
    keep("mfcc", librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=40).T[frames], n=n)
    keep("rms", librosa.feature.rms(y=y), n=n)
    keep("zcr", librosa.feature.zero_crossing_rate(y), n=n)
    db = torch.from_numpy(librosa.power_to_db(mel, ref=np.max))[None, None]
    image = torch.nn.functional.interpolate(
        db, size=(128, 128), mode="bilinear", align_corners=False, antialias=True
    )
    keep("image", image[0, 0].numpy()[::16], n=n)  # every sixteenth band

for rate in (8000, 11025, 16000, 32000, 44100, 48000):
    n = rate // 2 + 7
    y = librosa.resample(speech(n, rate), orig_sr=rate, target_sr=RATE, res_type="soxr_hq")
    mel = librosa.feature.melspectrogram(y=y, sr=RATE)
    keep("rate", librosa.power_to_db(mel, ref=np.max).T[::6], rate=rate, n=n)

y = speech(30001, RATE)
mfcc = librosa.feature.mfcc(y=y, sr=RATE, n_mfcc=40)
db = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=RATE))
rms = librosa.feature.rms(y=y)
zcr = librosa.feature.zero_crossing_rate(y)
vector = [
    *mfcc.mean(axis=1),
    *mfcc.std(axis=1),
    *(db.mean(), db.std(), db.min(), db.max()),
    *(rms.mean(), rms.std(), zcr.mean(), zcr.std()),
]
keep("vector", np.array(vector), n=30001)

np.concatenate(values).astype("<f4").tofile("features.bin")
with open("features.json", "w") as f:
    f.write("[\n" + ",\n".join("  { " + json.dumps(c)[1:-1] + " }" for c in cases) + "\n]\n")
