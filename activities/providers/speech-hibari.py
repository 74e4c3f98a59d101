"""Speaks JSON lines {"text", "path"} from standard input into mono 16-bit WAV files.

Prints one line after each sentence. Text that the voice cannot read gives a file without samples.
"""

import json
import sys
import wave

import numpy
from hibari import Hibari

# A fixed seed makes the same sentence the same sound, so that a second attempt changes nothing.
SEED = 1

# The voice's own pace, about 190 words a minute, is hasty for a narration.
SPEED = 0.9


def write_wav(path, samples, rate):
    pcm = (numpy.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())


def main():
    voice = Hibari()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        write_wav(order["path"], voice(order["text"], speed=SPEED, seed=SEED), voice.sample_rate)
        print("spoken", flush=True)


if __name__ == "__main__":
    main()
