"""Two real voice servers that speak the Wyoming protocol through its official library.

The one that listens is pocketsphinx with the English model that it carries. It knows the sentences on the command line and
their beginnings, and gives them back as they are written there; of any other English by espeak-ng it would understand
nothing. The one that speaks is espeak-ng. With `--streaming` both announce and do the streaming kind of the protocol.
Out comes one line of JSON, {"stt": port, "tts": port}; they end with their input. Only the decoder is shared: it
understands one utterance at a time.

The model was trained on sound up to 6,800 Hz, and of what came over a telephone, which has nothing above 4,000 Hz, it
understands no word. With `--telephone` the upper half is made up from the lower: mirrored at 4,000 Hz and a fifth as loud,
which is what consonants need to sound like consonants.
"""

import asyncio
import json
import re
import sys
import tempfile
from array import array
from pathlib import Path

from pocketsphinx import Decoder, get_model_path
from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import async_write_event
from wyoming.info import AsrModel, AsrProgram, Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty".split()
SPELLED = {"AM", "PM", "UTC"}
VOICES = ["en-us", "en-gb"]
RATE, CHUNK = 16_000, 2_048
MIRRORED = 0.2

arguments = sys.argv[1:]
streaming, telephone = "--streaming" in arguments, "--telephone" in arguments
sentences = [argument for argument in arguments if not argument.startswith("--")]
if not sentences:
    sys.exit("say which sentences are to be understood")


