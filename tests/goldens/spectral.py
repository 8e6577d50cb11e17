"""
Makes spectral.bin and spectral.json: librosa 0.11.0 on the signals of signals.py, the features of
features/ beside those of features.py. numpy 2.
Run in this folder: python spectral.py
"""

import json
import warnings

import librosa
import numpy as np
import signals

assert librosa.__version__ == "0.11.0"
warnings.filterwarnings("ignore")

RATE = 22050
cases = []
values = []


def keep(name, array, **about):
    flat = np.ascontiguousarray(array, dtype=np.float32).ravel()
    cases.append({"name": name, "at": sum(v.size for v in values), "length": int(flat.size), **about})
    values.append(flat)


def snr(levels):
    """As features/snr.ts defines it; librosa has none."""
    powers = np.sort(levels.ravel().astype(float) ** 2)
    noise = max(1e-10, powers[: max(1, len(powers) // 10)].mean())
    return 10 * np.log10(max(1e-10, powers.mean() - noise) / noise)


def vector(y):
    feature = librosa.feature
    db = librosa.power_to_db(feature.melspectrogram(y=y, sr=RATE))
    mfcc = feature.mfcc(y=y, sr=RATE, n_mfcc=40)
    rms = feature.rms(y=y)
    series = [
        feature.spectral_centroid(y=y, sr=RATE),
        feature.spectral_rolloff(y=y, sr=RATE),
        feature.spectral_bandwidth(y=y, sr=RATE),
        rms,
        feature.zero_crossing_rate(y),
    ]
    return np.concatenate([
        mfcc.mean(axis=1),
        mfcc.std(axis=1),
        feature.chroma_stft(y=y, sr=RATE).mean(axis=1),
        feature.spectral_contrast(y=y, sr=RATE).mean(axis=1),
        feature.tonnetz(y=librosa.effects.harmonic(y), sr=RATE).mean(axis=1),
        [db.mean(), db.std(), db.min(), db.max()],
        *([s.mean(), s.std()] for s in series),
        feature.tempo(y=y, sr=RATE),
        [snr(rms)],
    ])


if __name__ == "__main__":
    for signal, n in (
        ("speech", 40000),
        ("melody", 66151),
        ("gap", 30001),
        ("speech", 5001),
        ("speech", 301),
        ("silence", 3000),
    ):
        y = getattr(signals, signal)(n, RATE)
        about = {"signal": signal, "n": n}
        feature = librosa.feature
        S = np.abs(librosa.stft(y))
        keep("tuning", [librosa.estimate_tuning(S=S**2, sr=RATE)], **about)
        keep("chroma", feature.chroma_stft(y=y, sr=RATE).T, **about)
        keep("contrast", feature.spectral_contrast(y=y, sr=RATE).T, **about)
        keep("centroid", feature.spectral_centroid(y=y, sr=RATE), **about)
        keep("bandwidth", feature.spectral_bandwidth(y=y, sr=RATE), **about)
        keep("rolloff", feature.spectral_rolloff(y=y, sr=RATE), **about)
        onset = librosa.onset.onset_strength(y=y, sr=RATE)
        keep("onset", onset, **about)
        tempogram = feature.tempogram(onset_envelope=onset, sr=RATE, win_length=344)
        keep("tempogram", tempogram.mean(axis=-1), **about)
        keep("tempo", feature.tempo(y=y, sr=RATE), **about)
        keep("snr", [snr(feature.rms(y=y))], **about)
        if signal == "gap":
            continue  # what is left there of a harmonic part is rounding, and chroma would scale it up
        harmonic = librosa.effects.harmonic(y)
        keep("harmonic", harmonic[::31], **about)
        keep("harmonic_tuning", [librosa.estimate_tuning(y=harmonic, sr=RATE, bins_per_octave=36)], **about)
        tuned = {"sr": RATE, "n_bins": 252, "bins_per_octave": 36, "tuning": None}
        keep("cqt", np.abs(librosa.cqt(harmonic, **tuned)).T[::12], **about)
        keep("chroma_cqt", feature.chroma_cqt(y=harmonic, sr=RATE).T, **about)
        keep("tonnetz", feature.tonnetz(y=harmonic, sr=RATE).T, **about)
        keep("vector", vector(y), **about)

    for rate in (8000, 11025, 16000, 32000, 44100, 48000):
        n = 2 * rate + 7
        y = librosa.resample(signals.speech(n, rate), orig_sr=rate, target_sr=RATE, res_type="soxr_hq")
        keep("rates", vector(y), signal="speech", n=n, rate=rate)

    np.concatenate(values).astype("<f4").tofile("spectral.bin")
    with open("spectral.json", "w") as f:
        f.write("[\n" + ",\n".join("  { " + json.dumps(c)[1:-1] + " }" for c in cases) + "\n]\n")
