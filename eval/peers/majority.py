"""The codes that train has most often, for every note. What a tool must beat to know anything."""

import collections

import numpy

from pool import compete, matrix
from shared import Clock, concepts, notes


def main():
    codes = [(c["scheme"], c["notation"]) for c in concepts()]
    with Clock() as clock:
        # Notes only: the sentences have every concept equally often on purpose.
        coded = notes("train")
        shares = matrix(coded, codes).mean(axis=0)
    score = lambda texts: numpy.tile(shares, (len(texts), 1))
    compete("majority", codes, [("the share of train notes that have the code", "note", score)], "none", clock.seconds, numpy.arange(0.01, 0.30, 0.005))


if __name__ == "__main__":
    main()
