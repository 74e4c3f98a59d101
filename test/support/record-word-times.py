"""Records when espeak-ng begins each word, by its own word events, into test/fixtures/word-times.json.

Run by hand, with espeak-ng installed: python3 test/support/record-word-times.py
"""

import ctypes
import ctypes.util
import json
import pathlib

SENTENCES = [
    "The deep sea begins where sunlight ends, about two hundred metres below the surface.",
    "Most of the ocean is darker than the darkest night, and colder than any winter lake.",
    "Pressure rises by one atmosphere every ten metres; at the bottom it would crush a car.",
    "Yet animals live there: jellyfish, squid, worms and fish that make their own light.",
    "Some hang a glowing lure before their teeth and simply wait.",
    "Others rise each evening to feed near the surface, then sink again before dawn.",
    "It is the largest daily migration on Earth, and hardly anybody has ever seen it.",
    "Why does it matter?",
    "Because what sinks takes carbon with it, and keeps it out of the air for centuries.",
    "Explorers have mapped less than a third of the sea floor in detail.",
    "We know the far side of the Moon better than our own deepest valleys.",
    "The next time you stand on a beach, remember that the real wilderness starts behind the waves.",
]

SYNCHRONOUS, CHARS_UTF8, POSITION_CHARACTER = 2, 1, 1
EVENT_WORD, EVENT_END = 1, 5


class Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", Id),
    ]


Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event))
# The threshold and the margin of activities/audio/trim.ts.
AUDIBLE, MARGIN_MS = 164, 30


def main():
    library = ctypes.CDLL(ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1")
    rate = library.espeak_Initialize(SYNCHRONOUS, 0, None, 0)
    sound, words = [], []

    @Callback
    def heard(samples, count, events):
        if count > 0:
            sound.extend(samples[:count])
        index = 0
        while events[index].type != 0:
            if events[index].type == EVENT_WORD:
                words.append((events[index].text_position, events[index].audio_position))
            index += 1
        return 0

    library.espeak_SetSynthCallback(heard)
    library.espeak_SetVoiceByName(b"en")
    library.espeak_SetParameter(1, 165, 0)
    recorded = []
    for text in SENTENCES:
        sound.clear()
        words.clear()
        encoded = text.encode()
        library.espeak_Synth(encoded, len(encoded) + 1, 0, POSITION_CHARACTER, 0, CHARS_UTF8, None, None)
        library.espeak_Synchronize()
        audible = [index for index, sample in enumerate(sound) if abs(sample) > AUDIBLE]
        recorded.append(
            {
                "text": text,
                "startMs": max(0, round(audible[0] * 1000 / rate) - MARGIN_MS),
                "endMs": round(audible[-1] * 1000 / rate) + MARGIN_MS,
                # Where each word begins: in the text, and in milliseconds of the sound.
                "words": [[position - 1, start] for position, start in words],
            }
        )
    target = pathlib.Path(__file__).parent.parent / "fixtures" / "word-times.json"
    target.parent.mkdir(exist_ok=True)
    rows = ",\n    ".join(json.dumps(sentence) for sentence in recorded)
    voice = json.dumps("espeak-ng 1.51, en, 165 words a minute")
    target.write_text(f'{{\n  "voice": {voice},\n  "sentences": [\n    {rows}\n  ]\n}}\n')


if __name__ == "__main__":
    main()
