"""Rooms, made up: what four microphones in a circle hear of a talker, of noise, and of the box's own loudspeaker.

    simulate.py DIRECTORY

writes WAV files (16,000 samples a second, floats) and a manifest of one line each: what the rooms are. Two rooms by the image
method (pyroomacoustics), each with a seed, places, voices and words of its own; speech is espeak-ng's. What is measured upon them is device/audio/benches/room.rs.
"""

import dataclasses
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pyroomacoustics as pra
from scipy.io import wavfile
from scipy.signal import fftconvolve, resample_poly

RATE = 16_000
SOUND = 343.0
RADIUS = 0.032
MICROPHONE_DEGREES = (45, 135, 225, 315)
PLAYOUT_S = 0.060
DRIFT = 100e-6
SECONDS = 20
TALK = (10, 18)  # seconds: when the talker speaks over the loudspeaker


@dataclasses.dataclass
class Room:
    seed: int
    size: tuple
    sabine_s: float  # what is asked of Sabine's formula; what is then measured is longer
    array: np.ndarray
    loudspeaker: tuple  # in the same housing, from the middle of the array
    talkers: tuple  # degrees, metres
    interferer_off_degrees: int
    played: tuple  # a voice, and what it says
    spoken: tuple
    beside: tuple

    @property
    def name(self):
        return f"room-{self.seed}"

    def at(self, degrees, metres, height):
        angle = np.deg2rad(degrees)
        x, y, _ = self.array
        return np.array([x + metres * np.cos(angle), y + metres * np.sin(angle), height])

    def sources(self):
        """The loudspeaker, the talkers, and for each of them somebody else."""
        talkers = [self.at(degrees, metres, 1.3) for degrees, metres in self.talkers]
        others = [self.at(degrees + self.interferer_off_degrees, 2.0, 1.2) for degrees, _ in self.talkers]
        return [self.array + self.loudspeaker, *talkers, *others]

    def responses(self):
        """Impulse responses [source][microphone], and the reverberation time measured on the first of the talkers."""
        absorption, order = pra.inverse_sabine(self.sabine_s, self.size)
        room = pra.ShoeBox(self.size, fs=RATE, materials=pra.Material(absorption), max_order=min(order, 40))
        sources = self.sources()
        for source in sources:
            room.add_source(source)
        room.add_microphone_array(pra.MicrophoneArray(self.array[:, None] + microphones(), RATE))
        room.compute_rir()
        by_source = [[room.rir[m][s] for m in range(4)] for s in range(len(sources))]
        return by_source, float(pra.experimental.measure_rt60(by_source[1][0], fs=RATE))


ROOMS = (
    Room(
        seed=7,
        size=(6.0, 5.0, 2.7),
        sabine_s=0.28,
        array=np.array([2.8, 2.3, 0.9]),
        loudspeaker=(0.10, 0.0, -0.05),
        talkers=((60, 2.0), (200, 2.5), (10, 3.0)),
        interferer_off_degrees=100,
        played=(
            "en-us",
            "The weather tomorrow will be mostly sunny, with a high of twenty degrees and a light wind from the west.",
            "Your first meeting is at nine thirty, with the design team, in the large room.",
            "I have added milk, bread and eggs to your shopping list. Is there anything else you need today?",
        ),
        spoken=(
            "en-gb+f3",
            "Stop please, and tell me about the second meeting instead.",
            "No, wait, I want you to turn off the lights in the kitchen.",
            "Okay, what time is it in Tokyo right now, and how long is the flight?",
        ),
        beside=(
            "en-us+m7",
            "The committee will publish its report on the harbour in the second week of March.",
            "Several trains were cancelled because of the snow, and passengers waited for hours.",
            "In the afternoon the rain moved north and the sky over the valley cleared.",
        ),
    ),
    Room(
        seed=1905,
        size=(7.4, 4.6, 2.5),
        sabine_s=0.34,
        array=np.array([4.1, 2.2, 0.75]),
        loudspeaker=(-0.06, 0.08, -0.05),
        talkers=((140, 2.0), (320, 2.5), (185, 3.0)),
        interferer_off_degrees=-100,
        played=(
            "en-gb+f4",
            "There are three letters for you, and one of them is from your brother.",
            "The shop around the corner closes at half past six, so you have forty minutes left.",
            "Now playing the evening concert. Say louder or quieter whenever you like.",
        ),
        spoken=(
            "en-us+m3",
            "Never mind the concert, call my sister and put her through.",
            "Set a timer for twelve minutes and remind me of the bread.",
            "Which of the letters has to be answered before Friday?",
        ),
        beside=(
            "en-gb+f1",
            "The goalkeeper saved a second penalty and the crowd would not stop singing.",
            "Prices for vegetables fell last month, while those for coffee rose again.",
            "After the break we speak with the author about her new novel.",
        ),
    ),
)


