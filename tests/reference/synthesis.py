"""Makes the values that hub/voice's speech synthesis is checked against, with Kyutai's own Python.

A tiny model with random weights and every feature of the published checkpoint (second text stream, schedule of weights,
tables of conditions, cross-attention to voices, narrow embeddings, delays) speaks three texts at once at temperature 0.
What it computes on the way is written beside its weights: the Rust tests load the same files and must agree.

    synthesis.py            writes tests/reference/synthesis
    synthesis.py --check    makes everything anew elsewhere and compares it with what is there
"""

import copy
import io
import json
import math
import sys
import tempfile
from pathlib import Path

import sentencepiece
import torch
from moshi.models import loaders, tts
from safetensors.torch import load_file, save_file

FOLDER = Path(__file__).parent / "synthesis"
CODEBOOKS = 6
FEWER = 4
BINS = 16
TEXT_CARD = 48
VOICE_DIM = 12
VOICE_STEPS = 5
# Of the sound every 101st sample is kept, so that the file stays small and every frame is looked at in other places.
STRIDE = 101

# What is the same for both and close enough for other processors' arithmetic.
TOLERANCE = 2e-4
# No choice between tokens may hang on less, or the comparison would be a toss of a coin.
MARGIN = 1e-3

SCRIPTS = [
    ("a", "Hello there, it’s ten to four."),
    ("b", "Yes."),
    ("a", "Wait <break time=\"0.4s\"/> a little (please): now"),
]

CONFIG = {
    "card": BINS,
    "n_q": CODEBOOKS,
    "dep_q": CODEBOOKS,
    "delays": [0, 0, 2, 2, 2, 2, 2],
    "dim": 24,
    "text_card": TEXT_CARD,
    "existing_text_padding_id": 3,
    "num_heads": 2,
    "num_layers": 2,
    "hidden_scale": 4.125,
    "causal": True,
    "layer_scale": None,
    # Shorter than the utterances, so that the ring of keys and values goes round.
    "context": 24,
    "max_period": 10000.0,
    "gating": "silu",
    "norm": "rms_norm_f32",
    "positional_embedding": "rope",
    "depformer_dim": 16,
    "depformer_num_heads": 2,
    "depformer_num_layers": 2,
    "depformer_dim_feedforward": 48,
    "depformer_multi_linear": True,
    "depformer_context": CODEBOOKS,
    "depformer_pos_emb": "none",
    "depformer_weights_per_step": True,
    "depformer_weights_per_step_schedule": [0, 1, 2, 2, 3, 3],
    "depformer_low_rank_embeddings": 8,
    "demux_second_stream": True,
    "cross_attention": True,
    "conditioners": {
        "speaker_wavs": {"type": "tensor", "tensor": {"dim": VOICE_DIM}},
        "cfg": {
            "type": "lut",
            "lut": {"n_bins": 7, "dim": 4, "tokenizer": "noop",
                    "possible_values": ["1.0", "1.5", "2.0", "2.5", "3.0", "3.5", "4.0"]},
        },
        "control": {"type": "lut", "lut": {"n_bins": 1, "dim": 4, "tokenizer": "noop", "possible_values": ["ok"]}},
    },
    "fuser": {"cross_attention_pos_emb": True, "cross_attention_pos_emb_scale": 1,
              "sum": ["control", "cfg"], "prepend": [], "cross": ["speaker_wavs"]},
}
# Keys of config.json that are not the language model's.
AROUND = {
    "model_type": "tts",
    "tts_config": {"audio_delay": 1.28, "second_stream_ahead": 2},
    "model_id": {"sig": "tiny", "epoch": 1},
}

CODEC = {
    "sample_rate": 24000,
    "channels": 1,
    "frame_rate": 12.5,
    "seanet": {
        "channels": 1, "dimension": 16, "causal": True, "n_filters": 2, "n_residual_layers": 1, "activation": "ELU",
        "compress": 2, "dilation_base": 2, "disable_norm_outer_blocks": 0, "kernel_size": 7, "residual_kernel_size": 3,
        "last_kernel_size": 3, "norm": "none", "pad_mode": "constant", "ratios": [8, 6, 5, 4], "true_skip": True,
    },
    "quantizer": {"dimension": 8, "n_q": CODEBOOKS, "bins": BINS, "input_dimension": 16, "output_dimension": 16},
    "transformer": {
        "d_model": 16, "num_heads": 2, "num_layers": 1, "causal": True, "layer_scale": 0.01, "context": 250,
        "conv_layout": True, "max_period": 10000, "gating": "none", "norm": "layer_norm",
        "positional_embedding": "rope", "dim_feedforward": 32, "input_dimension": 16, "output_dimensions": [16],
    },
}


