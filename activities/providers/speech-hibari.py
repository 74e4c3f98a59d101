"""Speaks JSON lines {"text", "path"} from standard input into mono 16-bit WAV files, in the voice of its first
argument. The second is the seed: the same one makes the same sentence the same sound.

Prints one line after each sentence. Text that the voice cannot read gives a file without samples. A voice that is
not in the package is fetched once; its model is only opened when it has the checksum that the package states.
"""

import json
import os
import sys
import wave

import numpy
from hibari import Hibari
from hibari.voices import VOICES, sha256_of, voice_path

# The voice's own pace, about 190 words a minute, is hasty for a narration.
SPEED = 0.9


def write_wav(path, samples, rate):
    pcm = (numpy.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())


def is_whole(name):
    return sha256_of(voice_path(name)) == VOICES[name]["sha256"]


def open_voice(name):
    try:
        if not is_whole(name) and not VOICES[name].get("bundled"):
            os.unlink(voice_path(name))
        if not is_whole(name):
            sys.exit(f'the model of the voice "{name}" is damaged')
        return Hibari(voice=name)
    except RuntimeError as refused:
        sys.exit(f'the voice "{name}" cannot be fetched: {refused}')


def main():
    voice, seed = open_voice(sys.argv[1]), int(sys.argv[2])
    for line in sys.stdin.buffer:
        order = json.loads(line)
        write_wav(order["path"], voice(order["text"], speed=SPEED, seed=seed), voice.sample_rate)
        print("spoken", flush=True)


if __name__ == "__main__":
    main()