def number(value):
    if value < 20:
        return [NUMBERS[value]]
    return [TENS[value // 10]] + ([NUMBERS[value % 10]] if value % 10 else [])


def figures(digits):
    if len(digits) == 4 and digits.startswith("20"):
        return ["two", "thousand", "and", *number(int(digits[2:]))]
    if int(digits) >= 60 or digits == "00":
        return [NUMBERS[int(digit)] for digit in digits]
    return number(int(digits))


def said(word):
    """How a written word is said: words of the dictionary."""
    if word.strip(".,;:!?") in SPELLED:
        return list(word.strip(".,;:!?").lower())
    words = []
    for part in re.findall(r"\d+|[a-z']+", word.lower().replace("’", "'")):
        if part.isdigit():
            words += figures(part)
        elif part in ("am", "pm") and words:
            words += list(part)
        else:
            words.append(part.strip("'"))
    return [one for one in words if one]


def grammar():
    """The grammar of the sentences, and what each beginning of one is as it is written."""
    rules, written = [], {}
    for sentence in sentences:
        rule, words, texts = "", [], []
        spoken = [(word, said(word)) for word in sentence.split()]
        spoken = [(word, parts) for word, parts in spoken if parts]
        for word, parts in spoken:
            words += parts
            texts.append(word)
            written.setdefault(" ".join(words), " ".join(texts))
        for _, parts in reversed(spoken):
            rule = f"{' '.join(parts)} [ {rule} ]" if rule else " ".join(parts)
        rules.append(rule)
    return "#JSGF V1.0;\ngrammar said;\npublic <said> = " + "\n | ".join(rules) + ";\n", written


def make_decoder(directory):
    dictionary = Path(get_model_path("en-us/cmudict-en-us.dict"))
    options = {"hmm": get_model_path("en-us/en-us"), "loglevel": "FATAL", "samprate": RATE, "dither": True, "seed": 1}
    text, written = grammar()
    needed = {word for beginning in written for word in beginning.split()}
    # The whole dictionary takes a second to load; these words take none.
    lines = [line for line in dictionary.read_text().splitlines() if line.split()[0].partition("(")[0] in needed]
    missing = needed - {line.split()[0] for line in lines}
    if missing:
        sys.exit(f"not in the dictionary of pocketsphinx: {', '.join(sorted(missing))}")
    small, jsgf = Path(directory, "dict"), Path(directory, "gram")
    small.write_text("\n".join(lines) + "\n")
    jsgf.write_text(text)
    return Decoder(jsgf=str(jsgf), dict=str(small), **options), written


class Handler(AsyncEventHandler):
    async def run(self):
        try:
            await super().run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # The client went away in the midst of an event, as it may.

    async def tell(self, what):
        await async_write_event(what.event(), self.writer)


class Stt(Handler):
    sound = b""
    used = 0
    shown = ""
    holds = False

    async def handle_event(self, event):
        if Describe.is_type(event.type):
            await self.tell(INFO_STT)
        elif Transcribe.is_type(event.type):
            language = Transcribe.from_event(event).language
            if language not in (None, "en"):
                await self.tell(Error(text=f"no model for {language}"))
        elif AudioStart.is_type(event.type):
            start = AudioStart.from_event(event)
            assert (start.rate, start.width, start.channels) == (RATE, 2, 1), start
            self.sound, self.used, self.shown = b"", 0, ""
            if streaming:
                await self.take()
                await self.tell(TranscriptStart())
        elif AudioChunk.is_type(event.type):
            self.sound += AudioChunk.from_event(event).audio
            if self.holds and len(self.sound) - self.used >= RATE // 2:
                await self.show(await asyncio.to_thread(self.heard_so_far))
        elif AudioStop.is_type(event.type):
            if not self.holds:
                await self.take()
            await asyncio.to_thread(self.feed)
            self.give_back()
            text = self.text()
            if streaming:
                await self.show(text)
            await self.tell(Transcript(text=text))
            if streaming:
                await self.tell(TranscriptStop())
        return True

    async def disconnect(self):
        if self.holds:
            self.give_back()

    async def take(self):
        await free.acquire()
        self.holds = True
        # What it learned of the levels of another utterance would make the answer depend on the order.
        decoder.reinit_feat()
        decoder.start_utt()

    def give_back(self):
        decoder.end_utt()
        self.holds = False
        free.release()

    def widened(self, sound):
        if not telephone:
            return sound
        samples = array("h", sound)
        # A sample of the mirrored sound is the same one, with every second sign turned.
        for at, sample in enumerate(samples):
            samples[at] = round(max(-32_768, min(32_767, sample * (1 + MIRRORED if at % 2 == 0 else 1 - MIRRORED))))
        return samples.tobytes()

    def feed(self):
        # In pieces, for taken at once the decoder does not do well with silence that is none but zeros.
        while piece := self.sound[self.used : self.used + RATE // 5]:
            decoder.process_raw(self.widened(piece))
            self.used += len(piece)

    def heard_so_far(self):
        self.feed()
        # The last word may still become another one.
        return self.text().rpartition(" ")[0]

    def text(self):
        hypothesis = decoder.hyp()
        text = hypothesis.hypstr if hypothesis else ""
        return written.get(text, text)

    async def show(self, text):
        if text.startswith(self.shown) and text != self.shown:
            await self.tell(TranscriptChunk(text=text[len(self.shown) :]))
            self.shown = text


class Tts(Handler):
    voice = VOICES[0]
    stream = None

    async def handle_event(self, event):
        if Describe.is_type(event.type):
            await self.tell(INFO_TTS)
        elif Synthesize.is_type(event.type):
            # In a stream it is sent for servers that know no streams.
            if self.stream is None:
                request = Synthesize.from_event(event)
                self.choose(request.voice)
                await self.speak(request.text)
        elif SynthesizeStart.is_type(event.type):
            self.choose(SynthesizeStart.from_event(event).voice)
            self.stream = ""
        elif SynthesizeChunk.is_type(event.type):
            self.stream += SynthesizeChunk.from_event(event).text
        elif SynthesizeStop.is_type(event.type):
            for text in re.split(r"(?<=[,;])\s+", self.stream):
                await self.speak(text)
            self.stream = None
            await self.tell(SynthesizeStopped())
        return True

    def choose(self, voice):
        if voice and voice.name:
            assert voice.name in VOICES, voice
            self.voice = voice.name

    async def speak(self, text):
        process = await asyncio.create_subprocess_exec(
            "espeak-ng", "-v", self.voice, "-s", "150", "--stdin", "--stdout",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        wav, _ = await process.communicate(text.encode())
        # espeak-ng writes to a pipe, so that the lengths in its header mean nothing; its rate does.
        rate, sound = int.from_bytes(wav[24:28], "little"), wav[44:]
        shape = {"rate": rate, "width": 2, "channels": 1}
        await self.tell(AudioStart(**shape))
        for at in range(0, len(sound), CHUNK):
            await self.tell(AudioChunk(audio=sound[at : at + CHUNK], **shape))
        await self.tell(AudioStop())


def artifact(kind, name, **more):
    attribution = Attribution(name="tests", url="http://localhost")
    return kind(name=name, attribution=attribution, installed=True, description="", version="5.1.1", **more)


INFO_STT = Info(asr=[artifact(
    AsrProgram, "pocketsphinx", models=[artifact(AsrModel, "en-us", languages=["en"])],
    supports_transcript_streaming=streaming,
)])
INFO_TTS = Info(tts=[artifact(
    TtsProgram, "espeak-ng", voices=[artifact(TtsVoice, voice, languages=["en"]) for voice in VOICES],
    supports_synthesize_streaming=streaming,
)])


async def main():
    global free
    free = asyncio.Lock()
    ports = {}
    for name, handler in (("stt", Stt), ("tts", Tts)):
        server = await asyncio.start_server(lambda *both, handler=handler: handler(*both).run(), "127.0.0.1", 0)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


with tempfile.TemporaryDirectory() as directory:
    decoder, written = make_decoder(directory)
asyncio.run(main())
