"""From scores of texts to answers for notes, and the one place where thresholds are chosen: on validate, for best F1."""

import numpy

from shared import FLOOR, Clock, notes, sentences, stored, write_answers, write_facts

LIMITS = (5, 8, 10, 15, 1000)
# Finer below 0.1: a model of many rare concepts gives small numbers.
PROBABILITIES = numpy.concatenate([numpy.arange(0.005, 0.1, 0.005), numpy.arange(0.1, 0.95, 0.01)])


def by_note(score, texts, unit):
    """Scores of notes: of the whole text, or the highest of its sentences."""
    if unit == "note":
        return score(texts)
    cut = [sentences(text) for text in texts]
    scores = score([s for parts in cut for s in parts])
    starts = numpy.cumsum([0] + [len(parts) for parts in cut[:-1]])
    return numpy.maximum.reduceat(scores, starts, axis=0)


def best(scores, gold, thresholds):
    """The (F1, threshold, limit) with the highest F1 over all pairs of note and concept."""
    ranks = (-scores).argsort(axis=1).argsort(axis=1)
    tried = []
    for limit in LIMITS:
        for threshold in thresholds:
            given = (scores >= threshold) & (ranks < limit)
            tried.append((2 * (given & gold).sum() / max(given.sum() + gold.sum(), 1), float(threshold), limit))
    return max(tried, key=lambda one: one[0])


def matrix(coded, codes):
    """Which note has which code. A gold code that the tool cannot give is a miss, so it has a column too."""
    place = {code: at for at, code in enumerate(codes)}
    out = numpy.zeros((len(coded), len(codes)), bool)
    for row, note in enumerate(coded):
        for code in stored(note):
            out[row, place[code]] = True
    return out


def widen(scores, codes, given):
    """Scores in the columns of all codes; a code that the tool does not know gets 0."""
    place = {code: at for at, code in enumerate(codes)}
    out = numpy.zeros((len(scores), len(codes)), numpy.float32)
    out[:, [place[code] for code in given]] = scores
    return out


def compete(name, codes, candidates, versions, train_seconds, thresholds):
    """Chooses among (what it is, unit, score) on validate, answers validate and test, times the answering of test, returns the choice.

    `score` takes texts and returns an array with a column for each of `codes`.
    """
    validate = notes("validate")
    gold = matrix(validate, codes)
    tried = []
    for what, unit, score in candidates:
        scores = by_note(score, [n["text"] for n in validate], unit)
        tried.append((*best(scores, gold, thresholds), what, unit, score, scores))
        print(f"  {name}: {what}, by {unit}: F1 on validate {tried[-1][0]:.3f} at {tried[-1][1]:.3f}, at most {tried[-1][2]}", flush=True)
    _, threshold, limit, what, unit, score, scores = max(tried, key=lambda one: one[0])
    write(name, "validate", validate, codes, scores, threshold, limit)
    test = notes("test")
    # Note by note, as a service would answer; a batch would be faster for some.
    with Clock() as clock:
        scores = numpy.vstack([by_note(score, [note["text"]], unit) for note in test])
    write(name, "test", test, codes, scores, threshold, limit)
    most = "no limit" if limit == LIMITS[-1] else f"at most {limit}"
    tuned = f"{what}, scored by {unit}; threshold {threshold:.3f}, {most} (of {len(tried)} settings, {len(thresholds)} thresholds from {thresholds[0]:.3f} to {thresholds[-1]:.2f}, {len(LIMITS)} limits)"
    write_facts(name, versions, tuned, train_seconds, len(test) / clock.seconds)
    return what


def write(name, split, coded, codes, scores, threshold, limit):
    answers = []
    for note, row in zip(coded, scores):
        order = [at for at in (-row).argsort() if row[at] >= FLOOR or row[at] >= threshold]
        answers.append((note["id"], [(codes[at], row[at], row[at] >= threshold and rank < limit, [], None) for rank, at in enumerate(order)]))
    write_answers(name, split, answers)
