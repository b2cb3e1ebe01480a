"""Measures other wake word detectors on what `cargo bench -p xswarm-wake --bench wake -- --peers DIRECTORY` wrote there:
phrases missed in each place, false accepts in ordinary talk, processor time. Prints a table; asserts nothing."""

import pathlib
import sys
import time
import wave

import pymicro_wakeword
import pyopen_wakeword

RATE = 16_000
CONDITIONS = ["clean", "20dB", "10dB", "5dB", "3m", "3m10dB", "10dBpink", "10dBmusic", "10dBtelevision"]
REFRACTORY_S = 2.0


def read(path):
    with wave.open(str(path)) as sound:
        return sound.readframes(sound.getnframes())


class Open:
    """openWakeWord at its usual threshold."""

    def __init__(self, phrase):
        self.features = pyopen_wakeword.OpenWakeWordFeatures.from_builtin()
        self.model = pyopen_wakeword.OpenWakeWord.from_builtin(pyopen_wakeword.Model(phrase))

    def hears(self, frame):
        scores = [s for e in self.features.process_streaming(frame) for s in self.model.process_streaming(e)]
        return any(score >= 0.5 for score in scores)


class Micro:
    """microWakeWord with the cut-offs of its models."""

    def __init__(self, phrase):
        self.features = pymicro_wakeword.MicroWakeWordFeatures()
        self.model = pymicro_wakeword.MicroWakeWord.from_builtin(pymicro_wakeword.Model(phrase))

    def hears(self, frame):
        return any([self.model.process_streaming(f) for f in self.features.process_streaming(frame)])


def wakes(detector, sound):
    step = 1_280 * 2
    found, last = [], -REFRACTORY_S
    for start in range(0, len(sound) - step + 1, step):
        now = (start + step) / 2 / RATE
        if detector.hears(sound[start : start + step]) and now - last >= REFRACTORY_S:
            found.append(now)
            last = now
    return found


def main(directory):
    print("| detector | phrase | missed: clean / 20 / 10 / 5 dB / 3 m / 3 m, 10 dB / 10 dB pink / music / television | false accepts | processor |")
    print("|---|---|---|---|---|")
    for kind in (Open, Micro):
        for phrase in ("hey_jarvis", "okay_nabu"):
            missed, spent, heard = [], 0.0, 0.0
            for condition in CONDITIONS + ["ordinary"]:
                sound = read(directory / f"{phrase}.{condition}.wav")
                before = time.process_time()
                found = wakes(kind(phrase), sound)
                spent += time.process_time() - before
                heard += len(sound) / 2 / RATE
                places = (directory / f"{phrase}.{condition}.tsv").read_text().splitlines()
                places = [[int(at) / RATE for at in place.split("\t")] for place in places]
                if condition == "ordinary":
                    accepted = f"{len(found)} in {len(sound) / 2 / RATE / 3600:.2f} h"
                else:
                    lost = sum(not any(start <= at <= end + 1.2 for at in found) for start, end in places)
                    missed.append(f"{100 * lost / len(places):.1f}")
            print(f"| {kind.__name__} | {phrase} | {' / '.join(missed)} % | {accepted} | {spent / heard:.4f} |", flush=True)


main(pathlib.Path(sys.argv[1]))