def randomised(model: torch.nn.Module, seed: int) -> dict[str, torch.Tensor]:
    """Random weights under the model's own names, in 16 bits: small files, and the same numbers for both."""
    generator = torch.Generator().manual_seed(seed)

    def noise(shape) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    weights = {}
    for name, old in sorted(model.state_dict().items()):
        shape, last = old.shape, name.split(".")[-1]
        if name.endswith("_initialized"):
            new = torch.ones(shape)
        elif last == "cluster_usage":
            new = 1 + 0.5 * torch.rand(shape, generator=generator)
        elif last == "alpha" or ("norm" in name and last == "weight"):
            new = 1 + 0.2 * noise(shape)
        elif last == "scale":
            new = 0.5 + 0.1 * noise(shape)
        elif last == "bias":
            new = 0.02 * noise(shape)
        elif last in ("embedding_sum", "learnt_padding") or "emb" in name.split(".")[0] or ".embed." in name:
            new = 0.7 * noise(shape)
        else:
            new = noise(shape) * 1.2 / math.sqrt(math.prod(shape[1:]) or 1)
        if name == "text_linear.weight":
            # Else "new word" (0) and "nothing new" (3) would hardly ever be what the model says.
            new[0] *= 20
            new[3] *= 20
        if name.startswith("linears"):
            new *= 6
        if name.startswith("decoder.model.14."):
            # The last layer of the codec: sound that is loud, and not too loud.
            new *= 0.15
        weights[name] = new.to(torch.bfloat16).contiguous()
    return weights


def as_published(codec: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The published codec's names for projections, which Kyutai's Python also reads."""
    names = {"in_projs.0.weight": "in_proj_weight", "out_projs.0.weight": "out_proj.weight"}

    def renamed(name: str) -> str:
        for new, old in names.items():
            name = name.replace(new, old)
        return name

    return {renamed(name): tensor for name, tensor in codec.items()}


def tokenizer() -> bytes:
    """A SentencePiece model with Kyutai's special tokens: 0 new word, 1 and 2 speakers, 3 nothing."""
    sentences = [script.replace("’", "'") for _, script in SCRIPTS] * 20 + list("abcdefghijklmnopqrstuvwxyz") * 5
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=model, vocab_size=TEXT_CARD, model_type="unigram",
        normalization_rule_name="identity", pad_id=3, hard_vocab_limit=False, num_threads=1, minloglevel=2,
    )
    return model.getvalue()


class Recorder:
    """Keeps what the model computed, a list entry for each step."""

    def __init__(self, model: tts.TTSModel):
        self.text, self.audio = [], []
        hear, go_deep = model.lm.forward_text, model.lm.forward_depformer

        def forward_text(*arguments, **named):
            hidden, logits = hear(*arguments, **named)
            self.text.append(logits[:, 0, 0].clone())
            self.audio.append([])
            return hidden, logits

        def forward_depformer(*arguments, **named):
            logits = go_deep(*arguments, **named)
            self.audio[-1].append(logits[:, 0, 0].clone())
            return logits

        model.lm.forward_text, model.lm.forward_depformer = forward_text, forward_depformer

    def stacked(self) -> tuple[torch.Tensor, torch.Tensor]:
        """[steps, scripts, text], and [steps with audio, codebooks, scripts, bins]."""
        deep = [torch.stack(step) for step in self.audio if step]
        return torch.stack(self.text), torch.stack(deep)


def margin(logits: torch.Tensor) -> float:
    best = logits.topk(2, dim=-1).values
    return (best[..., 0] - best[..., 1]).min().item()


