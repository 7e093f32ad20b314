"""Words and characters, weighted by TF-IDF, and a linear model for each concept: what many would build first."""

import warnings
from importlib.metadata import version

import numpy
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from pool import PROBABILITIES, compete, matrix, widen
from shared import Clock, concepts, train_notes

# A larger value trusts the training texts more.
STRENGTHS = (10, 100)


def main():
    warnings.simplefilter("ignore")
    codes = [(c["scheme"], c["notation"]) for c in concepts()]
    texts = train_notes()
    gold = matrix(texts, codes)
    learned = [at for at in range(len(codes)) if gold[:, at].sum() >= 2]
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True, strip_accents="unicode")
    candidates = []
    with Clock() as clock:
        features = hstack([v.fit_transform(t["text"] for t in texts) for v in (words, characters)]).tocsr()
        for strength in STRENGTHS:
            columns, bias = fit(features, gold, learned, strength)

            def score(new, columns=columns, bias=bias):
                margins = hstack([words.transform(new), characters.transform(new)]).tocsr() @ columns + bias
                return widen(1 / (1 + numpy.exp(-margins)), codes, [codes[at] for at in learned])

            candidates += [(f"C={strength}", unit, score) for unit in ("note", "sentence")]
    versions = f"scikit-learn {version('scikit-learn')}"
    compete("tfidf", codes, candidates, versions, clock.seconds, PROBABILITIES)


def fit(features, gold, learned, strength):
    """One logistic regression for each concept, as scikit-learn's one-vs-rest does; kept as one array to answer fast."""
    weights = numpy.zeros((len(learned), features.shape[1]), numpy.float32)
    bias = numpy.zeros(len(learned), numpy.float32)
    for row, at in enumerate(learned):
        model = LogisticRegression(C=strength, solver="liblinear", dual=True, max_iter=50, random_state=0).fit(features, gold[:, at])
        weights[row], bias[row] = model.coef_[0], model.intercept_[0]
    # Turned once: with each note it would cost more than the rest of the answer.
    return numpy.ascontiguousarray(weights.T), bias


if __name__ == "__main__":
    main()
