"""
Makes timbre.json: what librosa 0.11.0 makes of recordings for the front end of timbre. Signals of
signals.py. Run in this folder: python timbre.py
"""

import json

import librosa
import numpy as np
import signals

assert librosa.__version__ == "0.11.0"

RATE = 16000
EVERY = 9  # of frames, one is kept


def recording(before, n, after):
    """Faint hiss, speech, faint hiss."""
    return np.concatenate(
        [0.0005 * signals.noise(before), signals.speech(n, RATE), 0.0005 * signals.noise(after)]
    ).astype(np.float32)


trims = []
for before, n, after in [(5000, 12800, 6000), (0, 9000, 0), (2048, 16000, 300), (9999, 4000, 12345)]:
    y = recording(before, n, after)
    _, (start, end) = librosa.effects.trim(y, top_db=35)
    trims.append({"before": before, "n": n, "after": after, "start": int(start), "end": int(end)})

y = signals.speech(14000, RATE)
mel = librosa.feature.melspectrogram(
    y=y,
    sr=RATE,
    n_fft=1024,
    hop_length=256,
    win_length=800,
    n_mels=64,
    fmin=50,
    fmax=7600,
    pad_mode="constant",
)
frames = np.log(mel + 1e-6).T[::EVERY]

with open("timbre.json", "w") as file:
    json.dump(
        {
            "trims": trims,
            "logMel": {
                "n": 14000,
                "every": EVERY,
                "frames": int(mel.shape[1]),
                "values": [round(float(v), 5) for v in frames.ravel()],
            },
        },
        file,
        separators=(",", ":"),
    )
    file.write("\n")
