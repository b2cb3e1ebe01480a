"""What the second stage leaves: of the phrases and of what sounds like them, whose sound `cargo bench -p xswarm-wake --bench wake
-- --heard DIRECTORY` wrote there because the detector took it for the phrase, transcribes each with pocketsphinx and its own
model of English, and counts the transcripts that begin with the phrase as the hub asks it (hub/daemon/src/dialog/room.rs).
Prints a table; asserts nothing. pocketsphinx is what a registry has; better recognisers keep more phrases and pass fewer others.
"""

import collections
import pathlib
import sys
import wave

import pocketsphinx

BEFORE_MOST = 2
HOMOPHONES = {"hay": "hey", "hei": "hey", "hej": "hey", "bosse": "boss"}


def spelled(word):
    word = HOMOPHONES.get(word, word)
    return "".join(letter for at, letter in enumerate(word) if at == 0 or letter != word[at - 1])


def begins(text, phrase):
    wanted, words = "".join(map(spelled, phrase.split())), text.split()
    for skipped in range(BEFORE_MOST + 1):
        said = ""
        for word in words[skipped:]:
            said += spelled(word)
            if said == wanted:
                return True
    return False


def main(directory):
    decoder = pocketsphinx.Decoder(loglevel="FATAL")
    of, woke, passed = collections.Counter(), collections.Counter(), collections.Counter()
    for line in (directory / "heard.tsv").read_text().splitlines():
        kind, phrase, text, file = line.split("\t")
        of[kind] += 1
        if not file:
            continue
        woke[kind] += 1
        with wave.open(str(directory / file)) as sound:
            decoder.start_utt()
            decoder.process_raw(sound.readframes(sound.getnframes()), full_utt=True)
            decoder.end_utt()
        hypothesis = decoder.hyp()
        passed[kind] += begins(hypothesis.hypstr if hypothesis else "", phrase)
    print("| said | of | woke it | … and begin with the phrase in the transcript |")
    print("|---|--:|--:|--:|")
    for kind, count in of.items():
        print(f"| {kind} | {count} | {100 * woke[kind] / count:.1f} % | {100 * passed[kind] / count:.1f} % |")


main(pathlib.Path(sys.argv[1]))
