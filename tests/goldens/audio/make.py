"""
Makes tone.flac, tone.mp3, tone.ogg, tone.opus (soundfile 0.14.0, libsndfile 1.2.2), tone.m4a and
tone.aac (PyAV 18.1.0), and the rest (ffmpeg 5.1.9): a quarter of a second of 440 Hz at a level of 0.3,
and stereo.flac, whose right channel is silent.
Run in this folder: python make.py
"""

import subprocess

import av
import numpy as np
import soundfile as sf

RATE = 24000
tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE // 4) / RATE)).astype(np.float32)

sf.write("tone.flac", tone, RATE, format="FLAC", subtype="PCM_16")
sf.write("stereo.flac", np.stack([tone, 0 * tone], axis=1), RATE, format="FLAC", subtype="PCM_16")
sf.write("tone.mp3", tone, RATE, format="MP3")
sf.write("tone.ogg", tone, RATE, format="OGG", subtype="VORBIS")
sf.write("tone.opus", tone, RATE, format="OGG", subtype="OPUS")

for name, container in (("tone.m4a", "ipod"), ("tone.aac", "adts")):
    with av.open(name, "w", format=container) as out:
        stream = out.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)

for name, codec in (
    ("tone.aiff", "pcm_s16be"),
    ("tone.caf", "pcm_s8"),
    ("tone.wma", "wmav2 -b:a 32k"),
    ("tone.webm", "libopus"),
    ("tone.mkv", "libvorbis -q 2"),
    ("tone.avi", "pcm_u8"),
):
    command = f"ffmpeg -v error -y -i tone.flac -bitexact -c:a {codec} {name}"
    subprocess.run(command.split(), check=True)
