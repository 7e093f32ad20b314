"""What every peer needs: the notes, the lists, a form for answers, and a measure of time and memory.

Only the standard library, so that it runs in both environments.
"""

import csv
import itertools
import json
import re
import time
from pathlib import Path

WORK = Path(__file__).resolve().parent / "work"
# `run` copies gold, lists and calibration here first: an edit in the middle of a run would compare different things.
INPUT = WORK / "input"
SCHEMES = ("need", "incident", "intervention")
# Our evaluator looks at nothing below this, so no peer writes it.
FLOOR = 0.05
PATTERN = re.compile(r"[…()\[\]#@|]")
# How often a reviewer gives the code on these words alone (lexicons/README.md).
STRENGTH = {"strong": 0.9, "fair": 0.7, "": 0.7, "weak": 0.4}


def notes(split):
    """The notes of a split, in the order of the file."""
    with open(INPUT / "gold" / f"{split}.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def train_notes():
    """What a peer may learn from: coded notes, and coded sentences as short texts."""
    return notes("train") + notes("sentences")


def stored(note):
    """The codes that a reviewer would store, as (scheme, notation). The rule is that of src/eval/gold.rs."""

    def counts(code):
        outsider = code["scheme"] == "need" and code["subject"] in ("neighbour", "professional")
        return code["presence"] != "denied" and code["time"] != "hypothetical" and not outsider

    return {(code["scheme"], code["notation"]) for code in note["codes"] if counts(code)}


def concepts():
    """All active concepts as rows of concepts.csv, with `scheme` and `leaf`."""
    rows = []
    for scheme in SCHEMES:
        rows += [row | {"scheme": scheme} for row in table(scheme, "concepts")]
    parents = {(row["scheme"], row["broader"]) for row in rows}
    for row in rows:
        row["leaf"] = (row["scheme"], row["notation"]) not in parents
    return [row for row in rows if row["status"] != "retired"]


def table(scheme, name):
    """The rows of a file of a scheme."""
    with open(INPUT / "lexicons/schemes" / scheme / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def labels(write_out=False):
    """Labels that another tool can match word for word: preferred names, and rows without pattern characters.

    With `write_out` also rows whose choices can be written out as at most 60 phrases. Gaps, numbers and classes cannot.
    """
    known = {(c["scheme"], c["notation"]): c for c in concepts()}
    for (scheme, notation), concept in known.items():
        yield {"scheme": scheme, "notation": notation, "label": concept["pref_label"], "kind": "pref", "strength": "strong", "match": "", "hinted": False}
    for scheme in SCHEMES:
        for row in table(scheme, "labels"):
            if (scheme, row["notation"]) not in known:
                continue
            plain = not PATTERN.search(row["label"])
            for text in [row["label"]] if plain else ways(row["label"]) if write_out else []:
                yield row | {"scheme": scheme, "label": text, "hinted": bool(row["near"] or row["not_near"])}


def ways(label, most=60):
    """All phrases of a label with choices; none if it has gaps, or too many."""
    if re.search("[…#@]", label):
        return []
    parts = re.split(r"(\([^()\[\]]*\)|\[[^()\[\]]*\])", label)
    choices = [[part] if part[:1] not in ("(", "[") else part[1:-1].split("|") + [""] * (part[0] == "[") for part in parts]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > most or any(PATTERN.search(word) for choice in choices for word in choice):
        return []
    return [" ".join("".join(way).split()) for way in itertools.product(*choices)]


def sentences(text):
    """A plain cut at line ends and after full stops; good enough for short notes."""
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+|\n+", text) if re.search(r"\w", s)] or [text]


def write_answers(name, split, answers):
    """Answers in our form. `answers` has for each note its id and (code, confidence, shown, evidence, assertion)."""
    WORK.mkdir(exist_ok=True)
    with open(WORK / f"{name}.{split}.jsonl", "w", encoding="utf-8") as file:
        for note_id, codes in answers:
            found = []
            for (scheme, notation), confidence, shown, evidence, assertion in codes:
                one = {"scheme": scheme, "notation": notation, "confidence": round(min(max(float(confidence), 0.0), 1.0), 4)}
                one |= {"band": "review" if shown else "low", "evidence": [{"start": a, "end": b} for a, b in evidence]}
                found.append(one | ({"assertion": assertion} if assertion else {}))
            file.write(json.dumps({"id": note_id, "offset_unit": "code_point", "suggestions": found}) + "\n")


def write_facts(name, versions, tuned, train_seconds, notes_a_second, measured=True):
    """What the table says of a peer besides its measures."""
    facts = {"versions": versions, "tuned": tuned, "train_seconds": train_seconds, "notes_a_second": notes_a_second}
    (WORK / f"{name}.facts.json").write_text(json.dumps(facts | {"peak_mib": peak_mib() if measured else None}), encoding="utf-8")


def peak_mib():
    """The peak of this process, by the kernel. `ru_maxrss` would count the parent's pages too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


class Clock:
    """Processor seconds of a block. All peers get one thread, and other work on the machine does not count this way."""

    def __enter__(self):
        self.start = time.process_time()
        return self

    def __exit__(self, *_):
        self.seconds = time.process_time() - self.start
