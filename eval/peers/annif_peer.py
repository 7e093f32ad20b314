"""Annif, the indexing tool of libraries: lexical matching (MLLM), a tree of linear models (Omikuji Bonsai), and both together.

`annif_peer.py mllm|omikuji|ensemble`. The ensemble reads what the other two have trained.
"""

import functools
import json
import os
import sys
from importlib.metadata import version

import numpy

from pool import PROBABILITIES, compete
from shared import WORK, Clock, concepts, labels, notes, stored, train_notes

HOME = WORK / "annif"
BASE = "http://example.org/"
# Settings are those of Annif's own pages; where these name no best value, several are tried on validate.
# MLLM is meant for whole documents, so it may learn from the notes alone.
MLLM = {"mllm-notes": lambda: notes("train"), "mllm-all": train_notes}
OMIKUJI = {"omikuji-words": train_notes, "omikuji-pairs": train_notes}
OWN = {
    "mllm": "backend=mllm\nuse_hidden_labels=True",
    "omikuji": "backend=omikuji\ncluster_balanced=False\ncluster_k=100\nmax_depth=3\nmin_df=2\nngram=",
}
WEIGHTS = ((1, 1), (1, 2), (1, 4), (1, 8), (1, 16))


def configure():
    """Annif reads its folder from the environment, and a file of projects."""
    HOME.mkdir(parents=True, exist_ok=True)
    common = "language=en\nvocab=lists\nanalyzer=snowball(english)\nlimit=100"
    projects = {name: OWN["mllm"] for name in MLLM} | {name: OWN["omikuji"] + str(at) for at, name in enumerate(OMIKUJI, 1)}
    (HOME / "projects.cfg").write_text("".join(f"[{name}]\n{common}\n{own}\n\n" for name, own in projects.items()), encoding="utf-8")
    os.environ |= {"ANNIF_PROJECTS": str(HOME / "projects.cfg"), "ANNIF_DATADIR": str(HOME / "data"), "NLTK_DATA": str(HOME / "nltk")}
    # Annif cuts sentences with NLTK, whose trained tables come from outside PyPI. Empty tables cut at every full stop;
    # MLLM looks for the words of a label within a sentence, Omikuji only at words.
    punkt = HOME / "nltk/tokenizers/punkt_tab/english"
    punkt.mkdir(parents=True, exist_ok=True)
    for name in ("collocations.tab", "sent_starters.txt", "abbrev_types.txt", "ortho_context.tab"):
        (punkt / name).touch()


def vocabulary():
    """Our lists as SKOS: preferred names, plain labels as alternative or hidden names, and what is broader."""
    lines = ["@prefix skos: <http://www.w3.org/2004/02/skos/core#> ."]
    for row in concepts():
        broader = f" ; skos:broader {uri(row['scheme'], row['broader'])}" if row["broader"] else ""
        lines.append(f"{uri(row['scheme'], row['notation'])} a skos:Concept ; skos:prefLabel {json.dumps(row['pref_label'])}@en{broader} .")
    for label in labels(write_out=True):
        if label["kind"] != "pref":
            kind = "hiddenLabel" if label["kind"] == "hidden" else "altLabel"
            lines.append(f"{uri(label['scheme'], label['notation'])} skos:{kind} {json.dumps(label['label'], ensure_ascii=False)}@en .")
    (HOME / "lists.ttl").write_text("\n".join(lines), encoding="utf-8")


def uri(scheme, notation):
    return f"<{BASE}{scheme}/{notation}>"


def learned(kind):
    return json.loads((WORK / f"annif-{kind}.facts.json").read_text())["train_seconds"]


def main(kind):
    configure()
    # After the environment is set, which Annif reads when it is imported.
    import annif
    from annif import registry
    from annif.corpus import Document, DocumentList, SubjectSet
    from annif.vocab import VocabFileSKOS

    codes = [(c["scheme"], c["notation"]) for c in concepts()]
    with annif.create_flask_app().app_context():
        if kind == "mllm":
            # The first of the three loads the lists, from nothing.
            vocabulary()
            registry.get_vocab("lists").load_vocabulary(VocabFileSKOS(str(HOME / "lists.ttl")), force=True)
        index = registry.get_vocab("lists").subjects
        place = {code: index.by_uri(BASE + "/".join(code)) for code in codes}
        columns = [place[code] for code in codes]

        def documents(coded):
            """In memory: Annif's reader of files spends minutes on checking their form."""
            return DocumentList([Document(text=note["text"], subject_set=SubjectSet(place[code] for code in stored(note))) for note in coded])

        # Kept, because the ensembles on validate ask the same of the same two again and again.
        @functools.cache
        def one(project, text):
            return registry.get_project(project).suggest([Document(text=text)]).array.toarray()[0, columns]

        def score(texts, sources):
            """The mean by weight, which is all that Annif's backend `ensemble` does; of one source: its score."""
            total = sum(sources.values())
            return numpy.vstack([sum(one(name, text) * weight for name, weight in sources.items()) / total for text in texts])

        learners = {"mllm": MLLM, "omikuji": OMIKUJI, "ensemble": {}}[kind]
        with Clock() as clock:
            for name, texts in learners.items():
                registry.get_project(name).train(documents(texts()), jobs=1)
        sources = {name: {name: 1} for name in learners}
        if kind == "ensemble":
            a, b = ((HOME / f"{part}.best").read_text() for part in ("mllm", "omikuji"))
            sources = {f"{a} {x}, {b} {y}": {a: x, b: y} for x, y in WEIGHTS}
        candidates = [(name, unit, lambda texts, of=of: score(texts, of)) for name, of in sources.items() for unit in ("note", "sentence")]
        versions = f"Annif {version('annif')}, Omikuji {version('omikuji')}, scikit-learn {version('scikit-learn')}"
        seconds = clock.seconds if learners else sum(learned(part) for part in ("mllm", "omikuji"))
        best = compete(f"annif-{kind}", codes, candidates, versions, seconds, PROBABILITIES)
        (HOME / f"{kind}.best").write_text(best)


if __name__ == "__main__":
    main(sys.argv[1])
