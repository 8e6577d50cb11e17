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
from signals import speech

assert librosa.__version__ == "0.11.0"
warnings.filterwarnings("ignore", message="n_fft=2048 is too large")

RATE = 22050


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

np.concatenate(values).astype("<f4").tofile("features.bin")
with open("features.json", "w") as f:
    f.write("[\n" + ",\n".join("  { " + json.dumps(c)[1:-1] + " }" for c in cases) + "\n]\n")
