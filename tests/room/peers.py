"""What others make of the rooms that simulate.py made: speexdsp (Debian's library) and WebRTC (PyPI's livekit).

    peers.py DIRECTORY

writes, beside each file with an echo, the first microphone without it, as one and the other would have it.
"""

import ctypes
import pathlib
import sys

import numpy as np
from livekit import rtc
from scipy.io import wavfile

RATE = 16_000
BLOCK = 160
SPEEX_TAIL = 4096
SPEEX_SET_RATE = 24
SPEEX_SET_ECHO_STATE = 24


def pcm(sound):
    return np.ascontiguousarray(np.clip(sound * 32768, -32768, 32767).astype(np.int16))


def speex(played, heard, suppress=False):
    """The linear filter of speexdsp (MDF), and after it its preprocessor, which turns down what echo is left, and noise."""
    library = ctypes.CDLL("libspeexdsp.so.1")
    library.speex_echo_state_init.restype = ctypes.c_void_p
    library.speex_preprocess_state_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.speex_echo_state_init(BLOCK, SPEEX_TAIL))
    library.speex_echo_ctl(state, SPEEX_SET_RATE, ctypes.byref(ctypes.c_int(RATE)))
    after = ctypes.c_void_p(library.speex_preprocess_state_init(BLOCK, RATE))
    library.speex_preprocess_ctl(after, SPEEX_SET_ECHO_STATE, state)
    out = np.zeros_like(heard)
    for at in range(0, len(heard) - BLOCK + 1, BLOCK):
        blocks = (heard[at : at + BLOCK].copy(), played[at : at + BLOCK].copy(), np.zeros(BLOCK, np.int16))
        library.speex_echo_cancellation(state, *(block.ctypes.data_as(ctypes.c_void_p) for block in blocks))
        if suppress:
            library.speex_preprocess_run(after, blocks[2].ctypes.data_as(ctypes.c_void_p))
        out[at : at + BLOCK] = blocks[2]
    library.speex_preprocess_state_destroy(after)
    library.speex_echo_state_destroy(state)
    return out


def speex_suppressed(played, heard):
    return speex(played, heard, suppress=True)


def webrtc(played, heard):
    """The echo canceller of WebRTC, with its suppressor, without noise reduction and gain control."""
    processing = rtc.AudioProcessingModule(
        echo_cancellation=True, noise_suppression=False, high_pass_filter=True, auto_gain_control=False
    )
    out = []
    for at in range(0, len(heard) - BLOCK + 1, BLOCK):
        there = rtc.AudioFrame(bytearray(played[at : at + BLOCK].tobytes()), RATE, 1, BLOCK)
        here = rtc.AudioFrame(bytearray(heard[at : at + BLOCK].tobytes()), RATE, 1, BLOCK)
        processing.process_reverse_stream(there)
        processing.set_stream_delay_ms(0)
        processing.process_stream(here)
        out.append(np.frombuffer(bytes(here.data), np.int16))
    return np.concatenate(out)


def main():
    rooms = pathlib.Path(sys.argv[1])
    for reference in sorted(rooms.glob("room-*-reference.wav")):
        played = pcm(wavfile.read(reference)[1])
        for what in ("echo", "distorted", "double"):
            file = reference.with_name(reference.name.replace("reference", what))
            heard = pcm(wavfile.read(file)[1][:, 0])
            for name, cancel in (("speex", speex), ("speex-suppressed", speex_suppressed), ("webrtc", webrtc)):
                out = cancel(played, heard).astype(np.float32) / 32768
                wavfile.write(file.with_name(f"{file.stem}-{name}.wav"), RATE, out)


main()