def speech(said, seconds):
    """Sentences one after the other, over and over, each at the same level."""
    (voice, *sentences), pieces, length = said, [], 0
    while length < seconds * RATE:
        for sentence in sentences:
            with tempfile.NamedTemporaryFile(suffix=".wav") as file:
                subprocess.run(["espeak-ng", "-v", voice, "-s", "155", "-w", file.name, sentence], check=True)
                rate, sound = wavfile.read(file.name)
            sound = resample_poly(sound / 32768.0, RATE // 50, rate // 50)
            pieces += [sound / sound.std(), np.zeros(RATE // 4)]
            length += len(sound) + RATE // 4
    return np.concatenate(pieces)[: seconds * RATE]


def microphones():
    """Where they are, from the middle of the array."""
    angles = np.deg2rad(MICROPHONE_DEGREES)
    return np.stack([RADIUS * np.cos(angles), RADIUS * np.sin(angles), np.zeros(4)])


def heard(sound, response):
    return np.stack([fftconvolve(sound, one)[: len(sound)] for one in response])


def diffuse(samples, generator):
    """Plane waves from 64 directions all over the sphere, falling 3 dB an octave above 100 Hz."""
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    total = np.zeros((4, samples))
    for _ in range(64):
        azimuth, height = generator.uniform(0, 2 * np.pi), generator.uniform(-1, 1)
        flat = np.sqrt(1 - height**2)
        towards = np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), height])
        wave = np.fft.rfft(generator.standard_normal(samples)) / np.sqrt(np.maximum(frequency, 100))
        for m, ahead in enumerate(microphones().T @ towards / SOUND):
            total[m] += np.fft.irfft(wave * np.exp(2j * np.pi * frequency * ahead), samples)
    return total


def delayed(sound, seconds):
    samples = int(seconds * RATE)
    return np.concatenate([np.zeros((4, samples)), sound], axis=1)[:, : sound.shape[1]]


def slowed(sound, by):
    """The same on a clock that runs slower by a fraction: band-limited, through a spectrum eight times as fine."""
    fine = resample_poly(sound, 8, 1)
    return np.interp(np.arange(len(sound)) * (1 - by) * 8, np.arange(len(fine)), fine)


def main():
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)

    def write(name, sound):
        sound = np.atleast_2d(sound)
        assert np.abs(sound).max() < 1.0, f"{name} clips"
        wavfile.write(target / f"{name}.wav", RATE, sound.T.astype(np.float32))

    manifest = [("array", RADIUS, *MICROPHONE_DEGREES), ("talk", *TALK), ("drift", DRIFT * 1e6)]
    for room in ROOMS:
        generator = np.random.default_rng(room.seed)
        played = speech(room.played, SECONDS) * 0.05
        talking = speech(room.spoken, TALK[1] - TALK[0])
        beside = speech(room.beside, TALK[1] - TALK[0])
        response, measured = room.responses()
        name = room.name

        # The echo at -24 dBFS, a talker 10 dB under it, the microphones' own noise 40 dB under it.
        level = 0.06
        sensor = level * 0.01 * generator.standard_normal((4, SECONDS * RATE))

        def echo(sound):
            echo = heard(sound, response[0])
            return level * delayed(echo / echo.std(), PLAYOUT_S)

        talk = np.zeros(SECONDS * RATE)
        talk[TALK[0] * RATE : TALK[1] * RATE] = talking
        talk = heard(talk, response[1])
        talk *= level * 10 ** (-10 / 20) / talk[:, TALK[0] * RATE : TALK[1] * RATE].std()
        plain = echo(played)
        manifest.append(("room", name, f"{measured:.2f}"))
        write(f"{name}-reference", played)
        write(f"{name}-echo", plain + sensor)
        write(f"{name}-distorted", echo(np.tanh(played * 6) / 6) + sensor)
        write(f"{name}-drifting", echo(slowed(played, DRIFT)) + sensor)
        write(f"{name}-double", plain + talk + sensor)
        write(f"{name}-talker", talk)
        for which, (degrees, metres) in enumerate(room.talkers):
            voice = heard(talking, response[1 + which])
            voice *= 0.05 / voice.std()
            spread = diffuse(voice.shape[1], generator)
            other = heard(beside, response[1 + len(room.talkers) + which])
            hiss = generator.standard_normal(voice.shape)
            manifest.append(("scene", degrees, metres))
            write(f"{name}-voice-{which}", voice)
            # What comes straight to the first microphone.
            first = response[1 + which][0]
            straight = np.where(np.arange(len(first)) <= np.abs(first).argmax() + RATE // 500, first, 0)
            straight = heard(talking, [straight])
            write(f"{name}-straight-{which}", straight * 0.05 / straight.std())
            # 5 dB under the talker, and the microphones' own noise 40 dB under him; or that noise alone, 20 dB under.
            for kind, noise in (("diffuse", spread), ("interferer", other)):
                noise = noise / noise.std() * 0.05 * 10 ** (-5 / 20) + hiss * 0.05 * 0.01
                write(f"{name}-{kind}-{which}", noise)
            write(f"{name}-sensor-{which}", hiss * 0.05 * 0.1)
    lines = ("\t".join(str(field) for field in line) for line in manifest)
    (target / "manifest.tsv").write_text("".join(f"{line}\n" for line in lines))


main()