def speak(folder: Path, codebooks: int) -> tuple[dict[str, torch.Tensor], dict]:
    around = json.loads((folder / "config.json").read_text())
    info = loaders.CheckpointInfo(
        moshi_weights=folder / "model.safetensors", mimi_weights=folder / "codec.safetensors",
        tokenizer=folder / "tokenizer.model", lm_config=copy.deepcopy(CONFIG), raw_config=around,
        mimi_config=copy.deepcopy(CODEC), model_type="tts", tts_config=around["tts_config"], model_id=around["model_id"],
    )
    model = tts.TTSModel.from_checkpoint_info(info, n_q=codebooks, temp=0.0, device="cpu", dtype=torch.float32)
    recorder = Recorder(model)
    entries = [model.prepare_script([text], padding_between=1) for _, text in SCRIPTS]
    words = [[(entry.text, entry.tokens) for entry in script] for script in entries]
    voices = [folder / f"voice-{voice}.safetensors" for voice, _ in SCRIPTS]
    attributes = [model.make_condition_attributes([voice], cfg_coef=2.0) for voice in voices]
    result = model.generate(entries, attributes)

    with model.mimi.streaming(len(SCRIPTS)), torch.no_grad():
        sound = [model.mimi.decode(frame[:, 1:, :]) for frame in result.frames[model.delay_steps:]]
    # As Kyutai's `simple_generate` does: the first two frames are not heard.
    sound = torch.cat(sound[2:], dim=-1)[:, 0]
    text, audio = recorder.stacked()
    least = min(margin(text), margin(audio))
    assert least > MARGIN, f"a choice hangs on {least}: take another seed"
    assert all(end is not None for end in result.end_steps), result.end_steps

    # Of the logits every other step: what goes wrong between them is seen in the next, and in the tokens.
    tensors = {
        "text_logits": text[::2], "audio_logits": audio[::2],
        "codes": torch.cat(result.frames, dim=-1)[:, 1:].to(torch.uint8),
    }
    said = []
    for row, end in enumerate(result.end_steps):
        heard = sound[row, : end * 1920]
        tensors[f"sound.{row}"] = heard[::STRIDE].contiguous()
        said.append({
            "voice": SCRIPTS[row][0], "text": SCRIPTS[row][1], "end_step": end, "samples": heard.shape[0],
            "entries": words[row], "begun": result.all_transcripts[row],
            "asked_and_given": result.logged_text_tokens[row],
        })
    loud = sound.abs()
    print(f"{codebooks} codebooks: {len(text)} steps, ends {result.end_steps}, least margin {least:.4f}, "
          f"sound rms {sound.pow(2).mean().sqrt():.3f} most {loud.max():.3f}, "
          f"words begun {[len(one['begun']) for one in said]}")
    assert loud.max() < 0.95 and sound.pow(2).mean().sqrt() > 0.01, "the sound is too loud or too quiet to compare"
    return {name: tensor.contiguous() for name, tensor in tensors.items()}, said


def make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(tokenizer())
    (folder / "config.json").write_text(json.dumps(CONFIG | AROUND, indent=1) + "\n")
    model = loaders.get_moshi_lm(None, lm_kwargs=copy.deepcopy(CONFIG), dtype=torch.float32)
    save_file(randomised(model, 5), folder / "model.safetensors")
    codec = loaders.get_mimi(None, copy.deepcopy(CODEC), num_codebooks=CODEBOOKS)
    save_file(as_published(randomised(codec, 6)), folder / "codec.safetensors")
    generator = torch.Generator().manual_seed(7)
    for voice in "ab":
        vectors = torch.randn((1, VOICE_DIM, VOICE_STEPS), generator=generator)
        save_file({"speaker_wavs": vectors}, folder / f"voice-{voice}.safetensors")
    tensors, said = speak(folder, CODEBOOKS)
    fewer, said_fewer = speak(folder, FEWER)
    save_file(tensors | {f"fewer.{name}": fewer[name] for name in fewer if "logits" not in name},
              folder / "golden.safetensors")
    described = {"stride": STRIDE, "codebooks": CODEBOOKS, "fewer_codebooks": FEWER, "said": said,
                 "said_with_fewer": said_fewer}
    (folder / "golden.json").write_text(json.dumps(described, ensure_ascii=False) + "\n")


def differences(new: Path, old: Path) -> list[str]:
    found = []
    names = {path.name for path in new.iterdir()} | {path.name for path in old.iterdir()}
    for name in sorted(names):
        one, other = new / name, old / name
        if not (one.exists() and other.exists()):
            found.append(f"{name} is on one side only")
        elif one.suffix != ".safetensors":
            if one.read_bytes() != other.read_bytes():
                found.append(f"{name} differs")
        else:
            ours, theirs = load_file(one), load_file(other)
            if ours.keys() != theirs.keys():
                found.append(f"{name}: other tensors")
                continue
            for tensor, value in ours.items():
                there = theirs[tensor]
                if value.shape != there.shape or value.dtype != there.dtype:
                    found.append(f"{name}: {tensor} has another shape or type")
                elif not torch.allclose(value.double(), there.double(), rtol=0, atol=TOLERANCE):
                    found.append(f"{name}: {tensor} is off by {(value.double() - there.double()).abs().max():.2e}")
    return found


def main() -> None:
    torch.set_num_threads(1)
    if sys.argv[1:] != ["--check"]:
        make(FOLDER)
        return
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        found = differences(Path(folder), FOLDER)
    if found:
        sys.exit("Kyutai's Python no longer says what tests/reference/synthesis holds:\n" + "\n".join(found))
    print("tests/reference/synthesis is what Kyutai's Python says")


main()
