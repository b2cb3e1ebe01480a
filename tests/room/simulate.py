"""Rooms, made up: what four microphones in a circle hear of a talker, of noise, and of the box's own loudspeaker.

    simulate.py DIRECTORY

writes WAV files (16,000 samples a second, floats) and a manifest of one line each: what the rooms are. Two rooms by the image method
(pyroomacoustics) with fixed seeds; speech is espeak-ng's. What is measured upon them is device/audio/benches/room.rs.
"""

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
ROOM = (6.0, 5.0, 2.7)
ARRAY = np.array([2.8, 2.3, 0.9])
RADIUS = 0.032
MICROPHONE_DEGREES = (45, 135, 225, 315)
# A loudspeaker in the same housing: 10 cm beside the array, 5 cm below it.
LOUDSPEAKER = ARRAY + (0.10, 0.0, -0.05)
TALKERS = ((60, 2.0), (200, 2.5), (10, 3.0))  # degrees, metres
INTERFERER_OFF_DEGREES = 100
PLAYOUT_S = 0.060
DRIFT = 100e-6
SECONDS = 20
TALK = (10, 18)  # seconds: when the talker speaks over the loudspeaker

PLAYED = (
    "The weather tomorrow will be mostly sunny, with a high of twenty degrees and a light wind from the west.",
    "Your first meeting is at nine thirty, with the design team, in the large room.",
    "I have added milk, bread and eggs to your shopping list. Is there anything else you need today?",
)
SPOKEN = (
    "Stop please, and tell me about the second meeting instead.",
    "No, wait, I want you to turn off the lights in the kitchen.",
    "Okay, what time is it in Tokyo right now, and how long is the flight?",
)
BESIDE = (
    "The committee will publish its report on the harbour in the second week of March.",
    "Several trains were cancelled because of the snow, and passengers waited for hours.",
    "In the afternoon the rain moved north and the sky over the valley cleared.",
)


def speech(voice, sentences, seconds):
    """Sentences one after the other, over and over, each at the same level."""
    pieces, length = [], 0
    while length < seconds * RATE:
        for sentence in sentences:
            with tempfile.NamedTemporaryFile(suffix=".wav") as file:
                subprocess.run(["espeak-ng", "-v", voice, "-s", "155", "-w", file.name, sentence], check=True)
                rate, sound = wavfile.read(file.name)
            sound = resample_poly(sound / 32768.0, RATE // 50, rate // 50)
            pieces += [sound / sound.std(), np.zeros(RATE // 4)]
            length += len(sound) + RATE // 4
    return np.concatenate(pieces)[: seconds * RATE]


def at(degrees, metres, height):
    angle = np.deg2rad(degrees)
    return np.array([ARRAY[0] + metres * np.cos(angle), ARRAY[1] + metres * np.sin(angle), height])


def microphones():
    angles = np.deg2rad(MICROPHONE_DEGREES)
    return np.stack([ARRAY[0] + RADIUS * np.cos(angles), ARRAY[1] + RADIUS * np.sin(angles), np.full(4, ARRAY[2])])


def responses(rt60, sources):
    """Impulse responses [source][microphone] and the reverberation time measured on the first of the talkers."""
    absorption, order = pra.inverse_sabine(rt60, ROOM)
    room = pra.ShoeBox(ROOM, fs=RATE, materials=pra.Material(absorption), max_order=min(order, 40))
    for source in sources:
        room.add_source(source)
    room.add_microphone_array(pra.MicrophoneArray(microphones(), RATE))
    room.compute_rir()
    by_source = [[room.rir[m][s] for m in range(4)] for s in range(len(sources))]
    return by_source, float(pra.experimental.measure_rt60(by_source[1][0], fs=RATE))


def heard(sound, response):
    return np.stack([fftconvolve(sound, one)[: len(sound)] for one in response])


def diffuse(samples, generator):
    """Plane waves from 64 directions all over the sphere, falling 3 dB an octave above 100 Hz."""
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    offsets = microphones() - ARRAY[:, None]
    total = np.zeros((4, samples))
    for _ in range(64):
        azimuth, height = generator.uniform(0, 2 * np.pi), generator.uniform(-1, 1)
        flat = np.sqrt(1 - height**2)
        towards = np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), height])
        wave = np.fft.rfft(generator.standard_normal(samples)) / np.sqrt(np.maximum(frequency, 100))
        for m, ahead in enumerate(offsets.T @ towards / SOUND):
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

    played = speech("en-us", PLAYED, SECONDS) * 0.05
    talking = speech("en-gb+f3", SPOKEN, TALK[1] - TALK[0])
    beside = speech("en-us+m7", BESIDE, TALK[1] - TALK[0])
    write("reference", played)
    manifest = [("array", RADIUS, *MICROPHONE_DEGREES), ("talk", *TALK), ("drift", DRIFT * 1e6)]
    for rt60 in (0.28, 0.44):  # measured, it comes to some 0.35 and 0.55
        generator = np.random.default_rng(7)
        talkers = [at(degrees, metres, 1.3) for degrees, metres in TALKERS]
        others = [at(degrees + INTERFERER_OFF_DEGREES, 2.0, 1.2) for degrees, _ in TALKERS]
        response, measured = responses(rt60, [LOUDSPEAKER, *talkers, *others])
        name = f"room-{round(rt60 * 100)}"

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
        write(f"{name}-echo", plain + sensor)
        write(f"{name}-distorted", echo(np.tanh(played * 6) / 6) + sensor)
        write(f"{name}-drifting", echo(slowed(played, DRIFT)) + sensor)
        write(f"{name}-double", plain + talk + sensor)
        write(f"{name}-talker", talk)
        for which, (degrees, metres) in enumerate(TALKERS):
            voice = heard(talking, response[1 + which])
            voice *= 0.05 / voice.std()
            spread = diffuse(voice.shape[1], generator)
            other = heard(beside, response[1 + len(TALKERS) + which])
            hiss = generator.standard_normal(voice.shape)
            manifest.append(("scene", degrees, metres))
            write(f"{name}-voice-{which}", voice)
            # 5 dB under the talker, and the microphones' own noise 40 dB under him; or that noise alone, 20 dB under.
            for kind, noise in (("diffuse", spread), ("interferer", other)):
                noise = noise / noise.std() * 0.05 * 10 ** (-5 / 20) + hiss * 0.05 * 0.01
                write(f"{name}-{kind}-{which}", noise)
            write(f"{name}-sensor-{which}", hiss * 0.05 * 0.1)
    lines = ("\t".join(str(field) for field in line) for line in manifest)
    (target / "manifest.tsv").write_text("".join(f"{line}\n" for line in lines))


main()
