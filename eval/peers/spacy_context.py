"""spaCy's PhraseMatcher over our plain labels, and medspaCy's ConText over what it finds.

What a programmer would build in a day from the same lists. No model: a blank pipeline with rules for sentences.
"""

import itertools
from importlib.metadata import version

import spacy
import medspacy.context  # registers the component
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Span

from shared import STRENGTH, Clock, concepts, labels, notes, stored, write_answers, write_facts

GROUP = "medspacy_spans"
SETS = ("plain labels", "plain labels without those that need a hint", "plain labels and choices written out")


@Language.component("small_lemmas")
def small_lemmas(doc):
    """The lemmas of the table keep capitals (`Mum`), so the first word of a sentence would not match."""
    for token in doc:
        token.lemma_ = token.lemma_.lower()
    return doc


class Reader:
    def __init__(self, attribute, which):
        self.nlp = spacy.blank("en")
        self.nlp.add_pipe("sentencizer", config={"punct_chars": [".", "!", "?", "\n", "\n\n"]})
        self.nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
        self.nlp.initialize()
        self.nlp.add_pipe("small_lemmas")
        self.rows = {(c["scheme"], c["notation"]): c for c in concepts()}
        # Capitals mean something in a short form (`SENCO`), so these are matched letter by letter.
        self.any_case = PhraseMatcher(self.nlp.vocab, attr=attribute)
        self.as_written = PhraseMatcher(self.nlp.vocab, attr="ORTH")
        for label in labels(write_out=which == SETS[2]):
            if which == SETS[1] and label["hinted"]:
                continue
            short = label["match"] == "case" or (label["label"].isupper() and " " not in label["label"])
            key = "|".join((label["scheme"], label["notation"], label["strength"] or "fair"))
            (self.as_written if short else self.any_case).add(key, [self.nlp(label["label"])])
        # Last, for it reads the spans that are found, and the labels above have none.
        self.context = self.nlp.create_pipe("medspacy_context", config={"input_span_type": "group"})

    def __call__(self, text):
        """For each concept its surest strength, its spans, and an assertion; denied and hypothetical mentions are dropped."""
        doc = self.nlp(text)
        spans = [Span(doc, start, end, label=key) for matcher in (self.any_case, self.as_written) for key, start, end in matcher(doc)]
        doc.spans[GROUP] = longest(spans)
        self.context(doc)
        found = {}
        for span in doc.spans[GROUP]:
            if span._.is_negated or span._.is_hypothetical:
                continue
            scheme, notation, strength = span.label_.split("|")
            entry = found.setdefault((scheme, notation), [0.0, [], self.assertion(scheme, notation, span)])
            entry[0] = max(entry[0], STRENGTH[strength])
            entry[1].append((span.start_char, span.end_char))
        return found

    def assertion(self, scheme, notation, span):
        """What ConText says of the first mention. It knows no subject, role or stage: the usual ones of the list."""
        row = self.rows[scheme, notation]
        presence, time = "possible" if span._.is_uncertain else "affirmed", "past" if span._.is_historical else "current"
        stage = {"stage": "active"} if scheme == "intervention" else {}
        return {"presence": presence, "time": time, "subject": row["subject"] or "unclear", "role": row["role"] or "none"} | stage


def longest(spans):
    """Within a scheme the longest of overlapping matches, then the stronger; other schemes do not compete."""
    kept = {}
    for span in sorted(spans, key=lambda s: (s.start - s.end, -STRENGTH[s.label_.split("|")[2]], s.start)):
        taken = kept.setdefault(span.label_.split("|")[0], [])
        if not any(span.start < other.end and other.start < span.end for other in taken):
            taken.append(span)
    return sorted(itertools.chain.from_iterable(kept.values()), key=lambda s: s.start)


def f1(coded, read, least):
    given = [{code for code, (confidence, *_) in found.items() if confidence >= least} for found in read]
    gold = [stored(note) for note in coded]
    right = sum(len(a & b) for a, b in zip(given, gold))
    return 2 * right / max(sum(map(len, given)) + sum(map(len, gold)), 1)


def write(split, coded, read, least):
    answers = [(note["id"], [(code, sure, sure >= least, spans, said) for code, (sure, spans, said) in found.items()]) for note, found in zip(coded, read)]
    write_answers("spacy", split, answers)


def main():
    validate, test, tried = notes("validate"), notes("test"), []
    for attribute, which in itertools.product(("LOWER", "LEMMA"), SETS):
        reader = Reader(attribute, which)
        read = [reader(note["text"]) for note in validate]
        for least in sorted(set(STRENGTH.values())):
            tried.append((f1(validate, read, least), attribute, which, least))
            print(f"  spacy: {attribute}, {which}, strength from {least}: F1 on validate {tried[-1][0]:.3f}", flush=True)
    _, attribute, which, least = max(tried)
    with Clock() as loading:
        reader = Reader(attribute, which)
    write("validate", validate, [reader(note["text"]) for note in validate], least)
    with Clock() as clock:
        read = [reader(note["text"]) for note in test]
    write("test", test, read, least)
    packages = ("spacy", "medspacy", "spacy-lookups-data")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    tuned = f"attribute {attribute}, {which}, strength from {least} (of {len(tried)} settings)"
    write_facts("spacy", versions, tuned, loading.seconds, len(test) / clock.seconds)


if __name__ == "__main__":
    main()
